#!/usr/bin/env python3
"""Records the screens of the real agents, run offline in a private tmux (see README.md).

usage: record.py AGENTS [BACKEND[:STORY]…]      AGENTS: a folder with claude, codex and opencode in it
STORY: drafts, turns, widths, dialogs, trust or first_run; all of them where none is named
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEY = "sk-ant-no-real-key-at-all-0000000000"
# what opens each dialog, form, picker and overlay, and closes it again; the suite `agents` opens the same
DIALOGS = json.loads((HERE.parent / "agents/dialogs.json").read_text(encoding="utf-8"))
# columns and rows
SIZES = [(120, 40), (80, 24), (60, 24), (40, 24), (20, 24)]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def prepare_home(home, port):
    """Answers every question of a first start, and sends the agents to the model server."""
    project = str(home / "project")
    os.makedirs(project)
    # codex asks for trust only in a repository
    os.makedirs(home / "stranger/.git/refs")
    os.makedirs(home / "stranger/.git/objects")
    write(home / "stranger/.git/HEAD", "ref: refs/heads/main\n")
    write(home / ".claude.json", json.dumps({
        "hasCompletedOnboarding": True,
        "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
        "projects": {project: {"hasTrustDialogAccepted": True}},
    }))
    quiet = {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1"}
    write(home / ".claude/settings.json", json.dumps({"env": quiet}))
    write(home / ".codex/config.toml", f"""
