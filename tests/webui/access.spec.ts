import { composer, entry, expect, expectAccessible, openFleet, type Page, test } from "./fixtures.ts";

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ stage }) => {
  const { rig, main, linus } = stage;
  await rig.broadcast(main, main.director, "who is there?");
  const task = await rig.send(main, main.director, linus, "```sh\ncargo test\n```\nhttps://example.org");
  await rig.cancel(main, main.director, task);
});

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    test(`axe finds nothing: ${colorScheme}, ${width} px wide`, async ({ page, stage }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.goto("/");
      await expect(page.getByRole("link", { name: /parser rewrite/ })).toContainText("monitor");
      await expectAccessible(page, "fleets");
      await openFleet(page, stage.main);
      await expect(entry(page, "who is there?").first()).toBeVisible();
      await expectAccessible(page, "fleet");
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await composer(page).fill("@");
      await expect(page.getByRole("listbox")).toBeVisible();
      await expectAccessible(page, "popover");
      await composer(page).fill("nobody");
      await composer(page).press("Enter");
      await page.getByRole("button", { name: "Filters" }).click();
      await expectAccessible(page, "problem and filters");
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await openFleet(page, stage.main, stage.ada);
      await expect(page.getByRole("tabpanel").getByRole("listitem").first()).toBeVisible();
      await expectAccessible(page, "panel");
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
      await expectAccessible(page, "keys");
    });
  }
}

test("on a phone the agents are in a drawer", async ({ page, stage }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openFleet(page, stage.main);
  await page.getByRole("button", { name: "Agents" }).click();
  const drawer = page.getByRole("dialog", { name: "Agents" });
  await expectAccessible(page, "drawer");
  await drawer.getByRole("link", { name: /Grace/ }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page.getByRole("complementary", { name: "Agent Grace" })).toBeVisible();
  await page.getByRole("button", { name: "Close the panel" }).click();
  await composer(page).fill("@Grace hello from the tram");
  await page.getByRole("button", { name: "Send" }).click();
  await expect(entry(page, "hello from the tram").first()).toBeVisible();
});

test("on a phone, writing to an agent leads from its panel to the message", async ({ page, stage }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openFleet(page, stage.main, stage.ada);
  await page.getByRole("button", { name: "Write to Ada" }).click();
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await expect(composer(page)).toBeFocused();
  await expect(composer(page)).toHaveValue("@Ada ");
  await composer(page).fill("");
});

test("everything can be done with the keyboard alone, and the focus is seen", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("link", { name: /parser rewrite/ })).toBeVisible();
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  const tabTo = async (text: RegExp) => {
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
      if (await page.evaluate(() => document.activeElement !== document.body)) expect(outline).not.toBe("none");
      const label = await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
      if (text.test(`${await focused()} ${label}`)) return;
    }
    throw new Error(`Tab does not reach ${text}`);
  };
  await tabTo(/parser rewrite/);
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
  await tabTo(/Ada/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Agent Ada" })).toBeVisible();
  await tabTo(/Close the panel/);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await page.keyboard.press("?");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.keyboard.press("c");
  await page.keyboard.type("@Gr");
  await page.keyboard.press("Enter");
  await page.keyboard.type("no mouse here");
  await page.keyboard.press("Enter");
  await expect(entry(page, "no mouse here").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("f");
  await expect(page).toHaveURL(/#\/fleets$/);
});

test("the theme is chosen, kept, and there before anything is painted", async ({ page, stage }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openFleet(page, stage.main);
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.getByRole("button", { name: "Theme: system; change to light" }).click();
  await page.getByRole("button", { name: "Theme: light; change to dark" }).click();
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  expect(await background()).toBe(dark);
  await page.getByRole("button", { name: "Theme: dark; change to system" }).click();
  expect(await background()).toBe(light);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await background()).toBe(dark);
});

test("nothing shifts while it loads, and nothing moves for those who want it so", async ({ page, stage }) => {
  await page.addInitScript(() => {
    const shifts = ((window as unknown as { shifts: number[] }).shifts = []) as number[];
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) shifts.push((shift as unknown as { value: number }).value);
    }).observe({ type: "layout-shift", buffered: true });
  });
  await openFleet(page, stage.main, stage.ada);
  await expect(entry(page, "who is there?").first()).toBeVisible();
  await expect(page.getByRole("tabpanel").getByRole("listitem").first()).toBeVisible();
  await page.waitForTimeout(500);
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
  // below 0.1 counts as good; the fleet's name and its lights come with the first answers
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.05);
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test("from 4K to a phone nothing runs out of the screen", async ({ page, stage }) => {
  await openFleet(page, stage.main, stage.ada);
  for (const [width, height] of [[3840, 2160], [1920, 1080], [1280, 800], [1024, 768], [768, 1024], [390, 844], [320, 640]] as const) {
    await page.setViewportSize({ width, height });
    expect(await overflow(page), `${width} px`).toBeLessThanOrEqual(0);
  }
});
