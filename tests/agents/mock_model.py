#!/usr/bin/env python3
"""A model server on loopback with which claude, codex and opencode run offline.

It speaks the streaming form of Anthropic Messages, OpenAI Responses and OpenAI Chat Completions. What the "model"
does is written in the newest message of the user. Calls are made one after another, each once the one before has been
answered; then the turn ends with `done`. Of the others the first one counts:

    [[sh COMMAND]]   call the agent's shell tool; {task} in it is the number in the header of a message
    [[ask COMMAND]]  the same, and have codex ask a person first (the others ask by their own rules)
    [[tool NAME {…}]] call the tool NAME with these arguments, in JSON
    [[slow SECONDS]] stream words for that long
    [[say TEXT]]     answer TEXT, in which \\n is a line break
    the first prompt of a member: send `ready` to the Director, by the command that the prompt names
    anything else    answer `heard`

With --dutiful the model does what a conversation asks for as a whole, however its messages come to be joined or its turns
to be cut off: each `[cafleet msg …]` in it is acknowledged once, and each line that begins with `cafleet ` is run. Behind
such a header count, next to [[ask …]], [[tool …]] and [[slow …]]:

    [[pass ID ID …]] send what stands before this to the first ID, with [[pass …]] for the others

The log proves what reached the model, one JSON object a line: `at`, the seconds since 1970; `agent`, the number that the
first prompt names; `text`, the newest message of the user; `answered`, how many tools have answered since; `users`, all
messages of the user; or `at`, `text` and `ended`: whether the agent took the answer to its end.

With --script the model follows rules, a list of {"on": TEXT, "do": [[KIND, COMMAND], …]}: the first one whose TEXT stands in
the newest message makes its calls, kinds as above. Its notes then also say which skills of cafleet the agent was offered
(`skills`), and what its tools have answered (`results`).

usage: mock_model.py PORT LOG [--dutiful | --script FILE]
"""
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# claude puts what it showed a stand-in for between these, on lines of their own
WRAPPER = re.compile(r"\n*</?pasted_content[^>]*>\n*")
# claude puts a message that comes in the middle of a turn between these
FRAME = re.compile(r"^The user sent a new message while you were working:\n|^This is how Claude Code surfaces messages .*$", re.M)
ADDED_BY_AGENT = re.compile(r"<([a-zA-Z_ -]+)[^>]*>.*?</\1>", re.S)
READY = re.compile(r"DIRECTOR AGENT ID: (?P<director>\d+).*Write to an agent: (?P<send>cafleet .*? --to) <id>", re.S)
TASK = re.compile(r"^\[cafleet msg (\d+) ")
DIRECTIVE = re.compile(r"\[\[(sh|ask|tool|slow|say) (.*?)\]\]", re.S)
IDS = re.compile(r"FLEET ID: (\d+)\s+YOUR AGENT ID: (\d+)")
PREVIEW = re.compile(r"^\[cafleet msg (\d+) from \d+ [^\]]*\]$", re.M)
PASS = re.compile(r"^(.*?)\[\[pass (\d+)((?: \d+)*)\]\]", re.S)
POLL = re.compile(r"^cafleet --fleet-id \d+(?:-[0-9a-f]+)? message poll --agent-id \d+", re.M)
# claude hands a skill over as if the user had said it
SKILL_TEXT = "Base directory for this skill: "
OFFERED = re.compile(r"(?:\\n- |<name>)(cafleet[a-z-]*)(?:: |</name>)")
SHELLS = {"Bash": "command", "bash": "command", "shell_command": "command", "exec_command": "cmd"}


def words(content):
    """The text of a message's content, which is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content or [] if isinstance(part, dict))


def conversation(request):
    """All messages of the user, and how many tools have answered since the newest.

    Text beside the answer of a tool is a message that was queued while the tool ran.
    """
    users, answered = [], 0
    for item in request.get("messages") or request.get("input") or []:
        content = item.get("content")
        kinds = [part.get("type") for part in content if isinstance(part, dict)] if isinstance(content, list) else []
        if item.get("role") == "tool" or item.get("type", "").endswith("_output"):
            answered += 1
        answered += kinds.count("tool_result")
        if item.get("role") == "user":
            if SKILL_TEXT in words(content):
                continue
            said = FRAME.sub("", ADDED_BY_AGENT.sub("", WRAPPER.sub("\n", words(content)))).strip()
            if said:
                users.append(said)
                answered = 0
    return users or [""], answered


def skills(request):
    """The skills of cafleet that the agent was told it has."""
    return sorted(set(OFFERED.findall(json.dumps(request, ensure_ascii=False))))


def results(request):
    """What the tools have answered, as texts, skills that claude hands over among them."""
    found = []
    for item in request.get("messages") or request.get("input") or []:
        content = item.get("content")
        if item.get("role") == "tool":
            found.append(words(content))
        elif item.get("type", "").endswith("_output"):
            found.append(words(item.get("output")))
        elif item.get("role") == "user" and isinstance(content, list):
            answers = [part for part in content if isinstance(part, dict) and part.get("type") == "tool_result"]
            found += [words(part.get("content")) for part in answers]
            found += [words(content)] if SKILL_TEXT in words(content) else []
    return found


def shell_tool(request):
    """The agent's shell tool, and what makes codex ask before it runs."""
    for tool in request.get("tools") or []:
        name = tool.get("name") or tool.get("function", {}).get("name")
        if name in SHELLS:
            known = (tool.get("parameters") or {}).get("properties") or {}
            return name, {"sandbox_permissions": "require_escalated"} if "sandbox_permissions" in known else {}
    return None, {}


