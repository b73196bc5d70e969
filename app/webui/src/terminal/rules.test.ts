import { sequenceOf } from "./touchKeys";
import { Terminal } from "@xterm/xterm";
import { describe, expect, it } from "vitest";
import { fitting, pictured, zoomed } from "./fit";
import { leaves } from "./keys";
import { linesOf, pasteable } from "./paste";
import { frames, readFrame, streamPath } from "./protocol";
import { silence } from "./silence";

/** Writes to a screen; returns what it says by itself, and the rows that it shows. */
async function show(output: string, isSilent: boolean): Promise<{ said: string[]; rows: string[] }> {
  const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
  const said: string[] = [];
  terminal.onData((data) => said.push(data));
  terminal.onBinary((data) => said.push(data));
  terminal.onTitleChange((title) => said.push(title));
  if (isSilent) silence(terminal.parser, () => false);
  await new Promise<void>((done) => terminal.write(output, done));
  const rows = Array.from(
    { length: 6 },
    (_, row) => terminal.buffer.active.getLine(row)?.translateToString(true) ?? "",
  );
  terminal.dispose();
  return { said, rows: rows.filter((row) => row !== "") };
}

const QUERIES = {
  "primary attributes": "\x1b[c",
  "secondary attributes": "\x1b[>c",
  "tertiary attributes": "\x1b[=c",
  status: "\x1b[5n",
  "the cursor's place": "\x1b[6n",
  "the cursor's place, extended": "\x1b[?6n",
  "an ANSI mode": "\x1b[4$p",
  "a DEC mode": "\x1b[?2026$p",
  version: "\x1b[>q",
  "the size of the window": "\x1b[18t",
  "the keyboard protocol": "\x1b[?u",
  colours: "\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]12;?\x07",
  settings: "\x1bP$qm\x1b\\",
  capabilities: "\x1bP+q544e\x1b\\",
  clipboard: "\x1b]52;c;?\x07\x1b]52;c;aGVsbG8=\x07",
  title: "\x1b]0;one\x07\x1b]2;two\x1b\\",
};

describe("a silent screen", () => {
  for (const [name, query] of Object.entries(QUERIES)) {
    it(`answers nothing: ${name}`, async () => {
      expect(await show(`before${query}after`, true)).toEqual({ said: [], rows: ["beforeafter"] });
    });
  }

  it("would have answered most of them", async () => {
    const { said } = await show(Object.values(QUERIES).join(""), false);
    expect(said.length).toBeGreaterThan(6);
  });

  it("shows links and colours as text", async () => {
    const output = "\x1b]8;;https://example.org\x07here\x1b]8;;\x07 \x1b[1;31mred\x1b[m <b>bold</b>";
    expect(await show(output, true)).toEqual({ said: [], rows: ["here red <b>bold</b>"] });
  });
});

describe("frames", () => {
  it("are read when they are known", () => {
    expect(readFrame('{"type":"snapshot","columns":80,"rows":24}')).toEqual({
      type: "snapshot",
      columns: 80,
      rows: 24,
    });
    expect(readFrame('{"type":"title","title":"x"}')).toEqual({ type: "title", title: "x" });
    expect(readFrame('{"type":"ended","reason":"exited"}')).toEqual({ type: "ended", reason: "exited" });
    expect(readFrame('{"type":"error","message":"no"}')).toEqual({ type: "error", message: "no" });
  });

  it("are nothing otherwise", () => {
    for (const text of ["", "null", "[]", "{", '{"type":"later"}', '{"type":"title","title":7}'])
      expect(readFrame(text)).toBeNull();
    for (const columns of [0, -1, 1.5, 1e9, '"80"']) {
      expect(readFrame(`{"type":"snapshot","columns":${columns},"rows":24}`)).toBeNull();
    }
  });

  it("of input are cut", () => {
    const bytes = Uint8Array.from({ length: 150_000 }, (_, at) => at % 251);
    const cut = frames(bytes);
    expect(cut.map(({ length }) => length)).toEqual([65_536, 65_536, 18_928]);
    expect(cut.flatMap((frame) => [...frame])).toEqual([...bytes]);
    expect(frames(new Uint8Array())).toEqual([]);
  });
});

it("names the stream, and the token only where something is typed", () => {
  expect(streamPath(2, 7, null)).toBe("/api/panes/7/stream?fleet_id=2");
  expect(streamPath(2, 7, "a+b")).toBe("/api/panes/7/stream?fleet_id=2&token=a%2Bb");
});

