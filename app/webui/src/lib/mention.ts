import { plainName } from "./text";

/** Who can be written to. */
export type Addressee = { agent_id: number; name: string };

/** What the composer's text says: to whom, and what; or why it cannot be sent. */
export type Draft =
  | { ok: true; to: Addressee | "*"; body: string }
  | { ok: false; problem: "empty" | "no-recipient" | "unknown" | "ambiguous" | "several"; message: string };

/** A choice of the popover. */
export type Suggestion = { to: Addressee | "*"; token: string };

/** How an agent is written behind `@`: by name, with its id where the name alone would not do. */
export function tokenOf(agent: Addressee, all: readonly Addressee[]): string {
  const name = plainName(agent.name);
  const same = all.filter((other) => plainName(other.name).toLowerCase() === name.toLowerCase());
  const isPlain = same.length === 1 && !/[\s#,:;]/.test(name) && name.toLowerCase() !== "all";
  return isPlain ? name : `${name}#${agent.agent_id}`;
}

/** Finds the mention in which the caret stands: only one at the beginning names a recipient. */
export function mentionAt(text: string, caret: number): { start: number; query: string } | null {
  const found = /^(\s*)@([^\n@]*)$/.exec(text.slice(0, caret));
  return found ? { start: (found[1] ?? "").length, query: found[2] ?? "" } : null;
}

/** The recipients whose names begin with what was typed, all of them first. */
export function suggestions(query: string, all: readonly Addressee[]): Suggestion[] {
  const typed = query.toLowerCase();
  const found: Suggestion[] = "all".startsWith(typed) ? [{ to: "*", token: "all" }] : [];
  for (const agent of all) {
    const token = tokenOf(agent, all);
    if (token.toLowerCase().startsWith(typed)) found.push({ to: agent, token });
  }
  return found;
}

/** Which of the choices stands chosen at first: everyone only when that was written, for it is the one that cannot be taken back. */
export function firstChoice(query: string, options: readonly Suggestion[]): number {
  if (query.toLowerCase() === "all") return 0;
  return Math.max(
    0,
    options.findIndex(({ to }) => to !== "*"),
  );
}

/** Writes to somebody else what was begun, or nothing yet. */
export function readdressed(text: string, token: string, all: readonly Addressee[]): string {
  const trimmed = text.trimStart();
  const [found] = trimmed.startsWith("@") ? mentioned(trimmed.slice(1), all) : [];
  const body = found ? trimmed.slice(1 + found.length).replace(/^[,:;]?\s*/, "") : trimmed;
  return `@${token} ${body}`;
}

/** Puts a mention in place of the one that is being typed; returns the text and where the caret goes. */
export function complete(text: string, caret: number, token: string): { text: string; caret: number } {
  const start = mentionAt(text, caret)?.start ?? 0;
  const rest = text.slice(caret).replace(/^\s/, "");
  const head = `${text.slice(0, start)}@${token} `;
  return { text: head + rest, caret: head.length };
}

/** Reads what is to be sent. */
export function readDraft(text: string, all: readonly Addressee[]): Draft {
  const trimmed = text.trimStart();
  if (trimmed.trim() === "") return problem("empty", "Write a message first.");
  if (!trimmed.startsWith("@")) {
    return problem("no-recipient", "Begin with @ and a name, or with @all for everyone.");
  }
  const found = mentioned(trimmed.slice(1), all);
  if (found.length === 0) {
    const word = /^\S*/.exec(trimmed.slice(1))?.[0] ?? "";
    return problem("unknown", `Nobody here is called “${word}”.`);
  }
  if (found.length > 1) {
    const choices = found.map(({ to }) => (to === "*" ? "@all" : `@${plainName(to.name)}#${to.agent_id}`));
    return problem("ambiguous", `That can be ${choices.join(" or ")}: say which.`);
  }
  const [{ to, length }] = found as [Found];
  const body = trimmed.slice(1 + length).replace(/^[,:;]?\s*/, "");
  if (body.trim() === "") return problem("empty", "Write a message behind the name.");
  if (body.startsWith("@") && mentioned(body.slice(1), all).length > 0) {
    return problem("several", "One name at a time, or @all for everyone.");
  }
  return { ok: true, to, body: body.trimEnd() };
}

type Found = { to: Addressee | "*"; length: number };

/** Finds all that the beginning of `text` can mean. A name with an id is exact and excludes all else. */
function mentioned(text: string, all: readonly Addressee[]): Found[] {
  const lower = text.toLowerCase();
  const begins = (token: string) => {
    const next = text.charAt(token.length);
    return lower.startsWith(token.toLowerCase()) && (next === "" || /[\s,:;]/.test(next));
  };
  for (const agent of all) {
    for (const token of [`${plainName(agent.name)}#${agent.agent_id}`, `#${agent.agent_id}`]) {
      if (begins(token)) return [{ to: agent, length: token.length }];
    }
  }
  const found: Found[] = begins("all") ? [{ to: "*", length: 3 }] : [];
  for (const agent of all) {
    const name = plainName(agent.name);
    // an agent called “all” is written with its id
    if (name.toLowerCase() !== "all" && begins(name)) found.push({ to: agent, length: name.length });
  }
  return found;
}

function problem(kind: Exclude<Draft, { ok: true }>["problem"], message: string): Draft {
  return { ok: false, problem: kind, message };
}
