import type { Box } from "../api/queries";
import type { Message } from "../api/types";
import { plainName } from "./text";

/** What changes in a message after it was sent. */
export type Patch = Partial<Pick<Message, "status" | "status_timestamp" | "delivery">>;

/**
 * Joins two views of one message into what both know, whichever came first: a state changes only once, and of two
 * doorbells the later one counts.
 */
export function merged<View extends Patch>(known: View, other: Patch): View {
  const isDecided = known.status !== undefined && known.status !== "input_required";
  const decided = isDecided || other.status === undefined ? known : other;
  const delivery = later(known.delivery, other.delivery);
  if ((decided === known || decided.status === known.status) && delivery === known.delivery) return known;
  const { status, status_timestamp } = decided;
  return { ...known, ...(status && { status, status_timestamp }), ...(delivery !== undefined && { delivery }) };
}

function later(known: Patch["delivery"], other: Patch["delivery"]): Patch["delivery"] {
  if (!other) return known;
  if (!known) return other;
  return Date.parse(other.updated_at) >= Date.parse(known.updated_at) ? other : known;
}

/** What events have told: new messages, and changes of messages whether or not they are loaded. */
export type Live = { rows: ReadonlyMap<number, Message>; patches: ReadonlyMap<number, Patch> };

export const nothingLive: Live = { rows: new Map(), patches: new Map() };

/** Adds what events told. */
export function addLive(known: Live, messages: readonly Message[], changes: readonly [number, Patch][]): Live {
  const rows = new Map(known.rows);
  for (const message of messages) rows.set(message.task_id, message);
  const patches = new Map(known.patches);
  for (const [id, patch] of changes) patches.set(id, merged(patches.get(id) ?? {}, patch));
  return { rows, patches };
}

type Page = { messages: Message[]; next_cursor: number | null };

/**
 * All messages that can be shown without a gap, oldest first: those of the pages, which reach back without one, and of
 * those that came live the ones that are not older than the pages reach.
 */
export function withoutGaps(pages: readonly Page[], live: Live): Message[] {
  const rows = new Map<number, Message>();
  for (const { messages } of pages) for (const message of messages) rows.set(message.task_id, message);
  const oldest = pages.at(-1)?.next_cursor ? min(rows.keys()) : 0;
  for (const [id, message] of live.rows) {
    const known = rows.get(id);
    if (id >= oldest) rows.set(id, known ? merged(known, message) : message);
  }
  for (const [id, patch] of live.patches) {
    const known = rows.get(id);
    if (known) rows.set(id, merged(known, patch));
  }
  return [...rows.values()].sort((a, b) => a.task_id - b.task_id);
}

/** Whether a message is in a box of an agent. */
export function isIn(message: Message, agentId: number, box: Box): boolean {
  return (box === "inbox" ? message.to_agent_id : message.from_agent_id) === agentId;
}

/** Pages that are loaded, and which messages belong to them. */
export type Loaded = { pages: readonly Page[]; takes: (message: Message) => boolean };

/** Leaves out the messages that came live and of which all that are loaded know as much as they tell. */
export function uncovered(live: Live, loaded: readonly Loaded[]): Live {
  if (loaded.length === 0 || live.rows.size === 0) return live;
  const lists = loaded.map(({ pages, takes }) => {
    const known = new Map(pages.flatMap(({ messages }) => messages).map((message) => [message.task_id, message]));
    return { known, takes, oldest: pages.at(-1)?.next_cursor ? min(known.keys()) : 0 };
  });
  const rows = new Map(live.rows);
  for (const [id, message] of live.rows) {
    const isCovered = lists.every(({ known, takes, oldest }) => {
      if (!takes(message) || id < oldest) return true;
      const view = known.get(id);
      return view !== undefined && tellsAll(view, message);
    });
    if (isCovered) rows.delete(id);
  }
  return rows.size === live.rows.size ? live : { ...live, rows };
}

/** Whether another view of the message adds nothing to this one. */
function tellsAll(view: Message, other: Message): boolean {
  const { status, delivery } = merged(view, other);
  return (
    status === view.status &&
    delivery?.state === view.delivery?.state &&
    delivery?.updated_at === view.delivery?.updated_at
  );
}

function min(ids: Iterable<number>): number {
  let least = Infinity;
  for (const id of ids) least = Math.min(least, id);
  return least;
}

/** As whom CAFleet itself speaks. */
export const MONITOR = "CAFleet monitor";

/** Whose words a message is: a notice goes in the name of the Administrator, and nobody wrote it. */
export function senderName(message: Pick<Message, "notice" | "from_agent_name">): string {
  return message.notice ? MONITOR : plainName(message.from_agent_name);
}

/** What a notice says, and the screen that it quotes line by line. */
export function noticeParts(body: string): { words: string; screen: string | null } {
  const lines = body.split("\n");
  const at = lines.findIndex((line) => line.startsWith("> "));
  if (at === -1) return { words: body, screen: null };
  const quoted = lines.slice(at).map((line) => line.replace(/^> ?/, ""));
  const words = lines
    .slice(0, at)
    .join("\n")
    .replace(/; the end of its screen, quoted:\s*$/, "");
  return {
    words,
    screen: quoted
      .join("\n")
      .replace(/^\s*\n/, "")
      .trimEnd(),
  };
}

/** How far a message has come, as one word for people. */
export type Progress = "stored" | "held" | "typed" | "submitted" | "failed" | "acknowledged" | "canceled";

/** How far a message has come. */
export function progress(message: Message): Progress {
  if (message.status === "completed") return "acknowledged";
  if (message.status === "canceled") return "canceled";
  const state = message.delivery?.state;
  return state === "held" || state === "typed" || state === "submitted" || state === "failed" ? state : "stored";
}
