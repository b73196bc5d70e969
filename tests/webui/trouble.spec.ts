import { rename } from "node:fs/promises";
import { composer, entry, expect, openFleet, test } from "./fixtures.ts";

test("a server that goes and comes back leaves no gap and no double", async ({ page, stage }) => {
  test.setTimeout(120_000);
  const { rig, main, linus } = stage;
  await openFleet(page, main);
  await rig.send(main, main.director, linus, "before the break");
  await expect(entry(page, "before the break")).toHaveCount(1);
  await rig.stopServer("SIGKILL");
  await expect(page.locator('[data-connection="reconnecting"]')).toBeVisible();
  for (let count = 1; count <= 5; count++) await rig.send(main, main.director, linus, `during the break ${count}`);
  const stale = page.locator('[data-connection="stale"]');
  await expect(stale).toHaveText(/stale since \d\d:\d\d/, { timeout: 20_000 });
  // what is known stays, and says how old it is
  await expect(entry(page, "before the break")).toHaveCount(1);
  await expect(page.getByRole("alert").filter({ hasText: "not updated since" }).first()).toBeVisible({ timeout: 40_000 });
  await composer(page).fill("@Linus T#" + linus + " into the void");
  await composer(page).press("Enter");
  await expect(page.getByText("Not sent: the server cannot be reached")).toBeVisible();
  await rig.startServer();
  await expect(page.locator('[data-connection="live"]')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText("not updated since")).toHaveCount(0);
  await rig.send(main, main.director, linus, "after the break");
  await expect(entry(page, "after the break")).toHaveCount(1);
  for (let count = 1; count <= 5; count++) await expect(entry(page, `during the break ${count}`)).toHaveCount(1);
  await composer(page).press("Enter");
  await expect(entry(page, "into the void").locator("[data-progress]")).toHaveCount(1);
});

test("one resource that fails empties no other", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await rig.send(main, main.director, linus, "still here");
  await page.route("**/api/monitor", (route) => route.fulfill({ status: 500, json: { detail: "no" } }));
  await openFleet(page, main);
  await page.route("**/api/agents", (route) => route.abort());
  await rig.send(main, main.director, linus, "and here");
  await expect(page.getByRole("alert").filter({ hasText: "The agents: not updated since" })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("navigation", { name: "Agents" }).getByRole("link", { name: /Ada/ })).toBeVisible();
  await expect(entry(page, "and here")).toBeVisible();
  await page.unroute("**/api/agents");
  await page.getByRole("button", { name: "Retry" }).first().click();
  await expect(page.getByText("The agents: not updated since")).toHaveCount(0);
  await page.route("**/api/timeline*", (route) => route.fulfill({ status: 500, json: { detail: "a row is corrupt" } }));
  await page.reload();
  await expect(page.getByRole("alert").filter({ hasText: "The messages cannot be shown: a row is corrupt" })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Agents" }).getByRole("link", { name: /Ada/ })).toBeVisible();
});

