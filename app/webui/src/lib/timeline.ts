import type { Message } from "../api/types";
import { dayKey } from "./time";

/** What is shown as one message: a message to one agent, or all messages of a broadcast. */
export type Entry = {
  key: string;
  first: Message;
  messages: Message[];
  isBroadcast: boolean;
};

/** A line of the timeline. */
export type TimelineRow =
  { kind: "day"; key: string; time: string } | { kind: "entry"; key: string; entry: Entry; isContinued: boolean };

/** Makes the messages of a broadcast one entry, where its first message stands. `messages` are ordered by id. */
export function entries(messages: readonly Message[]): Entry[] {
  const found: Entry[] = [];
  const broadcasts = new Map<number, Entry>();
  for (const message of messages) {
    // the summary names no recipient: the messages of the broadcast say all that it says
    if (message.type === "broadcast_summary") continue;
    const origin = message.origin_task_id;
    const known = origin === null ? undefined : broadcasts.get(origin);
    if (known) {
      known.messages.push(message);
      continue;
    }
    const key = origin === null ? `m${message.task_id}` : `b${origin}`;
    const entry = { key, first: message, messages: [message], isBroadcast: origin !== null };
    if (origin !== null) broadcasts.set(origin, entry);
    found.push(entry);
  }
  return found;
}

/** How long after a message one by the same sender to the same recipient needs no new heading. */
const CONTINUES_WITHIN = 3 * 60_000;

/** Puts the days between the entries, and marks those that continue the one before. */
export function timelineRows(all: readonly Entry[]): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let before: Entry | null = null;
  for (const entry of all) {
    const isNewDay = !before || dayKey(before.first.created_at) !== dayKey(entry.first.created_at);
    // the first entry of a day names it: the clock may go backwards, and a day may come twice
    if (isNewDay) rows.push({ kind: "day", key: `d${entry.key}`, time: entry.first.created_at });
    rows.push({ kind: "entry", key: entry.key, entry, isContinued: !isNewDay && continues(before, entry) });
    before = entry;
  }
  return rows;
}

function continues(before: Entry | null, entry: Entry): boolean {
  if (!before || before.isBroadcast || entry.isBroadcast) return false;
  if (before.first.from_agent_id !== entry.first.from_agent_id) return false;
  if (before.first.to_agent_id !== entry.first.to_agent_id) return false;
  if (before.first.notice !== entry.first.notice) return false;
  const passed = Date.parse(entry.first.created_at) - Date.parse(before.first.created_at);
  return passed >= 0 && passed < CONTINUES_WITHIN;
}
