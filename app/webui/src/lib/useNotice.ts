import { useSyncExternalStore } from "react";

let notice = "";
const listeners = new Set<() => void>();

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

/** Tells the person a sentence, in place of the one before. */
export function notify(text: string): void {
  notice = text;
  for (const changed of listeners) changed();
}

/** The sentence that the person is told; empty when there is none. */
export function useNotice(): string {
  return useSyncExternalStore(subscribe, () => notice);
}
