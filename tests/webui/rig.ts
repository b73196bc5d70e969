import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The program under test; a build of this repository. */
const PROGRAM = resolve(process.env.CAFLEET_BIN ?? join(import.meta.dirname, "../../target/debug/cafleet"));

/** What a pane runs that a test controls. */
const PUPPET = join(import.meta.dirname, "puppet.py");

/** How long anything may take before the test fails. */
const LIMIT = 20_000;

export type Fleet = { id: string; director: string; administrator: string; session: string; tmux: string; pane: string };

/**
 * A private machine: home, database, tmux server and agents of its own, in a directory that vanishes. Nothing of the
 * user's environment but the system's programs is visible in it.
 */
export class Rig {
  readonly root: string;
  url = "";
  private server: ChildProcess | null = null;
  private readonly monitors: ChildProcess[] = [];
  private readonly others: ChildProcess[] = [];
  private port = "0";

  private constructor(root: string) {
    this.root = root;
  }

  static async start(): Promise<Rig> {
    const rig = new Rig(await mkdtemp(join(tmpdir(), "cafleet-page-")));
    for (const folder of ["bin", "home", "data", "work"]) await mkdir(join(rig.root, folder));
    await symlink(PROGRAM, join(rig.root, "bin/cafleet"));
    for (const style of ["claude", "codex", "opencode"]) {
      const shim = join(rig.root, "bin", style);
      const puppet = 'name=$(printf "%s" "$*" | sed -n "s/.*puppet:\\([a-z]*\\).*/\\1/p")';
      const start = `[ -z "$name" ] || exec python3 '${PUPPET}' '${rig.root}/work/'"$name"`;
      const agent = `exec '${rig.root}/bin/cafleet' demo-agent --style ${style} -- "$@"`;
      await writeFile(shim, `#!/bin/sh\n${puppet}\n${start}\n${agent}\n`);
      await chmod(shim, 0o755);
    }
    await rig.startServer();
    return rig;
  }

