import { describe, expect, test } from "vitest";
import { complete, firstChoice, mentionAt, readdressed, readDraft, suggestions, tokenOf } from "./mention";

const all = [
  { agent_id: 2, name: "Director" },
  { agent_id: 4, name: "Ada" },
  { agent_id: 5, name: "Ada Lovelace" },
  { agent_id: 6, name: "Grace" },
  { agent_id: 7, name: "grace" },
  { agent_id: 8, name: "all" },
  { agent_id: 9, name: "x\u202Ey" },
];

const problem = (text: string) => {
  const draft = readDraft(text, all);
  return draft.ok ? null : draft.problem;
};

describe("reading a draft", () => {
  test.each([
    ["@Director hello", 2, "hello"],
    ["  @director,  hello\nyou  ", 2, "hello\nyou"],
    ["@Ada: hi", 4, "hi"],
    ["@Ada#4 hi", 4, "hi"],
    ["@Ada Lovelace#5 hi", 5, "hi"],
    ["@grace#7 hi", 7, "hi"],
    ["@#6 hi", 6, "hi"],
    ["@all#8 hi", 8, "hi"],
    ["@Ada @nobody is here", 4, "@nobody is here"],
  ])("%j goes to %i", (text, id, body) => {
    expect(readDraft(text, all)).toEqual({ ok: true, to: all.find((agent) => agent.agent_id === id), body });
  });

  test("all of them are one recipient, whoever is called so", () => {
    expect(readDraft("@all stop", all)).toEqual({ ok: true, to: "*", body: "stop" });
  });

  test.each([
    ["", "empty"],
    [" \n ", "empty"],
    ["@Ada", "empty"],
    ["@all   ", "empty"],
    ["hello @Ada", "no-recipient"],
    ["@Bob hello", "unknown"],
    ["@Adam hello", "unknown"],
    ["@ Ada hello", "unknown"],
    ["@Ada#99 hello", "unknown"],
    ["@Grace hello", "ambiguous"],
    ["@Ada Lovelace hello", "ambiguous"],
    ["@Ada @Grace#6 hello", "several"],
    ["@all @Ada hello", "several"],
  ])("%j is refused as %s", (text, why) => expect(problem(text)).toBe(why));

  test("an ambiguous name is told with the choices", () => {
    const draft = readDraft("@grace hello", all);
    expect(!draft.ok && draft.message).toBe("That can be @Grace#6 or @grace#7: say which.");
  });
});

describe("the popover", () => {
  test("names get an id only where they need one, and what is hidden in them is not shown", () => {
    const tokens = all.map((agent) => tokenOf(agent, all));
    expect(tokens).toEqual(["Director", "Ada", "Ada Lovelace#5", "Grace#6", "grace#7", "all#8", "x y#9"]);
  });

  test("every token that it writes is read as the agent that was chosen", () => {
    for (const { to, token } of suggestions("", all)) {
      expect(readDraft(`@${token} hi`, all)).toEqual({ ok: true, to, body: "hi" });
    }
  });

  test("offers by prefix, all of them first", () => {
    expect(suggestions("a", all).map(({ token }) => token)).toEqual(["all", "Ada", "Ada Lovelace#5", "all#8"]);
    expect(suggestions("GR", all).map(({ token }) => token)).toEqual(["Grace#6", "grace#7"]);
    expect(suggestions("ada ", all).map(({ token }) => token)).toEqual(["Ada Lovelace#5"]);
    expect(suggestions("zzz", all)).toEqual([]);
  });

  test("opens only for the mention at the beginning", () => {
    expect(mentionAt("@", 1)).toEqual({ start: 0, query: "" });
    expect(mentionAt(" @Ad hello", 4)).toEqual({ start: 1, query: "Ad" });
    expect(mentionAt("hello @Ad", 9)).toBeNull();
    expect(mentionAt("@Ada @Gr", 8)).toBeNull();
    expect(mentionAt("@Ada", 0)).toBeNull();
  });

  test("replaces what was typed and leaves the rest", () => {
    expect(complete("@Ad", 3, "Ada")).toEqual({ text: "@Ada ", caret: 5 });
    expect(complete("@Ad hello", 3, "Ada")).toEqual({ text: "@Ada hello", caret: 5 });
  });
});

test("everyone is chosen only by whoever wrote so", () => {
  const choice = (query: string) => suggestions(query, all)[firstChoice(query, suggestions(query, all))]?.token;
  expect([choice(""), choice("a"), choice("ALL"), choice("gr")]).toEqual(["Director", "Ada", "all", "Grace#6"]);
  expect(firstChoice("al", [{ to: "*", token: "all" }])).toBe(0);
});

test("a draft goes to another recipient and keeps its words", () => {
  expect(readdressed("", "Ada", all)).toBe("@Ada ");
  expect(readdressed("@Director, look\nhere", "Ada", all)).toBe("@Ada look\nhere");
  expect(readdressed("no name yet", "Ada", all)).toBe("@Ada no name yet");
  expect(readdressed("@nobody yet", "Ada", all)).toBe("@Ada @nobody yet");
});
