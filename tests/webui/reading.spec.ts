import { composer, entry, expect, openFleet, test } from "./fixtures.ts";

test("an agent that a key opens takes the focus, and Esc gives it back from anywhere", async ({ page, stage }) => {
  const { main } = stage;
  await openFleet(page, main);
  await page.keyboard.press("n");
  const panel = page.getByRole("complementary");
  await expect(panel).toBeFocused();
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  const name = (await panel.getAttribute("aria-label"))?.replace("Agent ", "") ?? "";
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect(page.getByRole("navigation", { name: "Agents" }).getByRole("link", { name })).toBeFocused();
});

test("the place in the timeline is kept through a search and the terminals", async ({ page, stage }) => {
  const { rig } = stage;
  const fleet = await rig.fleet("places");
  const reader = await rig.register(fleet, "Reader");
  await rig.fill(fleet, reader, 150);
  await openFleet(page, fleet);
  const list = page.getByRole("region", { name: "Messages" });
  await expect(entry(page, "number 150")).toBeVisible();
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await page.waitForTimeout(300);
  const first = () =>
    list.evaluate((element) => {
      const top = element.getBoundingClientRect().top;
      const rows = [...element.querySelectorAll("article")].filter((row) => row.getBoundingClientRect().bottom > top + 1);
      return Number(/number (\d+)/.exec(rows[0]?.textContent ?? "")?.[1]);
    });
  const before = await first();
  expect(before).toBeLessThan(140);
  const isNear = async () => Math.abs((await first()) - before) <= 1;
  await page.keyboard.press("t");
  await expect(page.getByRole("region", { name: "Terminals" })).toBeVisible();
  await page.keyboard.press("t");
  await expect.poll(isNear).toBe(true);
  await page.keyboard.press("/");
  await page.keyboard.type("150");
  await expect(entry(page, "number 150")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect.poll(isNear).toBe(true);
  // and a hit leads to what stands around it
  await page.getByRole("searchbox").fill("number 42");
  await entry(page, "number 42").getByRole("button", { name: "Show among all" }).click();
  await expect(page.getByRole("searchbox")).toHaveValue("");
  await expect(entry(page, "number 42")).toBeVisible();
  await expect(entry(page, "number 43")).toBeVisible();
  await rig.cafleet(["fleet", "delete", fleet.id]);
});

test("what was found is marked, also where it would be folded; messages are found by number", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  const long = await rig.send(main, main.director, linus, `top\n${"line\n".repeat(40)}batch=138\n${"line\n".repeat(3)}`);
  await openFleet(page, main);
  await page.getByRole("searchbox").fill("batch=138");
  await expect(page.locator("mark", { hasText: "batch=138" })).toBeVisible();
  await page.getByRole("searchbox").fill(`#${long}`);
  await expect(page.getByRole("feed").getByRole("article").filter({ hasText: `#${long}` })).toHaveCount(1);
});

test("what turns text round is shown, and a link reads as what it opens", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await rig.send(main, main.director, linus, "see \u202ehttps://a.example/moc now");
  await openFleet(page, main);
  await expect(entry(page, "see")).toContainText("see [U+202E]https://a.example/moc now");
  const link = page.getByRole("link", { name: "https://a.example/moc" });
  await expect(link).toHaveText("https://a.example/moc");
  await expect(link.locator("xpath=..")).toHaveCSS("unicode-bidi", "isolate");
});

test("nothing moves when an agent begins to need somebody", async ({ page, stage }) => {
  const { rig } = stage;
  const fleet = await rig.fleet("still");
  await openFleet(page, fleet);
  await expect(page.getByText("Nothing needs you.")).toBeVisible();
  const top = () => page.getByRole("search").evaluate((element) => element.getBoundingClientRect().top);
  const before = await top();
  const asker = await rig.register(fleet, "Asker");
  await rig.send(fleet, asker, fleet.administrator, "please decide");
  await expect(page.getByRole("region", { name: "Needs attention" })).toBeVisible();
  expect(await top()).toBe(before);
  await rig.cafleet(["fleet", "delete", fleet.id]);
});

test("writing to somebody else keeps what was begun", async ({ page, stage }) => {
  const { main, linus } = stage;
  await openFleet(page, main, linus);
  await composer(page).fill("@Ada look here");
  await page.getByRole("button", { name: "Write to Linus T" }).click();
  await expect(composer(page)).toHaveValue(`@Linus T#${linus} look here`);
  await composer(page).fill("");
});

test("at 400 % of a small window the messages can still be read", async ({ page, stage }) => {
  await page.setViewportSize({ width: 320, height: 256 });
  await openFleet(page, stage.main);
  const height = await page.getByRole("region", { name: "Messages" }).evaluate((element) => element.clientHeight);
  expect(height).toBeGreaterThan(100);
  const reach = await page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  expect(reach).toBeGreaterThan(0);
});

test("scripts come compressed", async ({ page }) => {
  const script = page.waitForResponse((response) => /assets\/.*\.js$/.test(response.url()));
  await page.goto("/");
  expect((await script).headers()["content-encoding"]).toBe("gzip");
});
