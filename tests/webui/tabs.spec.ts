import { composer, entry, expect, openFleet, type Page, test } from "./fixtures.ts";

/** Lets the page take itself for one in the background: what the browser under test does not do by itself. */
async function hide(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate((isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (isHidden ? "hidden" : "visible") });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}

/** Counts the open WebSockets of a page to addresses that contain `part`, from its next loading on. */
function openSockets(page: Page, part: string): () => number {
  let count = 0;
  page.on("websocket", (socket) => {
    if (!socket.url().includes(part)) return;
    count += 1;
    socket.on("close", () => (count -= 1));
  });
  return () => count;
}

test("eight tabs of one browser are all live, read and write, and all say so when the server stops", async ({ context, page, stage }) => {
  test.setTimeout(180_000);
  const { rig, main, linus } = stage;
  const tabs = [page];
  while (tabs.length < 8) tabs.push(await context.newPage());
  // one after the other, as a person opens them
  for (const tab of tabs) await openFleet(tab, main);
  await rig.send(main, main.director, linus, "to all tabs");
  for (const tab of tabs) await expect(entry(tab, "to all tabs")).toHaveCount(1);
  for (const [index, tab] of tabs.entries()) {
    await composer(tab).fill(`@Linus T#${linus} from tab ${index}.`);
    await composer(tab).press("Enter");
    for (const other of tabs) await expect(entry(other, `from tab ${index}.`).locator("[data-progress]")).toHaveCount(1);
  }
  // who has told nothing for a while is still there
  await page.waitForTimeout(15_000);
  for (const tab of tabs) await expect(tab.locator('[data-connection="live"]')).toBeVisible();
  await rig.stopServer("SIGKILL");
  for (const tab of tabs) await expect(tab.locator('[data-connection="live"]')).toHaveCount(0);
  for (const tab of tabs) await expect(tab.locator('[data-connection="stale"]')).toBeVisible({ timeout: 20_000 });
  for (const tab of tabs) await expect(tab).toHaveTitle(/^\(\d*\?\) /);
  await rig.startServer();
  for (const tab of tabs) await expect(tab.locator('[data-connection="live"]')).toBeVisible({ timeout: 20_000 });
  for (const tab of tabs.slice(1)) await tab.close();
});

test("a tab in the background goes on telling who needs somebody, and lets go of terminals at once", async ({ page, stage }) => {
  test.setTimeout(120_000);
  const { rig } = stage;
  const fleet = await rig.fleet("background");
  const asker = await rig.register(fleet, "Asker");
  const panes = openSockets(page, "/api/panes/");
  const events = openSockets(page, "/api/events/");
  await openFleet(page, fleet, fleet.director);
  await expect.poll(panes).toBe(1);
  await expect(page).toHaveTitle("background · CAFleet");
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute("href", /icon\.svg$/);
  await hide(page, true);
  await expect.poll(panes).toBe(0);
  expect(events()).toBe(1);
  await rig.send(fleet, asker, fleet.administrator, "I need your decision");
  await expect(page).toHaveTitle("(1) background · CAFleet");
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute("href", /icon-waiting\.svg$/);
  await rig.paste(fleet.pane, "[[ask]]");
  await expect(page).toHaveTitle("(2) background · CAFleet", { timeout: 30_000 });
  await hide(page, false);
  await expect.poll(panes).toBe(1);
  await rig.cafleet(["fleet", "delete", fleet.id]);
});

test("what is not there yet is not called live", async ({ page, stage }) => {
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/timeline*", async (route) => {
    await held;
    await route.continue();
  });
  const events = openSockets(page, "/api/events/");
  await page.goto(`/#/fleets/${stage.main.id}`);
  await expect.poll(events).toBe(1);
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Ada");
  await expect(page.locator('[data-connection="connecting"]')).toBeVisible();
  go();
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
});

test("a message that is sent with fifty pages loaded asks for none of them again", async ({ page, stage }) => {
  test.setTimeout(120_000);
  const { rig } = stage;
  const fleet = await rig.fleet("many pages");
  const reader = await rig.register(fleet, "Reader");
  await rig.fill(fleet, reader, 10_000);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await openFleet(page, fleet);
  await page.getByRole("region", { name: "Messages" }).focus();
  await expect(async () => {
    await page.keyboard.press("Home");
    await expect(page.getByText("The beginning of this fleet")).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 60_000, intervals: [10] });
  const ofTimeline = () => asked.filter((request) => request.endsWith("/api/timeline")).length;
  const loaded = ofTimeline();
  expect(loaded).toBeGreaterThanOrEqual(50);
  await page.waitForTimeout(1_500);
  asked.length = 0;
  await composer(page).fill(`@Reader#${reader} without asking again`);
  await composer(page).press("Enter");
  await page.keyboard.press("Escape");
  await page.getByRole("region", { name: "Messages" }).focus();
  await page.keyboard.press("e");
  await expect(entry(page, "without asking again").locator("[data-progress]")).toHaveCount(1);
  await expect(page.locator("[data-outgoing]")).toHaveCount(0);
  // what was put off comes within half a second
  await page.waitForTimeout(1_500);
  expect(asked.filter((request) => request === "POST /api/messages/send")).toHaveLength(1);
  expect(ofTimeline()).toBe(0);
  // the agents, whose counts change, and what is asked for from time to time
  expect(asked.length).toBeLessThan(8);
  await rig.cafleet(["fleet", "delete", fleet.id]);
});
