"""What is recorded but for the dialogs."""
import re
import time

from .agent import Agent
from .dialogs import DIALOGS, NO_REST, show
from .pane import START

HEADER = "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]"
BODIES = {"10": "ready now.", "200": ("a body that is as long as it gets; " * 6)[:200]}
PROSE = "\n\n".join([
    "> quoted: do you want to proceed?", "Would you like to run the following command?", "\u276f 1. Yes", "  2. No",
    "Do you want to proceed?", "\u203a Ask Codex to do anything", "Working (3s \u2022 esc to interrupt)", "\u2500" * 30,
    "\u276f hello", "\u2500" * 30, "Permission required", "Allow once   Allow always   Reject", "Esc to cancel",
])
# what opencode's preset denies ends at once; the lab has a `cafleet` that takes as long
COMMANDS = {"claude": "sleep 15", "codex": "sleep 15", "opencode": "cafleet --fleet-id 1 message poll"}


def drafts(agent):
    for name, key in [("bang", "!"), ("slash", "/")]:
        agent.type(key)
        agent.record(f"composing-{name}", may_be=NO_REST if key == "/" else None)
        agent.clear(key)
    agent.type("!")
    agent.type("ls -l")
    agent.record("composing-shell", draft="ls -l")
    agent.clear("!ls -l")
    for name, text in [("line", "half a thought"), ("two_lines", "one\ntwo"), ("blank_line", "one\n\ntwo")]:
        agent.paste(text)
        agent.record(f"composing-{name}", draft=text)
        agent.clear(text)
    # more than 1,000 characters: codex shows whatever is shorter
    agent.paste("many lines\n" * 120)
    agent.record("composing-collapsed")
    agent.clear(more=20 if agent.backend != "codex" else 3)
    # the last is the smallest pane that a member gets
    for columns, rows in [(120, 40), (80, 24), (40, 24), (40, 10)]:
        size = f"{columns}x{rows}"
        agent.resize(columns, rows)
        if agent.backend == "opencode" and rows == 10:
            # its first screen draws over itself there; a member has left it with its first prompt
            agent.record(f"unknown-first_{size}")
            agent.submit("hello")
        agent.record(f"at_rest-empty_{size}")
        for length, body in BODIES.items():
            text = f"{HEADER}\n{body}"
            agent.paste(text)
            agent.record(f"composing-preview{length}_{size}", draft=text)
            agent.clear(text)
        # the header alone first: a long paste collapses, a short one stays
        agent.paste(HEADER)
        agent.paste("\n" + BODIES["200"])
        agent.record(f"composing-in_two_{size}", draft=f"{HEADER}\n{BODIES['200']}")
        agent.clear(HEADER + BODIES["200"])
    agent.resize(120, 40)


def turns(agent):
    for text in (f"{HEADER}\n{BODIES['10']}", f"{HEADER}\n{BODIES['200']}"):
        agent.submit(text)
    agent.record("at_rest-turn_120")
    agent.resize(40, 24)
    agent.record("at_rest-turn_40")
    agent.submit("[[slow 4]]", 2)
    agent.record("working-40")
    agent.settle(1.5, 30)
    agent.resize(120, 40)
    agent.submit("[[slow 20]]", 2)
    agent.record("working-120")
    agent.lab.tmux("send-keys", "-l", "half a thought")
    agent.wait("half a thought")
    time.sleep(0.5)
    agent.record("composing-working", draft="half a thought")
    agent.clear("half a thought")
    agent.settle(2, 30)
    if agent.backend != "codex":
        agent.submit("[[slow 20]]", 2)
        agent.submit(f"{HEADER}\nready now.", 1)
        agent.record("working-queued")
        agent.settle(2, 25)
    begin(agent, f"[[sh {COMMANDS[agent.backend]}]]")
    agent.record("working-tool")
    agent.settle(2, 30)
    agent.submit(f"[[say {PROSE}]]")
    agent.record("at_rest-prose_120")
    agent.resize(40, 24)
    agent.record("at_rest-prose_40")
    # wide enough for the column that opencode shows at the right
    agent.resize(170, 40)
    agent.record("at_rest-turn_170")
    agent.paste(f"{HEADER}\n{BODIES['10']}")
    agent.record("composing-preview10_170", draft=f"{HEADER}\n{BODIES['10']}")


def begin(agent, prompt):
    """Begins a turn, and waits until its sign is there."""
    agent.submit(prompt, 0.3)
    agent.wait(agent.works)
    time.sleep(0.7)


def widths(agent):
    """Every state but those of dialogs, in all sizes."""
    agent.record_sizes("at_rest-fresh")
    agent.submit("hello")
    agent.record_sizes("at_rest-after_turn")
    for name, key in [("completion", "/"), ("files", "@")]:
        agent.type(key)
        agent.record_sizes(f"composing-{name}", may_be=NO_REST)
        agent.clear(key)
    for name, text in [("one_line", "half a thought"), ("some_lines", "one\ntwo")]:
        agent.paste(text)
        agent.record_sizes(f"composing-{name}", draft=text)
        agent.clear(text)
    agent.paste("many lines\n" * 120)
    agent.record_sizes("composing-stand_in")
    agent.clear(more=20 if agent.backend != "codex" else 3)
    agent.submit("[[slow 20]]", 2)
    agent.record_sizes("working-streaming", moves=True)
    agent.settle(2, 30)
    if agent.backend != "codex":
        # codex shows nothing of it
        agent.submit("[[slow 20]]", 2)
        agent.submit("and more", 0.5)
        agent.record_sizes("working-queue", moves=True)
        agent.settle(2, 30)
    begin(agent, f"[[sh {COMMANDS[agent.backend]}]]")
    agent.record_sizes("working-command", moves=True)
    agent.settle(2, 30)
    if agent.backend == "codex":
        # where nothing has been typed yet, a paste and an Enter do the same as in the other mode
        agent.submit("/vim")
        agent.record_sizes("at_rest-vim", may_be=["at_rest", "unknown"])


