/** Keys that the keyboard of a touch screen does not have. */
export const TOUCH_KEYS = ["Esc", "Tab", "↑", "↓", "←", "→", "Ctrl-C", "Enter"] as const;

export type TouchKey = (typeof TOUCH_KEYS)[number];

const CURSOR: Partial<Record<TouchKey, string>> = { "↑": "A", "↓": "B", "→": "C", "←": "D" };
const OTHERS: Partial<Record<TouchKey, string>> = { Esc: "\x1b", Tab: "\t", "Ctrl-C": "\x03", Enter: "\r" };

/** What a key sends; a program may have asked for other sequences of the arrows (DECCKM). */
export function sequenceOf(key: TouchKey, isApplication: boolean): string {
  const arrow = CURSOR[key];
  return arrow ? `\x1b${isApplication ? "O" : "["}${arrow}` : (OTHERS[key] ?? "");
}
