/** A text from the clipboard without what a terminal would take for keys; its lines end as a file's do. */
export function pasteable(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/(?![\t\n])\p{Cc}/gu, "");
}

/** How many lines of a text would be typed; more than one may send something before it was read. */
export function linesOf(text: string): number {
  return text.split("\n").length;
}
