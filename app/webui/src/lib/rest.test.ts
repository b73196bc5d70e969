import { describe, expect, test } from "vitest";
import { concerns, inOrder } from "./agents";
import { avatarColour, initials } from "./avatar";
import { agent, message } from "./fixtures";
import { notYetShown, type Outgoing } from "./outbox";
import { fleetHref, parseRoute } from "./route";
import { dayName, span } from "./time";

describe("addresses", () => {
  test.each([
    ["", { name: "fleets" }],
    ["#/", { name: "fleets" }],
    ["#/fleets", { name: "fleets" }],
    ["#/fleets/3", { name: "fleet", fleetId: 3, view: "messages", agentId: null }],
    ["#/fleets/3/agents/12", { name: "fleet", fleetId: 3, view: "messages", agentId: 12 }],
  ])("%j is read", (hash, route) => expect(parseRoute(hash)).toEqual(route));

  test.each([
    "#/fleets/0",
    "#/fleets/x",
    "#/fleets/1/agents",
    "#/other",
    "#/fleets/1e3",
    "#/fleets/99999999999999999999",
  ])("%j is not known", (hash) => expect(parseRoute(hash).name).toBe("unknown"));

  test("what is written is read again", () => {
    expect(parseRoute(fleetHref(7))).toEqual({ name: "fleet", fleetId: 7, view: "messages", agentId: null });
    expect(parseRoute(fleetHref(7, null, "terminals"))).toEqual({
      name: "fleet",
      fleetId: 7,
      view: "terminals",
      agentId: null,
    });
    expect(parseRoute(fleetHref(7, 9, "terminals"))).toEqual({
      name: "fleet",
      fleetId: 7,
      view: "terminals",
      agentId: 9,
    });
    expect(parseRoute(fleetHref(7, 9))).toEqual({ name: "fleet", fleetId: 7, view: "messages", agentId: 9 });
  });
});

test("messages to the person are one thing that needs them, and what began first stands in front", () => {
  const all = [
    agent(2, "Administrator", {
      kind: "builtin-administrator",
      pending_count: 2,
      pending_since: "2026-04-15T10:05:00+00:00",
    }),
    agent(3, "Ada", { state: "asking", state_since: "2026-04-15T10:09:00+00:00" }),
    agent(4, "Bob", { state: "gone", state_since: "2026-04-15T10:01:00+00:00" }),
  ];
  expect(concerns(all).map(({ agent, kind, reason }) => [agent.name, kind, reason])).toEqual([
    ["Bob", "gone", "gone"],
    ["Administrator", "for you", "2 messages wait"],
    ["Ada", "asking", "asking"],
  ]);
});

test("who needs a person, for the first reason that holds", () => {
  const stuck = { state: "held", reason: "is asking", updated_at: "2026-04-15T11:00:00+00:00" } as const;
  const all = [
    agent(5, "Eve", { state: "at_rest" }),
    agent(4, "Dan", { state: "gone", status: "deregistered", stuck }),
    agent(3, "Ada", { state: "asking", state_rule: "permission dialog", stuck }),
    agent(6, "Bob", { stuck }),
    agent(7, "Kim", { stuck: { ...stuck, state: "failed", reason: null } }),
  ];
  expect(concerns(all).map(({ agent, kind, reason }) => [agent.name, kind, reason])).toEqual([
    ["Ada", "asking", "permission dialog"],
    ["Bob", "held", "is asking"],
    ["Kim", "held", "failed"],
  ]);
  expect(inOrder(all).map(({ name }) => name)).toEqual(["Ada", "Eve", "Bob", "Kim", "Dan"]);
});

test("what was sent is shown until the server's own row is", () => {
  const outgoing = (key: string, taskId: number | null): Outgoing => ({
    key,
    taskId,
    to: "*",
    body: "",
    state: "sending",
    problem: null,
  });
  const outbox = [outgoing("a", null), outgoing("b", 4), outgoing("c", 10), outgoing("d", 99)];
  const left = notYetShown(outbox, [message(4), message(11, { origin_task_id: 10 })]);
  expect(left.map(({ key }) => key)).toEqual(["a", "d"]);
});

test("neighbours have other colours; names become letters", () => {
  const colours = Array.from({ length: 10 }, (_, index) => avatarColour(index + 1));
  expect(new Set(colours).size).toBe(10);
  expect(["Ada", "Ada Lovelace", "test-writer_2", "王小明", "  ", "…"].map(initials)).toEqual([
    "A",
    "AL",
    "T2",
    "王",
    "?",
    "?",
  ]);
});

test("spans and days as people say them", () => {
  expect([0, 59_999, 60_000, 3_600_000, 90_000_000, -5].map(span)).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "1 h",
    "1 d",
    "0 s",
  ]);
  const now = new Date(2026, 3, 15, 8);
  expect(dayName(new Date(2026, 3, 15, 0, 1).toISOString(), now)).toBe("Today");
  expect(dayName(new Date(2026, 3, 14, 23, 59).toISOString(), now)).toBe("Yesterday");
  expect(dayName(new Date(2025, 3, 14).toISOString(), now)).toContain("2025");
});
