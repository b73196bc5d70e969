"""Everything that keys or the model open in place of the composer."""
import json
import time

from .lab import TESTS

# what opens each dialog, form, picker and overlay, and closes it again; the suite `agents` opens the same
DIALOGS = json.loads((TESTS / "agents/dialogs.json").read_text(encoding="utf-8"))
# what a dialog, form, picker or overlay may be read as
NO_REST = ["asking", "composing", "unknown"]


def dialogs(agent, names=()):
    """Opens and records all of them, or those with these names."""
    if not names:
        agent.record("at_rest-asks_first")
    agent.submit("hello")
    for dialog in DIALOGS[agent.backend]:
        if not names or dialog["name"] in names:
            show(agent, dialog)
    if agent.backend == "claude" and (not names or "diff" in names):
        panel(agent)


def panel(agent):
    """Records what newer versions of claude have opened beside the conversation instead; the composer keeps the keys."""
    if agent.is_home() and "\u2502" in agent.plain():
        agent.record_sizes("at_rest-diff_panel")


def show(agent, dialog):
    name = f"{dialog.get('state', 'asking')}-{dialog['name']}"
    for step in dialog["open"]:
        take(agent, step)
    if agent.is_dead() or agent.is_home() or is_refused(agent, dialog):
        print(f"{agent.backend}/{name}: this version has it not", flush=True)
    else:
        agent.record_sizes(name, may_be=None if dialog.get("asks") else NO_REST)
    for keys in dialog.get("close", ["\x1b"]) + ["\x1b"]:
        if not agent.is_home() and not agent.is_dead():
            agent.press(keys)
    if not agent.is_home():
        agent.restart()


def is_refused(agent, dialog):
    """Takes a command back that this version does not know, and tells whether there was one."""
    command = dialog["open"][0]
    refused = isinstance(command, str) and command.startswith("/") and agent.still_holds(command)
    if refused:
        agent.clear(command)
    return refused


def take(agent, step):
    """Presses keys, or has the model do something."""
    if isinstance(step, str):
        agent.press(step)
        return
    agent.paste(step["model"], 2)
    agent.press("\r")
    try:
        agent.wait(lambda screen: not agent.is_home() and not agent.works(screen), 8)
    except TimeoutError:
        # the model may not call this tool
        pass
    time.sleep(0.7)
    agent.stand_still()
