import { expect, test } from "vitest";
import { message } from "./fixtures";
import { addLive, merged, noticeParts, nothingLive, progress, senderName, uncovered, withoutGaps } from "./messages";

const done = { status: "completed", status_timestamp: "2026-04-15T12:01:00+00:00" } as const;
const held = { state: "held", reason: "is asking", updated_at: "2026-04-15T12:00:30+00:00" } as const;
const submitted = { state: "submitted", reason: null, updated_at: "2026-04-15T12:00:40.5+00:00" } as const;

test("joining is the same in any order, and twice is as once", () => {
  const views = [message(1), message(1, { delivery: held }), message(1, { ...done, delivery: submitted })];
  const expected = message(1, { ...done, delivery: submitted });
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
    [2, 2, 1],
  ]) {
    const joined = order.map((index) => views[index]!).reduce((known, view) => merged(known, view));
    expect(joined).toEqual(expected);
  }
});

test("what is acknowledged stays so when an older view comes late", () => {
  const known = message(1, done);
  expect(merged(known, message(1))).toBe(known);
  expect(merged(known, { status: "canceled", status_timestamp: "later" })).toBe(known);
});

test("a change that comes before its message is not lost", () => {
  const live = addLive(
    nothingLive,
    [],
    [
      [1, done],
      [1, { delivery: submitted }],
    ],
  );
  const pages = [{ messages: [message(1, { delivery: held })], next_cursor: null }];
  expect(withoutGaps(pages, live)).toEqual([message(1, { ...done, delivery: submitted })]);
  expect(withoutGaps([{ messages: [], next_cursor: null }], live)).toEqual([]);
});

test("pages and events are one list without doubles, oldest first", () => {
  const live = addLive(nothingLive, [message(4), message(3, done)], []);
  const pages = [
    { messages: [message(3), message(2)], next_cursor: 2 },
    { messages: [message(1)], next_cursor: null },
  ];
  const all = withoutGaps(pages, live);
  expect(all.map(({ task_id }) => task_id)).toEqual([1, 2, 3, 4]);
  expect(all[2]?.status).toBe("completed");
});

test("an event from before the oldest page waits until the pages reach it", () => {
  const live = addLive(nothingLive, [message(2), message(12)], []);
  const newest = { messages: [message(11), message(10)], next_cursor: 10 };
  const ids = (pages: Parameters<typeof withoutGaps>[0]) => withoutGaps(pages, live).map(({ task_id }) => task_id);
  expect(ids([newest])).toEqual([10, 11, 12]);
  expect(ids([newest, { messages: [message(9), message(2)], next_cursor: null }])).toEqual([2, 9, 10, 11, 12]);
});

test("a message that came live is dropped once all pages to which it belongs tell as much", () => {
  const live = addLive(nothingLive, [message(4), message(3, { delivery: submitted }), message(1)], [[3, done]]);
  const page = (...messages: ReturnType<typeof message>[]) => [{ messages, next_cursor: 2 }];
  const ids = (...lists: Parameters<typeof uncovered>[1]) => [...uncovered(live, lists).rows.keys()];
  const takes = () => true;
  expect(ids()).toEqual([4, 3, 1]);
  // the older one is on none of the pages that are loaded, and will be on one that is
  expect(ids({ pages: page(message(3), message(2)), takes })).toEqual([4, 3]);
  const newer = page(message(4), message(3, { delivery: { ...submitted } }), message(2));
  expect(ids({ pages: newer, takes })).toEqual([]);
  expect(ids({ pages: newer, takes }, { pages: page(message(3), message(2)), takes })).toEqual([4, 3]);
  expect(ids({ pages: newer, takes }, { pages: page(message(2)), takes: () => false })).toEqual([]);
  // what changes later still finds its message
  expect(withoutGaps(newer, uncovered(live, [{ pages: newer, takes }])).at(1)?.status).toBe("completed");
  expect(uncovered(live, [{ pages: page(message(0)), takes }])).toBe(live);
});

test.each([
  [{}, "stored"],
  [{ delivery: { ...held, state: "none" as const } }, "stored"],
  [{ delivery: { ...held, state: "pending" as const } }, "stored"],
  [{ delivery: held }, "held"],
  [{ delivery: submitted }, "submitted"],
  [{ delivery: held, ...done }, "acknowledged"],
  [{ delivery: submitted, status: "canceled" as const }, "canceled"],
])("%j is %s", (change, word) => expect(progress(message(1, change))).toBe(word));

test("a notice is nobody's words, and the screen that it quotes stands apart", () => {
  const body = "member 3 (Ada) is asking; the end of its screen, quoted:\n\n> \n> Do it?\n\n> > 1. Yes\n";
  expect(noticeParts(body)).toEqual({ words: "member 3 (Ada) is asking", screen: "Do it?\n\n> 1. Yes" });
  expect(noticeParts("member 3 (Ada) has lost its pane").screen).toBeNull();
  expect(senderName(message(1, { notice: true, from_agent_name: "Administrator" }))).toBe("CAFleet monitor");
  expect(senderName(message(1, { from_agent_name: "Administrator" }))).toBe("Administrator");
});
