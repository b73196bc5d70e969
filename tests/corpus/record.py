#!/usr/bin/env python3
"""Records the screens of the real agents, run offline in a private tmux (see README.md).

usage: record.py AGENTS [BACKEND[:STORY[:DIALOG,…]]…]      AGENTS: a folder with claude, codex and opencode in it
STORY: drafts, turns, widths, dialogs, vim, screen_reader, trust or first_run; all of them where none is named
DIALOG: one of the names in tests/agents/dialogs.json; all of them where none is named
"""
import os
import subprocess
import sys
import traceback

sys.dont_write_bytecode = True
from recorder.agent import Agent
from recorder.dialogs import dialogs
from recorder.lab import Lab
from recorder.pane import READY, START
from recorder.stories import drafts, first_run, screen_reader, trust, turns, vim, vim_questions, widths

# as a member runs, and as it runs when it asks
ARGV = {
    "claude": (["--permission-mode", "dontAsk", "--name", "Ada"], ["--permission-mode", "default"]),
    "codex": (["--no-daemon", "--ask-for-approval", "never", "--sandbox", "workspace-write"],
              ["--no-daemon", "--ask-for-approval", "on-request", "--sandbox", "workspace-write"]),
    "opencode": (["--agent", "cafleet"], ["--agent", "build"]),
}


def record(agents, backend, only="", names=""):
    program = f"{agents}/{backend}"
    member, asking = (known(program, words) for words in ARGV[backend])
    bare = known(program, ["--no-daemon"] if backend == "codex" else [])
    chosen = names.split(",") if names else ()
    stories = [(member, drafts), (member, turns), (member, widths)]
    for argv, story in stories:
        if only in story.__name__:
            in_lab(agents, lambda lab: tell(lab, backend, argv, story))
    if only in "dialogs":
        in_lab(agents, lambda lab: tell(lab, backend, asking, lambda agent: dialogs(agent, chosen)), Lab.fill)
    if only in "vim" and backend == "claude":
        in_lab(agents, lambda lab: tell(lab, backend, member, vim), Lab.edit_as_vim)
        in_lab(agents, lambda lab: tell(lab, backend, asking, vim_questions), Lab.edit_as_vim)
    if only in "screen_reader" and backend == "claude":
        in_lab(agents, lambda lab: tell(lab, backend, [*asking, "--ax-screen-reader"], screen_reader, r"\$ *\n*$"))
    if only in "trust":
        in_lab(agents, lambda lab: trust(lab, backend, member))
    if only in "first_run" and backend != "opencode":
        in_lab(agents, lambda lab: first_run(lab, backend, bare), Lab.forget)


def known(program, words):
    """The program with these words, but for a flag that the version does not know."""
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    return [program, *(word for word in words if word != "--no-daemon" or word in told.stdout)]


def in_lab(agents, run, prepare=None):
    lab = Lab(agents)
    try:
        if prepare:
            prepare(lab)
        run(lab)
    except (TimeoutError, RuntimeError, subprocess.SubprocessError) as error:
        # what the other stories record still counts
        traceback.print_exception(error)
    finally:
        lab.close()


def tell(lab, backend, argv, story, ready=None):
    agent = Agent(lab, backend, argv)
    agent.wait(ready or READY[backend], START)
    agent.settle(1.5)
    story(agent)


if __name__ == "__main__":
    for one in sys.argv[2:] or list(ARGV):
        record(os.path.abspath(sys.argv[1]), *one.split(":"))
