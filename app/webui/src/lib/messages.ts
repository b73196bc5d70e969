import type { Message } from "../api/types";

/** Two views of one message: whichever knows more. A state changes only once, and a doorbell only goes forward in time. */
export function mergeMessage(known: Message, other: Message): Message {
  const decided = known.status === "input_required" ? other : known;
  const delivery = later(known.delivery, other.delivery);
  if (decided.status === known.status && delivery === known.delivery) return known;
  return { ...known, status: decided.status, status_timestamp: decided.status_timestamp, delivery };
}

function later(known: Message["delivery"], other: Message["delivery"]): Message["delivery"] {
  if (!known || !other) return known ?? other;
  return Date.parse(other.updated_at) > Date.parse(known.updated_at) ? other : known;
}

/** Messages by id. */
export type Rows = ReadonlyMap<number, Message>;

/** Adds messages to those that are known; the same object when that changes nothing. */
export function addRows(known: Rows, more: Iterable<Message>): Rows {
  let rows: Map<number, Message> | null = null;
  for (const message of more) {
    const before = (rows ?? known).get(message.task_id);
    const after = before ? mergeMessage(before, message) : message;
    if (after === before) continue;
    rows ??= new Map(known);
    rows.set(message.task_id, after);
  }
  return rows ?? known;
}

/**
 * All messages that can be shown without a gap, oldest first: those of the pages, which reach back without one, and of
 * those that came live the ones that are not older than the pages reach.
 */
export function withoutGaps(pages: readonly { messages: Message[]; next_cursor: unknown }[], live: Rows): Message[] {
  let rows = addRows(new Map(), pages.flatMap((page) => page.messages));
  let oldest = 0;
  if (pages.at(-1)?.next_cursor) for (const id of rows.keys()) oldest = oldest === 0 ? id : Math.min(oldest, id);
  rows = addRows(rows, [...live.values()].filter((message) => message.task_id >= oldest));
  return [...rows.values()].sort((a, b) => a.task_id - b.task_id);
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