def calls(text):
    """The calls to make, in order: (kind, command), or ("tool", name and arguments)."""
    found = [(kind, argument) for kind, argument in DIRECTIVE.findall(text) if kind in ("sh", "ask", "tool")]
    ready = READY.search(text)
    if ready and not found:
        found = [("sh", f"{ready['send']} {ready['director']} --text ready")]
    task = TASK.search(text)
    return [(kind, command.replace("{task}", task[1] if task else "")) for kind, command in found]


def ids(users):
    """The numbers of the fleet and the agent, from the first prompt."""
    found = next((IDS.search(user) for user in users if IDS.search(user)), None)
    return found.groups() if found else (None, None)


def called(request):
    """The commands that the shell tool was called with before, and all calls as `calls` names them."""
    found = []
    for item in request.get("messages") or request.get("input") or []:
        content = item.get("content")
        parts = content if isinstance(content, list) else []
        uses = [part for part in parts if isinstance(part, dict) and part.get("type") == "tool_use"]
        made = [(use.get("name"), use.get("input")) for use in uses]
        functions = [call["function"] for call in item.get("tool_calls") or []]
        functions += [item] if item.get("type") == "function_call" else []
        made += [(function.get("name"), json.loads(function["arguments"])) for function in functions]
        found += [given[key] for _, given in made for key in ("command", "cmd") if key in (given or {})]
        found += [f"{name} {json.dumps(given)}" for name, given in made]
    return found


def duties(users):
    """What a whole conversation asks for, in order: (kind, command)."""
    fleet, agent = ids(users)
    found = []
    for user in users:
        if READY.search(user):
            found += calls(user)
            continue
        previews = list(PREVIEW.finditer(user))
        ends = [preview.start() for preview in previews[1:]] + [len(user)]
        found += [("sh", poll[0]) for poll in POLL.finditer(user)]
        for preview, end in zip(previews, ends):
            body = user[preview.end() + 1 : end]
            message = f"cafleet --fleet-id {fleet} message"
            found.append(("sh", f"{message} ack --agent-id {agent} --task-id {preview[1]}"))
            found += [(kind, command) for kind, command in DIRECTIVE.findall(body) if kind in ("ask", "tool")]
            passed = PASS.match(body)
            if passed:
                text = passed[1] + (f"[[pass{passed[3]}]]" if passed[3] else "")
                found.append(("sh", f"{message} send --agent-id {agent} --to {passed[2]} --text '{text}'"))
    return found


def undone(wanted, request):
    """What is left of the calls that are wanted: those that have not been made as often."""
    made, left = called(request), []
    for kind, command in wanted:
        name, _, arguments = command.partition(" ")
        told = f"{name} {json.dumps(json.loads(arguments))}" if kind == "tool" else command
        if told in made:
            made.remove(told)
        else:
            left.append((kind, command))
    return left


def scripted(text, script):
    """The calls that the first rule makes which fits the text, or, where it holds messages, the first for each."""
    previews = list(PREVIEW.finditer(text))
    ends = [preview.start() for preview in previews[1:]] + [len(text)]
    found = []
    for preview, end in zip(previews or [None], ends if previews else [len(text)]):
        part = text[preview.start() : end] if preview else text
        rule = next((rule for rule in script if rule["on"] in part), {"do": []})
        found += [(kind, command.replace("{task}", preview[1] if preview else "")) for kind, command in rule["do"]]
    return found


