/** A part of a message's body. */
export type Block = { kind: "text"; spans: Span[] } | { kind: "code"; language: string; text: string };

/** A run of text; with `href` it is a link. */
export type Span = { text: string; href?: string };

const FENCE = /^ {0,3}```([^`]*)$/;
const FENCE_END = /^ {0,3}```\s*$/;
const LINK = /\bhttps?:\/\/[^\s<>"'`\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;

/** Splits a body into text and fenced code. Nothing else is interpreted: a body is data. */
export function blocks(body: string): Block[] {
  const found: Block[] = [];
  let lines: string[] = [];
  let code: { language: string; lines: string[] } | null = null;
  const endText = () => {
    // the lines that only keep text and code apart
    const text = lines
      .join("\n")
      .replace(found.length > 0 ? /^\n+/ : "", "")
      .replace(code || found.length > 0 ? /\n+$/ : "", "");
    if (text.trim() !== "") found.push({ kind: "text", spans: spans(text) });
    lines = [];
  };
  for (const line of body.split(/\r\n|\r|\n/)) {
    if (code) {
      if (FENCE_END.test(line)) {
        found.push({ kind: "code", language: code.language, text: code.lines.join("\n") });
        code = null;
      } else code.lines.push(line);
      continue;
    }
    const fence = FENCE.exec(line);
    if (fence) {
      code = { language: (fence[1] ?? "").trim(), lines: [] };
      endText();
    } else lines.push(line);
  }
  if (code) found.push({ kind: "code", language: code.language, text: code.lines.join("\n") });
  endText();
  return found;
}

/** Finds the links in a text. Only http and https become links, and only when they can be parsed. */
export function spans(text: string): Span[] {
  const found: Span[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const link = withoutPunctuation(match[0]);
    if (!URL.canParse(link)) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: link, href: link });
    end = match.index + link.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** Leaves what ends a sentence, or closes a bracket that the link does not open, outside of the link. */
function withoutPunctuation(link: string): string {
  let rest = link;
  for (;;) {
    const last = rest.at(-1) ?? "";
    const isForeignBracket = last === ")" && rest.split("(").length < rest.split(")").length;
    if (!".,;:!?]}*_~".includes(last) && !isForeignBracket) return rest;
    rest = rest.slice(0, -1);
  }
}

const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/gu;

/** Puts the names of controls that turn the text behind them round in their places: nothing is to look like what it is not. */
export function withVisibleControls(text: string): string {
  return text.replace(DIRECTION, (control) => `[U+${control.charCodeAt(0).toString(16).toUpperCase()}]`);
}

/** Finds the places of words in a text, whatever their case, from left to right and without overlaps. */
export function occurrences(text: string, words: readonly string[]): { start: number; end: number }[] {
  const lower = text.toLowerCase();
  // a letter whose small form is longer would move what comes behind it
  if (words.length === 0 || lower.length !== text.length) return [];
  const found = words.flatMap((word) => {
    const places = [];
    for (let at = lower.indexOf(word); word !== "" && at !== -1; at = lower.indexOf(word, at + word.length)) {
      places.push({ start: at, end: at + word.length });
    }
    return places;
  });
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return found.filter((place) => {
    const isFree = place.start >= end;
    if (isFree) end = place.end;
    return isFree;
  });
}

const FOLD_LINES = 14;
const FOLD_CHARACTERS = 1600;
export const STEP_LINES = 400;
export const STEP_CHARACTERS = 40_000;

/**
 * What is shown of a long body, and how many lines that leaves out; null when all of it is shown. Each step shows more: a
 * body of a million characters at once would hold the page up.
 */
export function fold(body: string, step = 0): { head: string; hiddenLines: number; hiddenCharacters: number } | null {
  const lines = body.split("\n");
  const [mostLines, mostCharacters] = [FOLD_LINES + step * STEP_LINES, FOLD_CHARACTERS + step * STEP_CHARACTERS];
  // folding away two lines saves nothing
  if (lines.length <= mostLines + 2 && body.length <= mostCharacters + 200) return null;
  const characters = Array.from(lines.slice(0, mostLines).join("\n").slice(0, mostCharacters));
  // a pair of surrogates that was cut in half is left out
  if (/^[\ud800-\udbff]$/.test(characters.at(-1) ?? "")) characters.pop();
  const head = characters.join("");
  return { head, hiddenLines: Math.max(0, lines.length - mostLines), hiddenCharacters: body.length - head.length };
}

const INVISIBLE = /[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;

/** A name on one line, without characters that could make it look like another. */
export function plainName(name: string): string {
  return name.replace(INVISIBLE, " ").trim() || "(no name)";
}