it("gives a pane back by character, wherever the keyboard has it", () => {
  const press = (key: string, code: string, held: string[]) =>
    leaves({
      key,
      code,
      ctrlKey: held.includes("Control"),
      shiftKey: held.includes("Shift"),
      altKey: held.includes("Alt"),
      getModifierState: (name: string) => held.includes(name),
    } as KeyboardEvent);
  expect(press("]", "BracketRight", ["Control"])).toBe(true);
  // a Japanese keyboard has it one key further, and another character in its place
  expect(press("]", "Backslash", ["Control"])).toBe(true);
  expect(press("[", "BracketRight", ["Control"])).toBe(false);
  // a German and a French one: + and $ are there, and ] is typed with AltGr
  expect(press("+", "BracketRight", ["Control"])).toBe(false);
  expect(press("$", "BracketRight", ["Control"])).toBe(false);
  expect(press("]", "Digit9", ["Control", "Alt", "AltGraph"])).toBe(false);
  expect(press("]", "Minus", ["AltGraph"])).toBe(false);
  expect(press("Backspace", "Backspace", ["Control", "Shift"])).toBe(true);
  expect(press("Backspace", "Backspace", ["Control"])).toBe(false);
});

it("pastes text, and no keys", () => {
  expect(pasteable("one\r\ntwo\rthree\tfour")).toBe("one\ntwo\nthree\tfour");
  expect(pasteable("a\x1b[201~b\x03\x7f\x9bc")).toBe("a[201~bc");
  expect(linesOf("one")).toBe(1);
  expect(linesOf("one\n")).toBe(2);
});

describe("the size of letters", () => {
  const letter = { width: 0.6, height: 1.17 };

  it("lets all of the screen fit, and no letter shout", () => {
    for (const [columns, rows] of [
      [20, 5],
      [80, 24],
      [200, 50],
      [400, 100],
    ] as const) {
      for (const [width, height] of [
        [390, 240],
        [1200, 700],
        [700, 1200],
      ] as const) {
        const size = fitting(columns, rows, { width, height }, letter);
        expect(size).toBeLessThanOrEqual(15);
        if (size === 1) continue;
        expect(size * columns * letter.width).toBeLessThanOrEqual(width);
        expect(Math.ceil(size * letter.height) * rows).toBeLessThanOrEqual(height);
      }
    }
    expect(fitting(80, 24, { width: 0, height: 0 }, letter)).toBe(1);
  });

  it("is scaled into the middle of a box in a picture", () => {
    const square = { width: 0.5, height: 1 };
    // 120 by 120 as it is
    expect(pictured(20, 10, { width: 60, height: 100 }, square)).toBe("translate(0.0px, 20.0px) scale(0.5000)");
    expect(pictured(20, 10, { width: 300, height: 200 }, square)).toBe("translate(75.0px, 25.0px) scale(1.2500)");
  });

  it("goes up and down by steps, within bounds", () => {
    expect(zoomed(8.33, 1)).toBe(9);
    expect(zoomed(8.33, -1)).toBe(7);
    expect(zoomed(14, 1)).toBe(16);
    expect(zoomed(4, -1)).toBe(4);
    expect(zoomed(28, 1)).toBe(28);
  });
});

it("the mouse selects, and is the program's only while somebody types", async () => {
  for (const isTyping of [false, true]) {
    const terminal = new Terminal({ cols: 40, rows: 6, allowProposedApi: true });
    silence(terminal.parser, () => isTyping);
    await new Promise<void>((done) => terminal.write("\x1b[?1000h\x1b[?1002;1006hA\x1b[38;5", done));
    await new Promise<void>((done) => terminal.write(";12mB\x1b[?25l", done));
    expect(terminal.modes.mouseTrackingMode).toBe(isTyping ? "drag" : "none");
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("AB");
    terminal.dispose();
  }
});

it("keys that a touch screen lacks send what a keyboard would", () => {
  expect(sequenceOf("↑", false)).toBe("\x1b[A");
  expect(sequenceOf("←", true)).toBe("\x1bOD");
  expect([sequenceOf("Esc", true), sequenceOf("Ctrl-C", false), sequenceOf("Enter", false)]).toEqual([
    "\x1b",
    "\x03",
    "\r",
  ]);
});
