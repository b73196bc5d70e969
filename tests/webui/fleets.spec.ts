import { expect, expectAccessible, test } from "./fixtures.ts";

test("the picker shows each fleet, newest first, and what comes later", async ({ page, stage }) => {
  await page.goto("/");
  const cards = page.getByRole("main").getByRole("link");
  await expect(cards).toHaveCount(2);
  await expect(cards.first()).toContainText("docs");
  await expect(cards.last()).toContainText(/parser rewrite.*#1.*5 agents.*made \d+ \w+ ago.*monitor stopped/);
  const made = await stage.rig.fleet("third");
  await expect(cards).toHaveCount(3, { timeout: 20_000 });
  await stage.rig.cafleet(["fleet", "delete", made.id]);
  await expect(cards).toHaveCount(2, { timeout: 20_000 });
  await cards.last().click();
  await expect(page).toHaveURL(/#\/fleets\/1$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("parser rewrite #1");
});

test("a fleet without a label is named by its number, and one that waits for a person says so", async ({ page, stage }) => {
  const fleet = await stage.rig.fleet("waits");
  await page.route("**/api/fleets", async (route) => {
    const answer = (await (await route.fetch()).json()) as { fleet_id: number; label: string | null }[];
    await route.fulfill({ json: answer.map((row) => (String(row.fleet_id) === fleet.id ? { ...row, label: null } : row)) });
  });
  await stage.rig.paste(fleet.pane, "[[ask]]");
  await page.goto("/");
  const card = page.getByRole("link", { name: `Fleet ${fleet.id}` });
  await expect(card).toContainText("1 waits for a person", { timeout: 30_000 });
  await expect(page).toHaveTitle(/^\([1-9]\d*\) Fleets · CAFleet$/);
  await stage.rig.cafleet(["fleet", "delete", fleet.id]);
});

test("no fleets: the command that makes one", async ({ page }) => {
  await page.route("**/api/fleets", (route) => route.fulfill({ json: [] }));
  await page.goto("/");
  await expect(page.getByText("cafleet fleet create --label my-project")).toBeVisible();
  await expectAccessible(page, "no fleets");
});

test("an error can be retried", async ({ page }) => {
  let isBroken = true;
  await page.route("**/api/fleets", (route) =>
    isBroken ? route.fulfill({ status: 500, json: { detail: "the database is gone" } }) : route.continue(),
  );
  await page.goto("/");
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await expect(page.getByRole("alert")).toContainText("The fleets cannot be shown: the database is gone");
  isBroken = false;
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(page.getByRole("link", { name: /parser rewrite/ })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
