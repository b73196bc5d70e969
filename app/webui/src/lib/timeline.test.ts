import { expect, test } from "vitest";
import { noFilter, wanted } from "./filter";
import { message } from "./fixtures";
import { entries, timelineRows } from "./timeline";

test("a broadcast is one entry where its first message stands", () => {
  const cast = { origin_task_id: 2 };
  const all = entries([
    message(1),
    message(2, { ...cast, type: "broadcast_summary", body: "Broadcast sent to 2 recipients" }),
    message(3, cast),
    message(4, { to_agent_id: 9 }),
    message(5, { ...cast, to_agent_id: 5 }),
  ]);
  expect(all.map(({ key, messages }) => [key, messages.map(({ task_id }) => task_id)])).toEqual([
    ["m1", [1]],
    ["b2", [3, 5]],
    ["m4", [4]],
  ]);
});

test("days are told apart in local time, also when the clock went backwards", () => {
  const days = ["2026-04-15T12:00:00Z", "2026-04-16T12:00:00Z", "2026-04-15T12:00:00Z"];
  const rows = timelineRows(entries(days.map((created_at, index) => message(index + 1, { created_at }))));
  expect(rows.map(({ kind }) => kind)).toEqual(["day", "entry", "day", "entry", "day", "entry"]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});

test("a message continues the one before only from the same to the same, soon, on the same day", () => {
  const continued = (second: Parameters<typeof message>[1]) => {
    const row = timelineRows(entries([message(1), message(2, second)])).at(-1);
    return row?.kind === "entry" && row.isContinued;
  };
  expect(continued({})).toBe(true);
  expect(continued({ from_agent_id: 4 })).toBe(false);
  expect(continued({ to_agent_id: 4 })).toBe(false);
  expect(continued({ origin_task_id: 9 })).toBe(false);
  expect(continued({ created_at: "2026-04-15T12:05:00Z" })).toBe(false);
  expect(continued({ created_at: "2026-04-15T11:59:00Z" })).toBe(false);
});

test("filters find by words, agent, state and kind", () => {
  const all = entries([
    message(1, { body: "Build is RED" }),
    message(2, { to_agent_id: 7, to_agent_name: "Grace", status: "completed" }),
    message(3, { origin_task_id: 9, from_agent_id: 8, from_agent_name: "Ada" }),
  ]);
  const keys = (filter: Partial<typeof noFilter>) => wanted(all, { ...noFilter, ...filter }).map(({ key }) => key);
  expect(keys({})).toEqual(["m1", "m2", "b9"]);
  expect(keys({ text: " red  build " })).toEqual(["m1"]);
  expect(keys({ text: "grace" })).toEqual(["m2"]);
  expect(keys({ agentId: 8 })).toEqual(["b9"]);
  expect(keys({ agentId: 7 })).toEqual(["m2"]);
  expect(keys({ progress: "open" })).toEqual(["m1", "b9"]);
  expect(keys({ progress: "acknowledged" })).toEqual(["m2"]);
  expect(keys({ broadcastsOnly: true })).toEqual(["b9"]);
  expect(keys({ broadcastsOnly: true, text: "red" })).toEqual([]);
});
