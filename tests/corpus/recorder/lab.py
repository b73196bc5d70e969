"""A private home with a model server and a tmux server, for the agents to run in."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
KEY = "sk-ant-no-real-key-at-all-0000000000"


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
    preset = TESTS.parent / "adapters/src/launcher/cafleet.md"
    write(home / ".config/opencode/agents/cafleet.md", preset.read_text(encoding="utf-8"))


class Lab:
    """A private home, model server and tmux server."""

    def __init__(self, agents):
        # codex refuses to work from a home below the folder for temporary files; the name is in the recordings
        self.home = Path(os.environ.get("LAB", "/home/ada"))
        self.home.mkdir()
        self.agents = str(agents)
        self.log = self.home / "model.jsonl"
        server = [sys.executable, str(TESTS / "agents/mock_model.py"), "0", str(self.log)]
        self.model = subprocess.Popen(server, stdout=subprocess.PIPE, text=True)
        port = self.model.stdout.readline().strip()
        prepare_home(self.home, port)
        # the only command that opencode's preset allows
        write(self.home / "bin/cafleet", "#!/bin/sh\nsleep 15\n")
        (self.home / "bin/cafleet").chmod(0o755)
        self.environment = {
            "HOME": str(self.home), "PATH": f"{self.home}/bin:{agents}:/usr/local/bin:/usr/bin:/bin", "TERM": "xterm-256color",
            "LANG": "C.UTF-8", "COLORTERM": "truecolor", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{port}",
            "ANTHROPIC_API_KEY": KEY, "MOCK_API_KEY": "none", "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1", "SHELL": "/bin/sh", "EDITOR": "vi", "VISUAL": "vi",
        }

    def forget(self):
        """Takes away what answers the questions of a first start."""
        for file in (".claude.json", ".codex/config.toml"):
            (self.home / file).unlink()
        # else claude tries the network first, and ends
        self.environment["CLAUDE_CODE_USE_BEDROCK"] = "1"

    def fill(self):
        """Gives the dialogs something to show: a repository with a change in it, and a server of tools."""
        git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.invalid", "-c", "init.defaultBranch=main"]
        for name, text in (("roof.txt", "grey\n"), ("wall.txt", "white\n")):
            write(self.home / "project" / name, text)
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Paint nothing yet"]):
            subprocess.run([*git, *words], cwd=self.home / "project", env=self.environment, check=True)
        write(self.home / "project/roof.txt", "red\n")
        settings = self.home / ".claude.json"
        servers = {"tools": {"command": "cat"}}
        # claude has no /feedback where all traffic that it could do without is off
        quiet = {"DISABLE_AUTOUPDATER": "1", "DISABLE_TELEMETRY": "1", "DISABLE_ERROR_REPORTING": "1"}
        write(self.home / ".claude/settings.json", json.dumps({"env": quiet}))
        write(settings, json.dumps({**json.loads(settings.read_text(encoding="utf-8")), "mcpServers": servers}))

    def edit_as_vim(self):
        """Gives claude's composer the keys of vim."""
        settings = self.home / ".claude/settings.json"
        write(settings, json.dumps({**json.loads(settings.read_text(encoding="utf-8")), "editorMode": "vim"}))

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
        self.end_all()
        self.model.kill()
        self.model.wait()
        # what the agents have begun may still write something
        for _ in range(10):
            time.sleep(0.5)
            shutil.rmtree(self.home, ignore_errors=True)
            if not self.home.exists():
                return

    def end_all(self):
        """Ends what has been started in this home and goes on by itself, as the daemons of codex and claude do."""
        mark = f"HOME={self.home}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGTERM)
            except OSError:
                # it is another's, or has ended
                continue
