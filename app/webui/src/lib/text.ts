/** A part of a message's body. */
export type Block = { kind: "text"; spans: Span[] } | { kind: "code"; language: string; text: string };

/** A run of text; with `href` it is a link. */
export type Span = { text: string; href?: string };

const FENCE = /^ {0,3}```([^`]*)$/;
const FENCE_END = /^ {0,3}```\s*$/;
const LINK = /\bhttps?:\/\/[^\s<>"'`\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;

/** Splits a body into text and fenced code. Nothing else is interpreted: a body is data. */
export function blocks(body: string): Block[] {
  const found: Block[] = [];
  let lines: string[] = [];
  let code: { language: string; lines: string[] } | null = null;
  const endText = () => {
    // the lines that only keep text and code apart
    const text = lines.join("\n").replace(found.length > 0 ? /^\n+/ : "", "").replace(code || found.length > 0 ? /\n+$/ : "", "");
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

const FOLD_LINES = 14;
const FOLD_CHARACTERS = 1600;

/** What is shown of a long body at first, and how many lines that leaves out; null when the body is short. */
export function fold(body: string): { head: string; hiddenLines: number; hiddenCharacters: number } | null {
  const lines = body.split("\n");
  // folding away two lines saves nothing
  if (lines.length <= FOLD_LINES + 2 && body.length <= FOLD_CHARACTERS + 200) return null;
  const characters = Array.from(lines.slice(0, FOLD_LINES).join("\n").slice(0, FOLD_CHARACTERS));
  // a pair of surrogates that was cut in half is left out
  if (/^[\ud800-\udbff]$/.test(characters.at(-1) ?? "")) characters.pop();
  const head = characters.join("");
  return { head, hiddenLines: Math.max(0, lines.length - FOLD_LINES), hiddenCharacters: body.length - head.length };
}

const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/gu;

/** A name on one line, without characters that could make it look like another. */
export function plainName(name: string): string {
  return name.replace(INVISIBLE, " ").trim() || "(no name)";
}