  get database(): string {
    return join(this.root, "data/cafleet.db");
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: `${this.root}/bin:/usr/local/bin:/usr/bin:/bin`,
      HOME: join(this.root, "home"),
      TMPDIR: this.root,
      TERM: "xterm-256color",
      LC_ALL: "C.UTF-8",
      CAFLEET_DATABASE_URL: `sqlite://${this.database}`,
    };
  }

  /** Starts the server, on the port that it had before. */
  async startServer(): Promise<void> {
    const options = { env: this.environment, cwd: join(this.root, "work") };
    const server = spawn(join(this.root, "bin/cafleet"), ["server", "--port", this.port], options);
    this.server = server;
    let said = "";
    server.stderr.on("data", (text: Buffer) => (said += text.toString()));
    const line = await Promise.race([
      (async () => {
        for await (const line of createInterface({ input: server.stdout })) if (line.includes("http://")) return line;
        throw new Error(`the server ended: ${said}`);
      })(),
      later(LIMIT, "the server does not start"),
    ]);
    this.url = /http:\/\/[\w.:[\]-]+/.exec(line)?.[0] ?? "";
    this.port = new URL(this.url).port;
  }

  /** Starts another server on the same database; returns its address. */
  async startServerAt(...args: string[]): Promise<string> {
    const options = { env: this.environment, cwd: join(this.root, "work") };
    const server = spawn(join(this.root, "bin/cafleet"), ["server", "--port", "0", ...args], options);
    this.others.push(server);
    for await (const line of createInterface({ input: server.stdout })) {
      const url = /http:\/\/[\w.:[\]-]+/.exec(line)?.[0];
      if (url) return url;
    }
    throw new Error("the server ended");
  }

  /** Starts nginx with these parts of its `http` block, as the user of the servers, in a folder of its own. */
  async startProxy(config: string): Promise<void> {
    const folder = await mkdtemp(join(this.root, "proxy-"));
    const subject = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=fleet.localhost"];
    await run("openssl", [...subject, "-keyout", join(folder, "fleet.key"), "-out", join(folder, "fleet.crt")]);
    const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    // the master of root hands connections to another user, unless told not to
    const user = process.getuid?.() === 0 ? "user root;" : "";
    const main = `${user} daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}`;
    const file = join(folder, "nginx.conf");
    await writeFile(file, `${main}\nhttp { access_log off; ${places.join(" ")}\n${config}\n}\n`);
    const nginx = spawn("/usr/sbin/nginx", ["-p", folder, "-c", file], { stdio: "inherit" });
    this.others.push(nginx);
  }

  /** Ends the server, in order or at once. */
  async stopServer(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const server = this.server;
    this.server = null;
    if (server) await end(server, signal);
  }

  /** Sends the server a signal, as SIGSTOP: it hangs, and its connections stay. */
  signalServer(signal: NodeJS.Signals): void {
    this.server?.kill(signal);
  }

  /** Takes the write lock of the database as another program would; returns how to give it back. */
  async lockDatabase(): Promise<() => Promise<void>> {
    const script = [
      "import sqlite3, sys",
      "database = sqlite3.connect(sys.argv[1], isolation_level=None)",
      "database.execute('BEGIN IMMEDIATE')",
      "print('locked', flush=True)",
      "sys.stdin.read()",
    ].join("\n");
    const holder = spawn("python3", ["-c", script, this.database], { stdio: ["pipe", "pipe", "inherit"] });
    await Promise.race([once(holder.stdout, "data"), later(LIMIT, "the lock is not to be had")]);
    return async () => {
      const ended = once(holder, "exit");
      holder.stdin.end();
      await ended;
    };
  }

  /** Writes many acknowledged messages past the program: `number 1`, `number 2` and so on. */
  async fill(fleet: Fleet, to: string, count: number): Promise<void> {
    const script = [
      "import sqlite3, sys",
      "file, sender, to, count = sys.argv[1], *map(int, sys.argv[2:])",
      "at = '2026-04-15T10:00:00.123456+00:00'",
      "row = (to, sender, to, 'unicast', at, 'completed', at)",
      "columns = 'context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text'",
      "rows = (row + (f'number {n} ' + 'of many lines\\n' * (n % 5),) for n in range(1, count + 1))",
      "with sqlite3.connect(file, timeout=20) as database:",
      "    database.executemany(f'INSERT INTO tasks ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', rows)",
    ].join("\n");
    await run("python3", ["-c", script, this.database, fleet.director, to, String(count)], { timeout: LIMIT });
  }

  /** Writes a notice past the program, as the monitor would. */
  async notice(fleet: Fleet, text: string): Promise<void> {
    const script = [
      "import sqlite3, sys",
      "file, text, sender, to = *sys.argv[1:3], *map(int, sys.argv[3:])",
      "at = '2026-04-15T10:00:00.123456+00:00'",
      "columns = 'context_id, from_agent_id, to_agent_id, type, created_at, status_state, status_timestamp, text, notice'",
      "row = (to, sender, to, 'unicast', at, 'completed', at, text, 1)",
      "with sqlite3.connect(file, timeout=20) as database:",
      "    database.execute(f'INSERT INTO tasks ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', row)",
    ].join("\n");
    await run("python3", ["-c", script, this.database, text, fleet.administrator, fleet.director], { timeout: LIMIT });
  }

  /** Runs a command line of cafleet, in a pane's environment when a fleet is given; returns what it prints. */
  async cafleet(args: string[], fleet?: Pick<Fleet, "tmux" | "pane">): Promise<string> {
    const env = { ...this.environment, ...(fleet?.tmux && { TMUX: fleet.tmux, TMUX_PANE: fleet.pane }) };
    const { stdout } = await run(join(this.root, "bin/cafleet"), args, { env, cwd: join(this.root, "work"), timeout: LIMIT });
    return stdout.trim();
  }

  async tmux(...args: string[]): Promise<string> {
    const command = ["-u", "-f", "/dev/null", "-S", join(this.root, "tmux"), ...args];
    const { stdout } = await run("tmux", command, { env: this.environment, cwd: join(this.root, "work"), timeout: LIMIT });
    return stdout.trim();
  }

  /** Makes a fleet, with a scripted agent as its Director. */
  async fleet(label: string): Promise<Fleet> {
    const session = `s${label.replace(/\W/g, "")}`;
    const format = "#{pid} #{session_id} #{pane_id}";
    const start = ["new-session", "-d", "-x", "200", "-y", "50", "-s", session, "-P", "-F", format, "--", "env"];
    const answer = await this.tmux(...start, join(this.root, "bin/claude"), "--name", "Director");
    const [pid, sessionId, pane = ""] = answer.split(" ");
    const tmux = `${join(this.root, "tmux")},${pid},${sessionId?.slice(1)}`;
    await this.shows(pane, "⏵⏵");
    const made = await this.cafleet(["fleet", "create", "--label", label], { tmux, pane });
    const [, id, director, administrator] = /^(\d+) director=(\d+) admin=(\d+)/.exec(made) ?? [];
    if (!id || !director || !administrator) throw new Error(`no fleet: ${made}`);
    await this.paste(pane, `FLEET ID: ${id}\nYOUR AGENT ID: ${director}`);
    return { id, director, administrator, session, tmux, pane };
  }

  /** Makes a fleet in embedded terminals, with a scripted agent as its Director. */
  async embeddedFleet(label: string): Promise<Fleet> {
    const made = await this.cafleet(["fleet", "create", "--spawn", "--label", label]);
    const [, id, director, administrator] = /^(\d+) director=(\d+) admin=(\d+)/.exec(made) ?? [];
    if (!id || !director || !administrator) throw new Error(`no fleet: ${made}`);
    return { id, director, administrator, session: "", tmux: "", pane: "" };
  }

  /** Adds a member whose pane does what the test tells it. */
  async puppet(fleet: Fleet, name: string): Promise<Puppet> {
    const file = join(this.root, "work", name.toLowerCase());
    await run("mkfifo", [`${file}.say`]);
    const id = await this.member(fleet, name, "claude", "does as it is told", `puppet:${name.toLowerCase()}`);
    const puppet = new Puppet(id, file);
    await until(async () => (await puppet.heard()) !== null, "the puppet to start");
    return puppet;
  }

  /** Writes a text into a pane and submits it, as a person would. */
  async paste(pane: string, text: string): Promise<void> {
    const file = join(this.root, "paste");
    await writeFile(file, text);
    await this.tmux("load-buffer", "-b", "rig", file);
    await this.tmux("paste-buffer", "-d", "-p", "-r", "-b", "rig", "-t", pane);
    await this.shows(pane, text.split("\n").at(-1) ?? "");
    await this.tmux("send-keys", "-t", pane, "Enter");
  }

  /** Adds a member with a scripted agent; returns its id. */
  async member(
    fleet: Fleet,
    name: string,
    program = "claude",
    description = `${name} of the fleet`,
    prompt?: string,
  ): Promise<string> {
    const who = ["--fleet-id", fleet.id, "member", "create", "--agent-id", fleet.director];
    const what = ["--name", name, "--description", description, "--coding-agent", program];
    const answer = await this.cafleet([...who, ...what, ...(prompt ? ["--", prompt] : [])], fleet);
    return answer.split(/\s+/)[0] ?? "";
  }

  /** Registers an agent without a pane; returns its id. */
  async register(fleet: Fleet, name: string): Promise<string> {
    const args = ["--fleet-id", fleet.id, "--json", "agent", "register", "--name", name, "--description", "by hand"];
    return String((JSON.parse(await this.cafleet(args)) as { agent_id: number }).agent_id);
  }

  /** Sends a message from the command line; returns its id. */
  send(fleet: Fleet, from: string, to: string, text: string): Promise<string> {
    const args = ["--fleet-id", fleet.id, "message", "send", "--agent-id", from, "--to", to, "--quiet", "--text", text];
    return this.cafleet(args, fleet);
  }

  broadcast(fleet: Fleet, from: string, text: string): Promise<string> {
    return this.cafleet(["--fleet-id", fleet.id, "message", "broadcast", "--agent-id", from, "--text", text], fleet);
  }

  ack(fleet: Fleet, agent: string, task: string): Promise<string> {
    return this.cafleet(["--fleet-id", fleet.id, "message", "ack", "--agent-id", agent, "--task-id", task]);
  }

  cancel(fleet: Fleet, agent: string, task: string): Promise<string> {
    return this.cafleet(["--fleet-id", fleet.id, "message", "cancel", "--agent-id", agent, "--task-id", task]);
  }

  /** Starts the monitor of a fleet. */
  monitor(fleet: Fleet): ChildProcess {
    const env = { ...this.environment, TMUX: fleet.tmux, TMUX_PANE: fleet.pane };
    const args = ["--fleet-id", fleet.id, "monitor", "start", "--tick", "1"];
    const monitor = spawn(join(this.root, "bin/cafleet"), args, { env, cwd: join(this.root, "work"), stdio: "ignore" });
    this.monitors.push(monitor);
    return monitor;
  }

  private async shows(pane: string, text: string): Promise<void> {
    await until(async () => (await this.tmux("capture-pane", "-p", "-t", pane)).includes(text), `the pane to show ${text}`);
  }

  /** Ends all that was started, and removes the directory. */
  async stop(): Promise<void> {
    for (const child of [...this.monitors, ...this.others]) await end(child, "SIGTERM");
    await this.stopServer();
    await this.cafleet(["daemon", "stop", "--force"]).catch(() => "nothing ran");
    await this.tmux("kill-server").catch(() => "nothing ran");
    await rm(this.root, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A pane that writes what it is told, and remembers what was typed. */
export class Puppet {
  constructor(
    readonly id: string,
    private readonly file: string,
  ) {}

  /** Writes to its terminal, as it stands here. */
  async say(output: string): Promise<void> {
    await writeFile(`${this.file}.say`, output);
  }

  /** Ends the program. */
  async end(): Promise<void> {
    await this.say("END");
  }

  /** What was typed so far; null before it has started. */
  heard(): Promise<string | null> {
    return readFile(`${this.file}.heard`, "latin1").catch(() => null);
  }

  /** The size that its terminal has. */
  async size(): Promise<string> {
    return readFile(`${this.file}.size`, "utf8");
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await Promise.race([ended, later(LIMIT, "a process does not end")]);
}

function later(time: number, what: string): Promise<never> {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(what)), time).unref());
}

/** Waits until something is so. */
export async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + LIMIT; Date.now() < end; await new Promise((go) => setTimeout(go, 50))) {
    if (await isSo()) return;
  }
  throw new Error(`waited in vain for ${what}`);
}
