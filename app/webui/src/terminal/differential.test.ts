import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Terminal } from "@xterm/xterm";
import { expect, it } from "vitest";
import { silence } from "./silence";
import { charWidth, likeTheServer } from "./widths";

type Span = [text: string, dim: boolean, reverse: boolean, foreground: string | null];
type Step = { output: string; told: string; rows: Span[][]; cursor: [row: number, column: number] };
type Case = { columns: number; rows: number; steps: Step[] };

const SEED = process.env.SEED ?? "20261127";
const TERMINALS = 500;
const PROGRAM = fileURLToPath(new URL("../../../../target/debug/terminal_cases", import.meta.url));

/** What directs the writing is not told to viewers. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A cell as it is compared: its characters, and its look where it shows any. */
function cell(text: string, dim: boolean, reverse: boolean, foreground: string | null): string {
  // the first sixteen colours have two names
  const indexed = /^38;5;(\d+)$/.exec(foreground ?? "");
  const index = indexed ? Number(indexed[1]) : 16;
  const colour = index < 8 ? `3${index}` : index < 16 ? `9${index - 8}` : foreground;
  // what joins a blank is not seen
  return text.startsWith(" ") && !reverse
    ? " "
    : `${text}|${dim ? "dim" : ""}|${reverse ? "reverse" : ""}|${colour ?? ""}`;
}

/** The cells that the model shows in a row. */
function expected(spans: Span[]): string[] {
  const cells: [string, boolean, boolean, string | null][] = [];
  for (const [text, dim, reverse, foreground] of spans) {
    for (const character of text) {
      const last = cells.at(-1);
      if (charWidth(character.codePointAt(0) ?? 0) === 0 && last) last[0] += character;
      else cells.push([character, dim, reverse, foreground]);
    }
  }
  return cells.map(([text, ...look]) => cell(text.replace(DIRECTIONS, ""), ...look));
}

/** The cells that the terminal of the page shows in a row. */
function shown(terminal: Terminal, row: number): string[] {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
  const cells: string[] = [];
  for (let column = 0; line && column < line.length; column++) {
    const found = line.getCell(column);
    if (!found || found.getWidth() === 0) continue;
    const number = found.getFgColor();
    let colour: string | null = null;
    if (found.isFgRGB()) colour = `38;2;${number >> 16};${(number >> 8) & 255};${number & 255}`;
    else if (found.isFgPalette()) colour = `38;5;${number}`;
    cells.push(cell(found.getChars() || " ", found.isDim() !== 0, found.isInverse() !== 0, colour));
  }
  return cells;
}

function trimmed(cells: string[]): string[] {
  return cells.slice(0, cells.findLastIndex((text) => text !== " ") + 1);
}

it(
  `shows what the model does, of ${TERMINALS * 20} pieces of output (SEED=${SEED})`,
  { timeout: 120_000 },
  async () => {
    const printed = execFileSync(PROGRAM, [SEED, String(TERMINALS)], { encoding: "utf8", maxBuffer: 1 << 30 });
    let compared = 0;
    for (const line of printed.trim().split("\n")) {
      const { columns, rows, steps } = JSON.parse(line) as Case;
      const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 2_000 });
      likeTheServer(terminal);
      silence(terminal.parser, () => false);
      const said: string[] = [];
      terminal.onData((data) => said.push(data));
      terminal.onTitleChange((title) => said.push(title));
      const written: string[] = [];
      for (const { output, told, rows: spans, cursor } of steps) {
        written.push(output);
        await new Promise<void>((done) => terminal.write(told, done));
        const { cursorX, cursorY } = terminal.buffer.active;
        const found = {
          rows: Array.from({ length: rows }, (_, row) => trimmed(shown(terminal, row))),
          cursor: [cursorY, cursorX],
          said,
        };
        const wanted = { rows: spans.map((row) => trimmed(expected(row))), cursor, said: [] };
        expect(found, `${columns} by ${rows} after ${written.slice(-3).join()}, told ${JSON.stringify(told)}`).toEqual(
          wanted,
        );
        compared++;
      }
      terminal.dispose();
    }
    expect(compared).toBe(TERMINALS * 20);
  },
);