model = "mock-1"
model_provider = "mock"
check_for_update_on_startup = false
[model_providers.mock]
name = "mock"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
env_key = "MOCK_API_KEY"
[analytics]
enabled = false
[projects."{project}"]
trust_level = "trusted"
""")
    provider = {
        "npm": "@ai-sdk/openai-compatible", "name": "Mock", "models": {"mock-1": {"name": "Mock 1"}},
        "options": {"baseURL": f"http://127.0.0.1:{port}/v1", "apiKey": "none"},
    }
    write(home / ".config/opencode/opencode.json", json.dumps({
        "autoupdate": False, "share": "disabled", "model": "mock/mock-1", "small_model": "mock/mock-1",
        "enabled_providers": ["mock"], "provider": {"mock": provider}, "permission": {"bash": "ask"},
    }))
    preset = HERE.parent.parent / "adapters/src/launcher/cafleet.md"
    write(home / ".config/opencode/agents/cafleet.md", preset.read_text(encoding="utf-8"))


class Lab:
    """A private home, model server and tmux server."""

    def __init__(self, agents, is_new=False):
        # codex refuses to work from a home below the folder for temporary files; the name is in the recordings
        self.home = Path(os.environ.get("LAB", "/home/ada"))
        self.home.mkdir()
        self.agents = str(agents)
        self.log = self.home / "model.jsonl"
        server = [sys.executable, str(HERE.parent / "agents/mock_model.py"), "0", str(self.log)]
        self.model = subprocess.Popen(server, stdout=subprocess.PIPE, text=True)
        port = self.model.stdout.readline().strip()
        prepare_home(self.home, port)
        if is_new:
            for file in (".claude.json", ".codex/config.toml"):
                (self.home / file).unlink()
        self.environment = {
            "HOME": str(self.home), "PATH": f"{agents}:/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color",
            "LANG": "C.UTF-8", "COLORTERM": "truecolor", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
            "ANTHROPIC_API_KEY": KEY, "MOCK_API_KEY": "none", "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1", "SHELL": "/bin/sh", "EDITOR": "vi", "VISUAL": "vi",
        }

    def tmux(self, *words, text=None):
        command = ["tmux", "-S", str(self.home / "tmux"), "-f", "/dev/null", *words]
        done = subprocess.run(command, input=text, env=self.environment, capture_output=True, text=True,
                              encoding="utf-8", timeout=10)
        if done.returncode:
            raise RuntimeError(f"tmux {' '.join(words)}: {done.stderr}")
        return done.stdout

    def close(self):
        try:
            self.tmux("kill-server")
        except RuntimeError:
            # it has ended by itself
            pass
        self.model.kill()
        self.model.wait()
        time.sleep(0.5)
        shutil.rmtree(self.home, ignore_errors=True)


class Agent:
    """One run of an agent in a pane."""

    def __init__(self, lab, backend, argv, columns=120, rows=40, folder="project"):
        self.lab, self.backend, self.argv = lab, backend, argv
        lab.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), "-c", str(lab.home / folder), *argv)
        lab.tmux("set-option", "-w", "remain-on-exit", "on")
        self.version = subprocess.run([argv[0], "--version"], env=lab.environment, capture_output=True, text=True,
                                      check=True).stdout.strip()

    def restart(self):
        """Starts anew where a dialog could not be left."""
        self.lab.tmux("resize-window", "-x", "120", "-y", "40")
        self.lab.tmux("respawn-pane", "-k", "-c", str(self.lab.home / "project"), *self.argv)
        self.wait(READY[self.backend])
        self.settle(1.5)
        self.submit("hello")

    def ask(self, form):
        return self.lab.tmux("display-message", "-p", form).rstrip("\n")

    def plain(self):
        return self.lab.tmux("capture-pane", "-p")

    def wait(self, wanted, limit=20):
        """Waits until the pattern `wanted` stands on the screen (or a predicate holds); returns the seconds."""
        begin = time.time()
        holds = wanted if callable(wanted) else lambda screen: re.search(wanted, screen)
        while not holds(self.plain()):
            if time.time() - begin > limit:
                raise TimeoutError(f"{self.backend}: {wanted!r} never came:\n{self.plain()}")
            time.sleep(0.02)
        return time.time() - begin

    def settle(self, quiet=0.5, limit=8):
        """Waits until the screen has not changed for a while."""
        last, since, begin = None, time.time(), time.time()
        while time.time() - since < quiet and time.time() - begin < limit:
            now = self.plain() + self.ask("#{cursor_x},#{cursor_y}")
            if now != last:
                last, since = now, time.time()
            time.sleep(0.05)

    def keys(self, *names):
        for name in names:
            self.lab.tmux("send-keys", name)
            time.sleep(0.05)

    def press(self, keys):
        """Gives the pane the bytes that the keys of a person send, and waits until nothing moves."""
        self.lab.tmux("send-keys", "-H", *(f"{byte:02x}" for byte in keys.encode()))
        time.sleep(0.3)
        self.stand_still()

    def stand_still(self, limit=6):
        """Waits until two looks 300 ms apart show the same."""
        begin, last = time.time(), None
        while time.time() - begin < limit:
            now = self.lab.tmux("capture-pane", "-p", "-e") + self.ask("#{cursor_x},#{cursor_y}")
            if now == last:
                return
            last = now
            time.sleep(0.3)

    def is_home(self):
        """Whether the empty composer is there, with what stands below it when nothing else is open."""
        rows = [row.strip() for row in self.plain().split("\n") if row.strip()][-5:]
        if self.backend == "codex":
            return "\u203a Ask Codex to do anything" in rows and bool(re.search("for agents|f2 to view", rows[-1]))
        if self.backend == "claude":
            return "\u276f" in rows and bool(re.search(r"\? for shortcuts|shift\+tab to cycle", rows[-1]))
        # a dialog is drawn over the middle of the screen, with the key that closes it at its right edge
        overlay = re.search(r"\s{3}esc(/enter)?(\s{2,}|$)", self.plain(), re.M)
        return not overlay and any(row.startswith("\u2579\u2580") for row in rows) and "commands" in rows[-1]

    def still_holds(self, command):
        """Whether a command was not taken, but stands in the composer."""
        rows = [row.strip(" \u203a\u276f\u2503\u00a0") for row in self.plain().split("\n") if row.strip()]
        return command in rows[-6:]

    def type(self, text):
        self.lab.tmux("send-keys", "-l", "--", text)
        self.settle()

    def paste(self, text, limit=8):
        self.lab.tmux("load-buffer", "-b", "b", "-", text=text)
        before = self.plain()
        self.lab.tmux("paste-buffer", "-d", "-p", "-r", "-b", "b")
        try:
            self.wait(lambda screen: screen != before, 2)
        except TimeoutError:
            # a dialog shows nothing
            pass
        self.settle(limit=limit)

    def clear(self, draft="", more=4):
        """Empties the composer, each agent in its way; one more backspace leaves the shell mode."""
        if self.backend == "opencode":
            if "exit shell mode" in self.plain():
                self.keys("Escape")
            self.settle()
            row = self.plain().split("\n")[int(self.ask("#{cursor_y}"))].strip(" \u2503")
            if row and not row.startswith("Ask anything"):
                # on an empty composer it would leave
                self.keys("C-c")
        else:
            self.lab.tmux("send-keys", "-N", str(len(draft) + more), "BSpace")
        self.settle()

    def submit(self, text, wait=None):
        """Submits a text and waits until the turn is over, or for a fixed time."""
        self.paste(text, 2)
        self.lab.tmux("send-keys", "Enter")
        if wait:
            time.sleep(wait)
        else:
            self.settle(1.2)
            if self.backend == "opencode" and "[Pasted" in self.plain():
                # it was seen to lose an Enter behind a stand-in, on a busy machine
                self.keys("Enter")
                self.settle(1.2)
            for _ in range(3):
                self.wait(lambda screen: not self.works(screen), 90)
                self.settle(1)

    def works(self, screen):
        """Whether a turn runs, by the sign that each agent always shows."""
        if self.backend == "codex":
            return bool(re.match("[\u2800-\u28ff]", self.ask("#{pane_title}")))
        if self.backend == "claude":
            return "esc to interrupt" in screen.rstrip("\n").split("\n")[-1]
        # opencode shows nothing at all while it opens its first session
        return "\u2579" not in screen or bool(re.search("[\u2b1d\u25a0]{4}", screen))

    def resize(self, columns, rows):
        self.lab.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self.settle(2)

    def record_sizes(self, name, draft=None, may_be=None, moves=False):
        """Records the screen in all sizes; where it moves all the time, as soon as it is drawn anew."""
        for columns, rows in SIZES:
            self.lab.tmux("resize-window", "-x", str(columns), "-y", str(rows))
            time.sleep(0.7 if moves else 0.25)
            if not moves:
                self.stand_still()
            elif not self.works(self.plain()):
                # the turn was too short
                break
            narrow = may_be or (["asking", "unknown"] if name.startswith("asking") and columns == 20 else None)
            self.record(f"{name}_{columns}x{rows}", draft, narrow)
        self.lab.tmux("resize-window", "-x", "120", "-y", "40")
        time.sleep(0.25)
        self.stand_still(3)

    def record(self, name, draft=None, may_be=None):
        """Writes what stands on the screen; `name` begins with the state."""
        state = name.split("-")[0]
        width, height, x, y = map(int, self.ask("#{pane_width} #{pane_height} #{cursor_x} #{cursor_y}").split())
        shot = {
            "backend": self.backend, "version": self.version, "state": state, **({"may_be": may_be} if may_be else {}),
            "columns": width, "rows": height,
            "cursor": [x, y], "command": self.ask("#{pane_current_command}"),
            "title": self.ask("#{pane_title}"), "draft": draft,
            "screen": self.lab.tmux("capture-pane", "-p", "-e").split("\n")[:height],
        }
        number = re.search(r"\d+(\.\d+)+", self.version)[0]
        text = json.dumps(shot, ensure_ascii=False, separators=(",", ":"))
        text = text.replace(str(self.lab.home), "/home/ada").replace(self.lab.agents, "/usr/bin")
        write(HERE / self.backend / number / f"{name}.json", text + "\n")
        print(f"{self.backend}/{name}", flush=True)


HEADER = "[cafleet msg 12 from 3 2026-04-15T10:00:00.123456+00:00]"
BODIES = {"10": "ready now.", "200": ("a body that is as long as it gets; " * 6)[:200]}
PROSE = "\n\n".join([
    "> quoted: do you want to proceed?", "Would you like to run the following command?", "\u276f 1. Yes", "  2. No",
    "Do you want to proceed?", "\u203a Ask Codex to do anything", "Working (3s \u2022 esc to interrupt)", "\u2500" * 30,
    "\u276f hello", "\u2500" * 30, "Permission required", "Allow once   Allow always   Reject", "Esc to cancel",
])
READY = {"claude": "\u276f", "codex": "\u203a", "opencode": "\u2579\u2580"}
# as a member runs, and as it runs when it asks
ARGV = {
    "claude": (["--permission-mode", "dontAsk", "--name", "Ada"], ["--permission-mode", "default"]),
    "codex": (["--no-daemon", "--ask-for-approval", "never", "--sandbox", "workspace-write"],
              ["--no-daemon", "--ask-for-approval", "on-request", "--sandbox", "workspace-write"]),
    "opencode": (["--agent", "cafleet"], ["--agent", "build"]),
}


def drafts(agent):
    for name, key in [("bang", "!"), ("slash", "/")]:
        agent.type(key)
        agent.record(f"composing-{name}")
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
    agent.submit("[[sh sleep 4]]", 2)
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


def widths(agent):
    """Every state but those of dialogs, in all sizes."""
    agent.record_sizes("at_rest-fresh")
    agent.submit("hello")
    agent.record_sizes("at_rest-after_turn")
    for name, key in [("completion", "/"), ("files", "@")]:
        agent.type(key)
        agent.record_sizes(f"composing-{name}")
        agent.clear(key)
    for name, text in [("one_line", "half a thought"), ("some_lines", "one\ntwo")]:
        agent.paste(text)
        agent.record_sizes(f"composing-{name}", draft=text)
        agent.clear(text)
    agent.paste("many lines\n" * 120)
    agent.record_sizes("composing-stand_in")
    agent.clear(more=20 if agent.backend != "codex" else 3)
    agent.submit("[[slow 14]]", 2)
    agent.record_sizes("working-streaming", moves=True)
    agent.settle(2, 30)
    if agent.backend != "codex":
        # codex shows nothing of it
        agent.submit("[[slow 20]]", 2)
        agent.submit("and more", 0.5)
        agent.record_sizes("working-queue", moves=True)
        agent.settle(2, 30)
    agent.submit("[[sh sleep 12]]", 2)
    agent.record_sizes("working-command", moves=True)


# what a dialog, form, picker or overlay may be read as
NO_REST = ["asking", "composing", "unknown"]


def dialogs(agent):
    """Everything that keys or the model open in place of the composer."""
    agent.record("at_rest-asks_first")
    agent.submit("hello")
    for dialog in DIALOGS[agent.backend]:
        name = f"{dialog.get('state', 'asking')}-{dialog['name']}"
        for step in dialog["open"]:
            if isinstance(step, str):
                agent.press(step)
                continue
            agent.paste(step["model"], 2)
            agent.press("\r")
            try:
                agent.wait(lambda screen: not agent.is_home() and not agent.works(screen), 8)
            except TimeoutError:
                # the model may not call this tool
                pass
            time.sleep(0.7)
            agent.stand_still()
        command = dialog["open"][0]
        if agent.is_home() or isinstance(command, str) and agent.still_holds(command):
            print(f"{agent.backend}/{name}: this version has it not", flush=True)
        else:
            agent.record_sizes(name, may_be=None if dialog.get("asks") else NO_REST)
        for keys in dialog.get("close", ["\x1b"]) + ["\x1b"]:
            if not agent.is_home() and agent.ask("#{pane_dead}") == "0":
                agent.press(keys)
        if not agent.is_home():
            agent.restart()


def record(agents, backend, only=""):
    program = f"{agents}/{backend}"
    member, asking = ARGV[backend]
    stories = [(member, drafts), (member, turns), (member, widths), (asking, dialogs)]
    if backend == "claude":
        stories.append((member + ["--ax-screen-reader"], screen_reader))
    for argv, story in stories:
        if only in story.__name__:
            in_lab(agents, lambda lab: tell(lab, backend, [program, *argv], story))
    if only in "trust":
        in_lab(agents, lambda lab: trust(lab, backend, [program, *member]))
    if only in "first_run" and backend != "opencode":
        in_lab(agents, lambda lab: first_run(lab, backend, [program]), is_new=True)


def in_lab(agents, run, is_new=False):
    lab = Lab(agents, is_new)
    try:
        run(lab)
    except (TimeoutError, RuntimeError, subprocess.SubprocessError) as error:
        # what the other stories record still counts
        traceback.print_exception(error)
    finally:
        lab.close()


def tell(lab, backend, argv, story):
    agent = Agent(lab, backend, argv)
    agent.wait(READY[backend] if story is not screen_reader else r"\$ *\n*$")
    agent.settle(1.5)
    story(agent)


def screen_reader(agent):
    """claude's mode for people who have their screen read to them has no frame."""
    agent.record_sizes("at_rest-screen_reader", may_be=["at_rest", "unknown"])
    agent.type("half a thought")
    agent.record_sizes("composing-screen_reader", may_be=["composing", "unknown"])


def trust(lab, backend, argv):
    """claude and codex ask whether they may work in a folder that they do not know."""
    if backend == "opencode":
        return
    agent = Agent(lab, backend, argv, folder="stranger")
    agent.wait("[Tt]rust")
    agent.settle(1)
    agent.record("asking-trust")
    agent.record_sizes("asking-trusts", may_be=NO_REST)


def first_run(lab, backend, argv):
    """What is asked before there is any configuration: each Enter takes what is proposed, up to the way to sign in."""
    agent = Agent(lab, backend, argv)
    for number in (1, 2, 3):
        agent.wait(r"\S")
        agent.settle(1.5)
        agent.record_sizes(f"asking-first_run_{number}", may_be=NO_REST)
        if backend == "codex" or re.search("[Ll]og ?in|[Ss]ign in", agent.plain()):
            return
        agent.press("\r")


if __name__ == "__main__":
    for one in sys.argv[2:] or list(ARGV):
        record(os.path.abspath(sys.argv[1]), *one.split(":"))
