import type { Entry } from "./timeline";
import { progress, type Progress, senderName } from "./messages";

/** Which entries are wanted. */
export type Filter = {
  text: string;
  agentId: number | null;
  progress: Progress | "open" | null;
  broadcastsOnly: boolean;
};

export const noFilter: Filter = { text: "", agentId: null, progress: null, broadcastsOnly: false };

/** Tells whether the filter wants everything. */
export function isEmpty(filter: Filter): boolean {
  return filter.text.trim() === "" && filter.agentId === null && filter.progress === null && !filter.broadcastsOnly;
}

/** The words that are searched for. */
export function wordsOf(filter: Filter): string[] {
  return filter.text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** Returns the entries that are wanted; every word has to be in the body or in a name. */
export function wanted(all: readonly Entry[], filter: Filter): Entry[] {
  if (isEmpty(filter)) return [...all];
  const words = wordsOf(filter);
  return all.filter(
    (entry) =>
      (!filter.broadcastsOnly || entry.isBroadcast) && isBy(entry, filter) && isAt(entry, filter) && has(entry, words),
  );
}

function isBy(entry: Entry, { agentId }: Filter): boolean {
  if (agentId === null || entry.first.from_agent_id === agentId) return true;
  return entry.messages.some((message) => message.to_agent_id === agentId);
}

function isAt(entry: Entry, filter: Filter): boolean {
  if (filter.progress === null) return true;
  return entry.messages.some((message) =>
    filter.progress === "open" ? message.status === "input_required" : progress(message) === filter.progress,
  );
}

function has(entry: Entry, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  // a broadcast goes to everyone: the names of all of them would find it whatever it says
  const recipient = entry.isBroadcast ? "everyone" : entry.first.to_agent_name;
  const text = [entry.first.body, senderName(entry.first), recipient].join("\n").toLowerCase();
  return words.every((word) => text.includes(word) || isNumberOf(entry, word));
}

/** Agents and the command line name a message by its number. */
function isNumberOf(entry: Entry, word: string): boolean {
  const number = /^#?(\d+)$/.exec(word)?.[1];
  return number !== undefined && entry.messages.some((message) => String(message.task_id) === number);
}
