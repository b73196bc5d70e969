type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "shiftKey" | "altKey" | "getModifierState">;

/**
 * Whether a key gives the pane back: Ctrl with the character `]`, as for `cafleet attach`, wherever the keyboard has it; or Ctrl, Shift and
 * Backspace, which every keyboard has.
 */
export function leaves(event: Key): boolean {
  // with AltGr, which some systems tell as Ctrl and Alt, it is a character that is typed
  if (!event.ctrlKey || event.altKey || event.getModifierState("AltGraph")) return false;
  return event.key === "]" || (event.shiftKey && event.key === "Backspace");
}