def vim(agent):
    """claude with the keys of vim: it starts in INSERT, and its footer tells every mode but NORMAL."""
    agent.record_sizes("at_rest-vim_insert")
    agent.paste("half a thought")
    agent.record_sizes("composing-vim_insert_line", draft="half a thought")
    agent.press("\x1b")
    agent.press("v")
    agent.record_sizes("unknown-vim_visual_draft", may_be=NO_REST)
    agent.press("\x1b")
    agent.record_sizes("composing-vim_normal_line", draft="half a thought")
    agent.press("dd")
    agent.record_sizes("at_rest-vim_normal")
    # a paste goes around what waits for a further key, and an Enter submits
    for name, key in [("delete", "d"), ("replace", "r"), ("find", "f")]:
        agent.press(key)
        agent.record_sizes(f"at_rest-vim_{name}")
        agent.press("\x1b")
    # an Enter does not submit here
    for name, key in [("visual", "v"), ("visual_line", "V")]:
        agent.press(key)
        agent.record_sizes(f"unknown-vim_{name}", may_be=NO_REST)
        agent.press("\x1b")
    agent.press("i")
    agent.submit("hello")
    agent.record_sizes("at_rest-vim_later")
    agent.submit("[[slow 20]]", 2)
    agent.record_sizes("working-vim_insert", moves=True)
    agent.settle(2, 30)
    for mode in (1, 2, 3):
        agent.press("\x1b[Z")
        agent.record_sizes(f"at_rest-vim_insert_{mode}")
    agent.press("\x1b")
    for name, keys in [("search", "/"), ("search_typed", "no")]:
        agent.press(keys)
        agent.record_sizes(f"unknown-vim_{name}", may_be=NO_REST)


def vim_questions(agent):
    """The field of claude's question tool has the keys of vim too, and tells their mode."""
    agent.submit("hello")
    for dialog in DIALOGS["claude"]:
        if dialog["name"] in ("question_on_type", "question_typed"):
            show(agent, {**dialog, "name": f"vim_{dialog['name']}"})


def screen_reader(agent):
    """claude's mode for people who have their screen read to them has no frame."""
    agent.record_sizes("at_rest-reader_fresh")
    agent.submit("hello")
    agent.record_sizes("at_rest-reader_later")
    for name, text in [("line", "half a thought"), ("lines", "one\ntwo"), ("preview", f"{HEADER}\n{BODIES['10']}")]:
        agent.paste(text)
        agent.record_sizes(f"composing-reader_{name}", draft=text)
        agent.clear(text)
    agent.paste("many lines\n" * 120)
    agent.record_sizes("composing-reader_stand_in")
    agent.clear(more=20)
    for name, key in [("completion", "/"), ("shell", "!"), ("files", "@")]:
        agent.type(key)
        agent.record_sizes(f"composing-reader_{name}", may_be=NO_REST)
        agent.clear(key)
    agent.submit("[[slow 20]]", 2)
    agent.record_sizes("working-reader", moves=True)
    agent.settle(2, 30)
    for dialog in READER_DIALOGS:
        show(agent, dialog)


# a few of each kind: questions, pickers, a search, views
READER_DIALOGS = [
    {"name": "reader_permission", "asks": True, "open": [{"model": "[[ask touch /etc/cafleet-never]]"}]},
    {"name": "reader_model", "open": ["/model", "\r"]},
    {"name": "reader_config", "open": ["/config", "\r"]},
    {"name": "reader_resume", "open": ["/resume", "\r"]},
    {"name": "reader_add_dir", "open": ["/add-dir", "\r"]},
    {"name": "reader_rewind", "open": ["\x1b\x1b"]},
    {"name": "reader_history", "open": ["\x12"], "state": "unknown"},
    {"name": "reader_history_typed", "open": ["\x12", "hel"], "state": "unknown"},
    {"name": "reader_shortcuts", "open": ["?"], "close": ["\x7f"], "state": "composing"},
    {"name": "reader_transcript", "open": ["\x0f"], "close": ["\x0f"], "state": "unknown"},
]


def trust(lab, backend, argv):
    """claude and codex ask whether they may work in a folder that they do not know."""
    if backend == "opencode":
        return
    agent = Agent(lab, backend, argv, folder="stranger")
    agent.wait("[Tt]rust", START)
    agent.settle(1)
    agent.record("asking-trust")
    agent.record_sizes("asking-trusts", may_be=NO_REST)


def first_run(lab, backend, argv):
    """What is asked before there is any configuration: each Enter takes what is proposed, up to the way to sign in."""
    agent = Agent(lab, backend, argv)
    for number in (1, 2, 3):
        agent.wait(r"\S", START)
        agent.settle(1.5)
        if agent.is_dead():
            print(f"{backend}: {agent.version} does not start without configuration", flush=True)
            return
        agent.record_sizes(f"asking-first_run_{number}", may_be=NO_REST)
        if backend == "codex" or re.search("[Ll]og ?in|[Ss]ign in", agent.plain()):
            return
        agent.press("\r")
