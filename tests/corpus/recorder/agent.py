"""An agent whose screens are recorded."""
import json
import re
import time

from .lab import TESTS, write
from .pane import Pane

# columns and rows
SIZES = [(120, 40), (80, 24), (60, 24), (40, 24), (20, 24)]


class Agent(Pane):
    """One run of an agent, and the recordings of what it shows."""

    # the sizes in which the program stays alive, and those in which it ended once
    sizes = SIZES
    deadly = ()

    def record_sizes(self, name, draft=None, may_be=None, moves=False):
        """Records the screen in all sizes; where it moves all the time, as soon as it is drawn anew."""
        for columns, rows in self.sizes:
            self.lab.tmux("resize-window", "-x", str(columns), "-y", str(rows))
            time.sleep(0.7 if moves else 0.25)
            if not moves:
                self.stand_still()
            if self.is_dead():
                self.avoid(columns)
                return
            if moves and not self.works(self.plain()):
                # the turn was too short
                break
            self.record(f"{name}_{columns}x{rows}", draft, may_be)
        self.lab.tmux("resize-window", "-x", "120", "-y", "40")
        time.sleep(0.25)
        self.stand_still(3)

    def avoid(self, columns):
        """Goes on after the program has ended by itself, without the size where that has happened twice."""
        print(f"{self.backend}: {self.version} has ended in a pane of {columns} columns", flush=True)
        if columns in self.deadly:
            self.sizes = [size for size in self.sizes if size[0] > columns]
        self.deadly = (*self.deadly, columns)
        self.restart()

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
        write(TESTS / "corpus" / self.backend / number / f"{name}.json", text + "\n")
        print(f"{self.backend}/{name}", flush=True)
