import { expect, test } from "vitest";
import { blocks, fold, plainName, spans, occurrences, withVisibleControls } from "./text";

const links = (text: string) => spans(text).flatMap((span) => span.href ?? []);

test("only what is http becomes a link, without what ends the sentence", () => {
  expect(links("see https://a.example/x?y=1#z.")).toEqual(["https://a.example/x?y=1#z"]);
  expect(links("(http://a.example/b_(c)), https://b.example!")).toEqual([
    "http://a.example/b_(c)",
    "https://b.example",
  ]);
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "//a.example",
    "xhttps://a",
    "https://",
    "file:///etc",
  ]) {
    expect(links(text), text).toEqual([]);
  }
  // a character that turns the reading direction ends a link: what is shown is where it leads
  expect(links("https://a.example/\u202Egro.live")).toEqual(["https://a.example/"]);
});

test("no character of the text is lost", () => {
  const text = "a <b> https://x.example, <script>alert(1)</script> & https://y.example)";
  expect(
    spans(text)
      .map((span) => span.text)
      .join(""),
  ).toBe(text);
});

test("fences become code, whatever stands in them", () => {
  expect(blocks("before\r\n```rust\nlet x = 1;\n\n  y https://a.example\n```\nafter")).toEqual([
    { kind: "text", spans: [{ text: "before" }] },
    { kind: "code", language: "rust", text: "let x = 1;\n\n  y https://a.example" },
    { kind: "text", spans: [{ text: "after" }] },
  ]);
  expect(
    blocks("\na\n\n```\nx\n```\n\n  b\n\nc\n").map((block) => block.kind === "text" && block.spans[0]?.text),
  ).toEqual(["\na", false, "  b\n\nc"]);
  expect(blocks("```\nopen").at(-1)).toEqual({ kind: "code", language: "", text: "open" });
  expect(blocks("a ```b``` c")).toEqual([{ kind: "text", spans: [{ text: "a ```b``` c" }] }]);
});

test("a long body is folded, a short one is not", () => {
  expect(fold("a\n".repeat(15))).toBeNull();
  expect(fold("a\n".repeat(99))).toMatchObject({ hiddenLines: 86 });
  const long = fold("😀".repeat(5000));
  expect(long?.hiddenLines).toBe(0);
  expect(long?.head.isWellFormed()).toBe(true);
  expect(fold(`a${"😀".repeat(5000)}`)?.head.isWellFormed()).toBe(true);
});

test("a name is one line of what can be seen", () => {
  expect(plainName("a\nb\u0000\u202Ec")).toBe("a b c");
  expect(plainName(" \u200B ")).toBe("(no name)");
});

test("what turns a text round is shown, and what was searched for is found where it stands", () => {
  expect(withVisibleControls("a\u202Eb\u2066c\u200Fd")).toBe("a[U+202E]b[U+2066]c\u200Fd");
  expect(occurrences("Ada and ada", ["ada"])).toEqual([
    { start: 0, end: 3 },
    { start: 8, end: 11 },
  ]);
  expect(occurrences("abcabc", ["bc", "abc"])).toEqual([
    { start: 0, end: 3 },
    { start: 3, end: 6 },
  ]);
  expect(occurrences("x", [])).toEqual([]);
});

test("a very long body comes a step at a time", () => {
  const body = "line\n".repeat(1000);
  expect(fold(body)?.hiddenLines).toBe(987);
  expect(fold(body, 1)?.hiddenLines).toBe(587);
  expect(fold(body, 3)).toBeNull();
});