test("an address that leads nowhere is replaced, and Back does not lead there again", async ({ page, stage }) => {
  const { main } = stage;
  await page.goto("/#/fleets");
  await expect(page.getByRole("link", { name: /parser rewrite/ })).toBeVisible();
  const start = () => page.evaluate(() => history.length);
  const before = await start();
  for (const [address, shown, notice] of [
    ["#/fleets/999", /#\/fleets$/, "There is no fleet 999, or it was deleted."],
    [`#/fleets/${main.id}/agents/9999`, new RegExp(`#/fleets/${main.id}$`), "There is no agent 9999 in this fleet."],
    ["#/nonsense", /#\/fleets$/, "There is no such page; here are the fleets."],
  ] as const) {
    await page.evaluate((address) => (location.hash = address), address);
    await expect(page.getByText(notice)).toBeVisible();
    await expect(page).toHaveURL(shown);
  }
  expect(await start()).toBe(before + 3);
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`#/fleets/${main.id}$`));
  await page.goBack();
  await expect(page).toHaveURL(/#\/fleets$/);
});

test("a fleet that is deleted while it is shown is left with a notice", async ({ page, stage }) => {
  const fleet = await stage.rig.fleet("short lived");
  await openFleet(page, fleet);
  await stage.rig.cafleet(["fleet", "delete", fleet.id]);
  await expect(page).toHaveURL(/#\/fleets$/, { timeout: 10_000 });
  await expect(page.getByText(`There is no fleet ${fleet.id}, or it was deleted.`)).toBeVisible();
});

test("a late answer of the fleet that was left shows nowhere", async ({ page, stage }) => {
  const { rig, main, other, linus } = stage;
  await rig.send(main, main.director, linus, "only of the first fleet");
  let go = () => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  await page.route("**/api/timeline*", async (route) => {
    if (route.request().headers()["x-fleet-id"] !== main.id) return route.continue();
    const response = await route.fetch();
    await held;
    return route.fulfill({ response }).catch(() => undefined);
  });
  await page.goto(`/#/fleets/${main.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("parser rewrite");
  await page.evaluate((id) => (location.hash = `#/fleets/${id}`), other.id);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("docs");
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
  go();
  await rig.send(other, other.administrator, other.director, "of the second fleet");
  await expect(entry(page, "of the second fleet").first()).toBeVisible();
  await expect(page.getByText("only of the first fleet")).toHaveCount(0);
});

test("a server that hangs is not called live, and what it did not tell is there when it goes on", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await openFleet(page, main);
  rig.signalServer("SIGSTOP");
  try {
    await expect(page.locator('[data-connection="live"]')).toHaveCount(0, { timeout: 30_000 });
    await rig.send(main, main.director, linus, "while it hung");
    await expect(page.locator('[data-connection="stale"]')).toBeVisible();
  } finally {
    rig.signalServer("SIGCONT");
  }
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
  await expect(entry(page, "while it hung")).toHaveCount(1);
});

test("what is not known is not claimed", async ({ page, stage }) => {
  const detail = `database ${"/ada".repeat(30)}/cafleet.db was deleted; bring it back with`;
  await page.route("**/api/**", (route) => route.fulfill({ status: 503, json: { detail } }));
  await page.goto(`/#/fleets/${stage.main.id}`);
  for (const what of ["The agents", "The messages"]) {
    const alert = page.getByRole("alert").filter({ hasText: `${what} cannot be shown: ${detail}` });
    await expect(alert).toBeVisible();
    expect(await alert.evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
  }
  await expect(page.getByText("No messages yet")).toHaveCount(0);
  await expect(page.getByRole("navigation", { name: "Agents" })).toHaveCount(0);
  await expect(page.getByRole("banner")).toContainText("monitor unknown");
  await page.unroute("**/api/**");
  await expect(page.locator('[data-connection="live"]')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Ada", { timeout: 30_000 });
  await expect(page.getByRole("alert").filter({ hasText: "cannot be shown" })).toHaveCount(0);
});

test("a database that is taken away is said, and used again when it is back", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await rig.send(main, main.director, linus, "before it went");
  await openFleet(page, main);
  await expect(entry(page, "before it went")).toHaveCount(1);
  await rename(rig.database, `${rig.database}.away`);
  try {
    await expect(page.getByRole("alert").filter({ hasText: "was deleted; bring it back with" }).first()).toBeVisible({ timeout: 40_000 });
    await expect(page.locator('[data-connection="live"]')).toHaveCount(0);
    await expect(entry(page, "before it went")).toHaveCount(1);
    await composer(page).fill(`@Linus T#${linus} is it there?`);
    await composer(page).press("Enter");
    await expect(page.getByText(/Not sent: .*was deleted; bring it back with/)).toBeVisible();
  } finally {
    await rename(`${rig.database}.away`, rig.database);
  }
  await expect(page.locator('[data-connection="live"]')).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("not updated since")).toHaveCount(0, { timeout: 30_000 });
  await composer(page).press("Enter");
  await expect(entry(page, "is it there?")).toHaveCount(1);
});

test("a database that somebody keeps locked can be read, and the draft waits", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await openFleet(page, main);
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText("Linus T");
  const release = await rig.lockDatabase();
  try {
    await composer(page).fill(`@Linus T#${linus} when it is your turn`);
    await composer(page).press("Enter");
    await expect(page.locator("[data-outgoing=sending]")).toContainText("when it is your turn");
    await expect(page.getByText(/Not sent: database is busy/)).toBeVisible({ timeout: 25_000 });
    await expect(composer(page)).toHaveValue(`@Linus T#${linus} when it is your turn`);
    await expect(page.locator('[data-connection="live"]')).toBeVisible();
  } finally {
    await release();
  }
  await composer(page).press("Enter");
  await expect(entry(page, "when it is your turn")).toHaveCount(1);
});
