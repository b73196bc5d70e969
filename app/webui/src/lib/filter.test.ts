import { expect, test } from "vitest";
import { noFilter, wanted } from "./filter";
import { message } from "./fixtures";
import { entries } from "./timeline";

const all = entries([
  message(5, { body: "for Ada alone" }),
  message(7, { body: "please look", origin_task_id: 6, to_agent_name: "reviewer" }),
  message(8, { body: "please look", origin_task_id: 6, to_agent_name: "Ada" }),
  message(51, { body: "about message 5" }),
]);
const found = (text: string) => wanted(all, { ...noFilter, text }).map((entry) => entry.key);

test("messages are found by number, and broadcasts not by who got them", () => {
  expect(found("#5")).toEqual(["m5"]);
  expect(found("5")).toEqual(["m5", "m51"]);
  expect(found("8")).toEqual(["b6"]);
  expect(found("please reviewer")).toEqual([]);
  expect(found("please everyone")).toEqual(["b6"]);
});
