import { composer, entry, expect, openFleet, type Page, test } from "./fixtures.ts";

const list = (page: Page) => page.getByRole("listbox", { name: "Recipients" });
const chosen = (page: Page) => list(page).getByRole("option", { selected: true });

test("one agent by name, from the popover, with the keyboard", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  await page.keyboard.press("c");
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("@");
  await expect(list(page).getByRole("option").first()).toHaveText(/@all/);
  // never everyone, unless that was written
  await expect(chosen(page)).toHaveText(/@Director/);
  await page.keyboard.press("ArrowUp");
  await expect(chosen(page)).toHaveText(/@all/);
  await page.keyboard.press("ArrowUp");
  await expect(chosen(page)).toHaveText(/@Linus T#/);
  await page.keyboard.press("Escape");
  await expect(list(page)).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("ad");
  await expect(chosen(page)).toHaveText(/@Ada/);
  const box = (await list(page).boundingBox())!;
  const field = (await composer(page).boundingBox())!;
  expect(box.y + box.height).toBeLessThanOrEqual(field.y + 12);
  expect(Math.abs(box.x - field.x)).toBeLessThan(40);
  await page.keyboard.press("Tab");
  await expect(composer(page)).toHaveValue("@Ada ");
  await page.keyboard.type("first line");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("second line");
  await page.keyboard.press("Enter");
  await expect(composer(page)).toHaveValue("");
  const row = entry(page, "first line").filter({ hasText: "Administrator" }).first();
  await expect(row).toContainText("second line");
  await expect(row).toContainText("Ada");
  await expect(row.locator("[data-progress=acknowledged]")).toBeVisible({ timeout: 20_000 });
  // the agent answers the person
  await expect(entry(page, "re: first line")).toBeVisible({ timeout: 20_000 });
});

test("all of them, with the mouse; it shows at once as sending", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/messages/send", async (route) => {
    await held;
    await route.continue();
  });
  await composer(page).click();
  await page.keyboard.type("@a");
  await list(page).getByRole("option", { name: /@all/ }).click();
  await expect(composer(page)).toHaveValue("@all ");
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type("stop, please");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(page.locator("[data-outgoing=sending]")).toContainText("stop, please");
  go();
  await expect(page.locator("[data-outgoing]")).toHaveCount(0);
  const row = entry(page, "stop, please").filter({ hasText: "everyone" });
  await expect(row).toHaveCount(1);
  await expect(row.locator("[data-progress]")).toHaveCount(4);
});

test("what cannot be sent is told next to the field", async ({ page, stage }) => {
  const { rig, main } = stage;
  const twin = await rig.register(main, "ada");
  await openFleet(page, main);
  const problem = page.getByRole("alert").filter({ hasText: /\w/ });
  for (const [text, why] of [
    ["hello", /Begin with @/],
    ["@Nobody hello", /Nobody here is called “Nobody”/],
    ["@Ada hello", /@Ada#\d+ or @ada#\d+/],
    ["@Grace @Director hello", /One name at a time/],
    ["@Grace  ", /Write a message behind the name/],
    ["   ", /Write a message first/],
  ] as const) {
    await composer(page).fill(text);
    await page.getByRole("button", { name: "Send" }).click();
    await expect(problem).toHaveText(why);
    await expect(composer(page)).toHaveValue(text);
    await expect(composer(page)).toHaveAttribute("aria-invalid", "true");
  }
  await composer(page).fill(`@ada#${twin} which of you?`);
  await composer(page).press("Enter");
  await expect(entry(page, "which of you?")).toContainText("ada");
  await rig.cafleet(["--fleet-id", main.id, "agent", "deregister", "--agent-id", twin]);
});

test("the Enter of an input method chooses a character and sends nothing", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  let sent = 0;
  await page.route("**/api/messages/send", (route) => {
    sent++;
    return route.continue();
  });
  await composer(page).fill("@Grace にほ");
  await composer(page).evaluate((field) => {
    const press = (init: KeyboardEventInit) => field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, ...init }));
    press({ isComposing: true });
    press({ keyCode: 229 });
  });
  await expect(composer(page)).toHaveValue("@Grace にほ");
  await composer(page).press("Enter");
  await expect(entry(page, "にほ").first()).toBeVisible();
  expect(sent).toBe(1);
});

test("a draft is kept until the server has it, and for each fleet apart", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  await composer(page).fill("@Grace not done yet");
  await openFleet(page, stage.other);
  await expect(composer(page)).toHaveValue("");
  await openFleet(page, stage.main);
  await expect(composer(page)).toHaveValue("@Grace not done yet");
  await page.reload();
  await expect(composer(page)).toHaveValue("@Grace not done yet");
  await page.route("**/api/messages/send", (route) => route.fulfill({ status: 500, json: { detail: "the disk is full" } }));
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Grace");
  await composer(page).press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "Not sent: the disk is full" })).toBeVisible();
  await expect(composer(page)).toHaveValue("@Grace not done yet");
  await expect(page.locator("[data-outgoing]")).toHaveCount(0);
  await page.reload();
  await expect(composer(page)).toHaveValue("@Grace not done yet");
  await page.unroute("**/api/messages/send");
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Grace");
  await composer(page).press("Enter");
  await expect(entry(page, "not done yet").first()).toBeVisible();
  // an event may have told of it before the server has answered
  await expect(page.locator("[data-outgoing]")).toHaveCount(0);
  await page.reload();
  await expect(composer(page)).toHaveValue("");
});

test("a message that cannot be sent stays in view when the next one is being written", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  let fail = () => {};
  const held = new Promise<void>((resolve) => (fail = resolve));
  await page.route("**/api/messages/send", async (route) => {
    await held;
    await route.fulfill({ status: 500, json: { detail: "the disk is full" } });
  });
  await composer(page).fill("@Grace the first");
  await composer(page).press("Enter");
  await composer(page).fill("@Grace the second");
  fail();
  const failed = page.locator("[data-outgoing=failed]");
  await expect(failed).toContainText(/the first.*not sent: the disk is full/);
  await expect(composer(page)).toHaveValue("@Grace the second");
  await failed.getByRole("button", { name: "Remove" }).click();
  await expect(failed).toHaveCount(0);
});

test("nobody is called unknown before it is known who is there", async ({ page, stage }) => {
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/agents", async (route) => {
    await held;
    await route.continue();
  });
  // it is not live before it is known who is there
  await page.goto(`/#/fleets/${stage.main.id}`);
  await composer(page).fill("@Grace too early");
  await composer(page).press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "still being asked" })).toBeVisible();
  await expect(composer(page)).toHaveValue("@Grace too early");
  go();
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Grace");
  await composer(page).press("Enter");
  await expect(entry(page, "too early").first()).toBeVisible();
});

test("without an Administrator nothing can be written, and the page says why", async ({ page, stage }) => {
  await page.route("**/api/agents", async (route) => {
    const answer = (await (await route.fetch()).json()) as { agents: { kind: string }[] };
    await route.fulfill({ json: { agents: answer.agents.filter(({ kind }) => kind !== "builtin-administrator") } });
  });
  await openFleet(page, stage.main);
  await expect(composer(page)).toBeDisabled();
  await expect(page.getByText("the Administrator of this fleet is missing")).toBeVisible();
});
