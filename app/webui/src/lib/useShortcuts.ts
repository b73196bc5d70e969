import { useEffect } from "react";

/** The keys that work wherever nobody is writing, and what they do; shown with `?`. */
export const SHORTCUTS = {
  "/": "Search the messages",
  c: "Write a message",
  e: "Go to the newest message",
  a: "Open the next agent that needs a person",
  n: "Open the next agent",
  p: "Open the previous agent",
  t: "Change between messages and terminals",
  f: "Go to the fleets",
  Escape: "Close the agent",
  "?": "Show these keys",
} as const;

export type Shortcut = keyof typeof SHORTCUTS;

/** Calls what belongs to a key that is pressed outside of a field. */
export function useShortcuts(actions: Partial<Record<Shortcut, () => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], dialog")) return;
      const action = actions[event.key as Shortcut];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [actions]);
}