def plan(request, dutiful, script):
    """What to do: (tool or None, its arguments, seconds of streaming, final words)."""
    users, answered = conversation(request)
    shell, extra = shell_tool(request)
    if not request.get("tools"):
        return None, None, 0, "heard"
    if dutiful:
        todo = undone(duties(users), request)
    elif script:
        todo = undone([call for user in users for call in calls(user) or scripted(user, script)], request)
    else:
        todo = calls(users[-1])[answered:]
    if todo and todo[0][0] == "tool":
        name, _, arguments = todo[0][1].partition(" ")
        return name, arguments, 0, ""
    if todo and shell:
        kind, command = todo[0]
        return shell, json.dumps({SHELLS[shell]: command, **(extra if kind == "ask" else {})}), 0, ""
    if answered and not dutiful:
        return None, None, 0, "done"
    found = DIRECTIVE.search(users[-1])
    kind, argument = found.groups() if found else ("say", "heard")
    if kind == "say":
        return None, None, 0, argument.replace("\\n", "\n")
    return None, None, float(argument) if kind == "slow" else 0, "done"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send_json(self, value):
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        self.send_json({"data": [{"id": "mock-1", "object": "model"}], "models": []})

    do_HEAD = do_GET

    def event(self, value, name=None):
        line = value if isinstance(value, str) else json.dumps(value)
        data = ((f"event: {name}\n" if name else "") + f"data: {line}\n\n").encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def typed(self, value):
        self.event(value, value["type"])

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        kind = self.path.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        write = {"messages": self.say_messages, "responses": self.say_responses, "completions": self.say_completions}.get(kind)
        if write is None or not request.get("stream"):
            return self.send_json({"input_tokens": 1})
        # requests without tools are for the agent's own use, such as a title
        users, answered = conversation(request)
        note = self.note if request.get("tools") else lambda **_: None
        seen = {"skills": skills(request), "results": results(request)} if self.server.script else {}
        note(agent=ids(users)[1], text=users[-1], answered=answered, users=users, **seen)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        ended = False
        try:
            write(*plan(request, self.server.dutiful, self.server.script))
            self.wfile.write(b"0\r\n\r\n")
            ended = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        note(text=users[-1], ended=ended)

    def note(self, **what):
        with self.server.lock, open(self.server.log, "a", encoding="utf-8") as log:
            log.write(json.dumps({"at": time.time(), **what}) + "\n")

    @staticmethod
    def pieces(seconds, text):
        end, count = time.time() + seconds, 0
        while time.time() < end:
            count += 1
            yield f"word{count} "
            time.sleep(0.2)
        yield text

    def say_messages(self, tool, arguments, seconds, text):
        usage = {"input_tokens": 1, "output_tokens": 1}
        start = {"id": f"m{time.time_ns()}", "type": "message", "role": "assistant", "model": "mock-1", "content": [], "usage": usage}
        self.typed({"type": "message_start", "message": {**start, "stop_reason": None, "stop_sequence": None}})
        block = {"type": "tool_use", "id": f"t{time.time_ns()}", "name": tool, "input": {}} if tool else {"type": "text", "text": ""}
        self.typed({"type": "content_block_start", "index": 0, "content_block": block})
        if tool:
            delta = {"type": "input_json_delta", "partial_json": arguments}
            self.typed({"type": "content_block_delta", "index": 0, "delta": delta})
        else:
            for piece in self.pieces(seconds, text):
                delta = {"type": "text_delta", "text": piece}
                self.typed({"type": "content_block_delta", "index": 0, "delta": delta})
        self.typed({"type": "content_block_stop", "index": 0})
        reason = {"stop_reason": "tool_use" if tool else "end_turn", "stop_sequence": None}
        self.typed({"type": "message_delta", "delta": reason, "usage": usage})
        self.typed({"type": "message_stop"})

    def say_responses(self, tool, arguments, seconds, text):
        self.typed({"type": "response.created", "response": {"id": "r", "object": "response", "output": []}})
        if tool:
            call = {"type": "function_call", "id": "f", "call_id": f"c{time.time_ns()}", "name": tool}
            item = {**call, "arguments": arguments, "status": "completed"}
        else:
            item = {"type": "message", "id": "m", "role": "assistant", "status": "in_progress", "content": []}
            self.typed({"type": "response.output_item.added", "output_index": 0, "item": item})
            said = ""
            for piece in self.pieces(seconds, text):
                said += piece
                delta = {"item_id": "m", "output_index": 0, "content_index": 0, "delta": piece}
                self.typed({"type": "response.output_text.delta", **delta})
            item = {**item, "status": "completed", "content": [{"type": "output_text", "text": said, "annotations": []}]}
        self.typed({"type": "response.output_item.done", "output_index": 0, "item": item})
        usage = {"input_tokens": 1, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 1}
        usage |= {"output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 2}
        done = {"id": "r", "object": "response", "status": "completed", "output": [item], "usage": usage}
        self.typed({"type": "response.completed", "response": done})

    def say_completions(self, tool, arguments, seconds, text):
        def chunk(delta, reason=None):
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            self.event({"id": "c", "object": "chat.completion.chunk", "model": "mock-1", "choices": [choice]})

        chunk({"role": "assistant", "content": ""})
        if tool:
            function = {"name": tool, "arguments": arguments}
            chunk({"tool_calls": [{"index": 0, "id": f"c{time.time_ns()}", "type": "function", "function": function}]})
        else:
            for piece in self.pieces(seconds, text):
                chunk({"content": piece})
        chunk({}, "tool_calls" if tool else "stop")
        self.event("[DONE]")


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
    server.daemon_threads = True
    server.log = sys.argv[2]
    server.lock = threading.Lock()
    server.dutiful = sys.argv[3:] == ["--dutiful"]
    server.script = []
    if sys.argv[3:4] == ["--script"]:
        with open(sys.argv[4], encoding="utf-8") as script:
            server.script = json.load(script)
    # the port that was taken when 0 was asked for
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
