"""An agent in a pane: keys, and waiting for what it shows."""
import re
import subprocess
import time

READY = {"claude": "\u276f", "codex": "\u203a", "opencode": "\u2579\u2580"}
# a program starts slowly on a busy machine
START = 60


class Pane:
    """One run of an agent."""

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
        self.wait(READY[self.backend], START)
        self.settle(1.5)
        self.submit("hello")

    def ask(self, form):
        return self.lab.tmux("display-message", "-p", form).rstrip("\n")

    def plain(self):
        return self.lab.tmux("capture-pane", "-p")

    def is_dead(self):
        return self.ask("#{pane_dead}") == "1"

    def cursor_row(self):
        """What stands in the row of the cursor."""
        return self.plain().split("\n")[int(self.ask("#{cursor_y}"))]

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

    def stand_still(self, limit=6):
        """Waits until three looks 300 ms apart show the same."""
        begin, last, same = time.time(), None, 0
        while same < 2 and time.time() - begin < limit:
            now = self.lab.tmux("capture-pane", "-p", "-e") + self.ask("#{cursor_x},#{cursor_y}")
            same = same + 1 if now == last else 0
            last = now
            time.sleep(0.3)

    def keys(self, *names):
        for name in names:
            self.lab.tmux("send-keys", name)
            time.sleep(0.05)

    def press(self, keys):
        """Gives the pane the bytes that the keys of a person send, and waits until nothing moves."""
        self.lab.tmux("send-keys", "-H", *(f"{byte:02x}" for byte in keys.encode()))
        time.sleep(0.3)
        self.stand_still()

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
        """Empties the composer, each agent in its way."""
        if self.backend == "opencode":
            if "exit shell mode" in self.plain():
                self.keys("Escape")
            self.settle()
            row = self.cursor_row().strip(" \u2503")
            if row and not row.startswith("Ask anything"):
                # on an empty composer it would leave
                self.keys("C-c")
        else:
            self.lab.tmux("send-keys", "-N", str(len(draft) + more), "BSpace")
            self.settle()
            # claude leaves the shell mode only by a key that comes by itself
            self.keys("BSpace")
        self.settle()

    def submit(self, text, wait=None):
        """Submits a text and waits until the turn is over, or for a fixed time."""
        self.paste(text, 2)
        self.lab.tmux("send-keys", "Enter")
        if wait:
            time.sleep(wait)
            return
        self.settle(1.2)
        if self.backend == "opencode" and ("[Pasted" in self.plain() or self.still_holds(text)):
            # it was seen to lose an Enter on a busy machine, behind a stand-in and on its first screen
            self.keys("Enter")
            self.settle(1.2)
        for _ in range(3):
            self.wait(lambda screen: not self.works(screen), 90)
            self.settle(1)

    def is_home(self):
        """Whether the empty composer has the cursor, with what stands below it when nothing else is open."""
        rows = [row.strip() for row in self.plain().split("\n") if row.strip()][-5:]
        written = self.cursor_row().strip(" \u2503\u00a0")
        if self.backend == "codex":
            # a window of its own over the conversation leaves the composer in view
            return not re.search(r"esc \u00b7 close|Esc cancel", self.plain()) and written == "\u203a Ask Codex to do anything" and bool(
                re.search(r"for agents|f2 to view|\u00b7 ~/project", rows[-1]))
        if self.backend == "claude" and "--ax-screen-reader" in self.argv:
            return written == "$" and "mode on" in " ".join(rows) and "search prompts" not in rows[-2]
        if self.backend == "claude":
            return written == "\u276f" and bool(
                re.search(r"\? for shortcuts|shift\+tab to cycle|^-- INSERT -- [\u23f5\u23f8]", rows[-1]))
        # a dialog is drawn over the middle of the screen, with the key that closes it at its right edge
        overlay = re.search(r"\s{3}esc(/enter)?(\s{2,}|$)", self.plain(), re.M)
        is_empty = not written or written.startswith("Ask anything")
        foot = any(row.startswith("\u2579\u2580") for row in rows)
        return not overlay and is_empty and foot and "commands" in rows[-1]

    def still_holds(self, command):
        """Whether a command was not taken, but stands in the composer."""
        return self.cursor_row().strip(" \u203a\u276f\u2503\u00a0") == command

    def works(self, screen):
        """Whether a turn runs, by the sign that each agent always shows."""
        if self.backend == "codex":
            return bool(re.match("[\u2800-\u28ff]", self.ask("#{pane_title}")))
        if self.backend == "claude":
            # with the keys of vim, Escape does not interrupt while text is put in, and only the spinner tells of the turn
            spins = "-- INSERT --" in screen and re.search("^[\u00b7\u2722\u2733\u2736\u273b\u273d*] \\S+\u2026", screen, re.M)
            return bool(spins) or "esc to interrupt" in " ".join(screen.rstrip("\n").split("\n")[-4:])
        # opencode shows nothing at all while it opens its first session
        return "\u2579" not in screen or bool(re.search("[\u2b1d\u25a0]{4}", screen))

    def resize(self, columns, rows):
        self.lab.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        self.settle(2)
