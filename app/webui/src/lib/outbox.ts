import type { Message } from "../api/types";
import type { Addressee } from "./mention";

/** A message on its way from this page to the server. */
export type Outgoing = {
  key: string;
  to: Addressee | "*";
  body: string;
  state: "sending" | "failed" | "stored";
  /** Why it could not be sent. */
  problem: string | null;
  /** What the server calls it, once it has it. */
  taskId: number | null;
};

/** Leaves out what has come back as a message: its own, or those of the broadcast. */
export function notYetShown(outbox: readonly Outgoing[], messages: readonly Message[]): Outgoing[] {
  const waiting = new Set(outbox.flatMap((outgoing) => outgoing.taskId ?? []));
  if (waiting.size === 0) return [...outbox];
  const shown = new Set<number>();
  for (const { task_id, origin_task_id } of messages) {
    if (waiting.has(task_id)) shown.add(task_id);
    if (origin_task_id !== null && waiting.has(origin_task_id)) shown.add(origin_task_id);
  }
  return outbox.filter(({ taskId }) => taskId === null || !shown.has(taskId));
}
