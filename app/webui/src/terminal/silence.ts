import type { IParser } from "@xterm/xterm";

/** Questions to the terminal: the server has answered them, and two answers would be typed into the pane. */
const QUESTIONS = [
  { final: "c" },
  { prefix: ">", final: "c" },
  { prefix: "=", final: "c" },
  { final: "n" },
  { prefix: "?", final: "n" },
  { intermediates: "$", final: "p" },
  { prefix: "?", intermediates: "$", final: "p" },
  { prefix: ">", final: "q" },
  { prefix: "?", final: "u" },
  // reports of the window, and changes of it
  { final: "t" },
];

const REPORTS = [
  { intermediates: "$", final: "q" },
  { intermediates: "+", final: "q" },
];

/**
 * Commands beyond the screen. Titles (0, 1, 2) come by another way, as text; links (8) would lead where the text does not
 * say; the clipboard (52) is the person's; colours (4, 10 to 19, 104, 110 to 119) are asked for by the same commands that
 * set them, and the next snapshot would not know them.
 */
const BEYOND = [0, 1, 2, 4, 5, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 52, 104, 105, 110, 111, 112, 117, 119];

/** Modes in which a click or the focus becomes input: while nobody types, the mouse selects. */
const MOUSE = new Set([9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016]);

/**
 * Makes a terminal a mere screen: whatever is written to it, it answers nothing and changes nothing around it, and listens to
 * the mouse only while somebody types.
 */
export function silence(parser: IParser, isTyping: () => boolean): void {
  const swallow = () => true;
  for (const id of QUESTIONS) parser.registerCsiHandler(id, swallow);
  for (const id of REPORTS) parser.registerDcsHandler(id, swallow);
  for (const id of BEYOND) parser.registerOscHandler(id, swallow);
  parser.registerCsiHandler({ prefix: "?", final: "h" }, (modes) => {
    return !isTyping() && modes.every((mode) => typeof mode === "number" && MOUSE.has(mode));
  });
}
