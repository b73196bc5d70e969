import { composer, entry, expect, expectAccessible, openFleet, test } from "./fixtures.ts";

test("messages from the command line come, and their states move, without reloading", async ({ page, stage }) => {
  const { rig, main } = stage;
  const clerk = await rig.register(main, "Clerk");
  await openFleet(page, main);
  const task = await rig.send(main, main.director, clerk, "sort the tokens");
  const row = entry(page, "sort the tokens");
  await expect(row).toContainText("Director");
  await expect(row).toContainText("Clerk");
  await expect(row.locator("[data-progress=stored]")).toBeVisible();
  await expect(page.getByRole("link", { name: /Clerk/ }).first()).toContainText("1 not acknowledged");
  await rig.ack(main, clerk, task);
  await expect(row.locator("[data-progress=acknowledged]")).toHaveText(/acknowledged \d\d:\d\d/);
  await expect(page.getByRole("link", { name: /Clerk/ }).first()).not.toContainText("not acknowledged");
  const second = await rig.send(main, main.director, clerk, "no, the parser");
  await expect(entry(page, "no, the parser")).toBeVisible();
  await rig.cancel(main, main.director, second);
  const chip = entry(page, "no, the parser").locator("[data-progress=canceled]");
  await expect(chip).toHaveCSS("text-decoration-line", "line-through");
  await rig.cafleet(["--fleet-id", main.id, "agent", "deregister", "--agent-id", clerk]);
});

test("what is written to the person is asked for everywhere, until it is marked done", async ({ page, stage }) => {
  const { rig } = stage;
  const main = await rig.fleet("inbox");
  const asker = await rig.register(main, "Asker");
  await openFleet(page, main);
  await rig.send(main, asker, main.administrator, "I need your decision");
  const strip = page.getByRole("region", { name: "Needs attention" });
  await expect(strip.getByRole("link", { name: /Administrator for you 1 message waits/ })).toBeVisible();
  await expect(page).toHaveTitle("(1) inbox · CAFleet");
  const row = entry(page, "I need your decision");
  await expect(row).toContainText("waits for you");
  const picker = await page.context().newPage();
  await picker.goto("/");
  await expect(picker.getByRole("link", { name: /inbox.*1 waits for a person/ })).toBeVisible();
  await picker.close();
  await strip.getByRole("link", { name: /Administrator for you/ }).click();
  const panel = page.getByRole("complementary", { name: "Agent Administrator" });
  await expect(panel.getByRole("tabpanel")).toContainText("I need your decision");
  await expectAccessible(page, "the inbox of the person");
  await panel.getByRole("button", { name: "Mark done" }).click();
  await expect(row.locator("[data-progress=acknowledged]")).toBeVisible();
  await expect(panel.getByRole("button", { name: "Mark done" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: /Administrator for you/ })).toHaveCount(0);
  // and from the timeline, by another page
  await rig.send(main, asker, main.administrator, "and another one");
  await page.keyboard.press("Escape");
  await entry(page, "and another one").getByRole("button", { name: "Mark done" }).click();
  await expect(entry(page, "and another one").locator("[data-progress=acknowledged]")).toBeVisible();
  await rig.cafleet(["fleet", "delete", main.id]);
});

test("what the monitor writes is not shown as words of the person", async ({ page, stage }) => {
  const { rig, main, ada } = stage;
  await rig.notice(main, `member ${ada} (Ada) is asking; the end of its screen, quoted:\n> Do it?\n> 1. Yes`);
  await openFleet(page, main);
  const row = entry(page, "Do it?");
  await expect(row).toContainText("CAFleet monitor");
  await expect(row).not.toContainText("Administrator");
  await expect(row.locator("pre")).toHaveText("Do it?\n1. Yes");
  await expect(row.locator("pre")).toHaveCSS("font-family", /mono/);
});

test("two pages show two fleets, each its own", async ({ page, context, stage }) => {
  const { rig, main, other, linus } = stage;
  const second = await context.newPage();
  await openFleet(page, main);
  await openFleet(second, other);
  await rig.send(main, main.director, linus, "for the parser");
  await rig.send(other, other.administrator, other.director, "for the docs");
  await expect(entry(page, "for the parser")).toHaveCount(1);
  await expect(entry(second, "for the docs").first()).toBeVisible();
  await expect(page.getByText("for the docs")).toHaveCount(0);
  await expect(second.getByText("for the parser")).toHaveCount(0);
  await second.close();
});

test("a row is on the page soon after another process has sent it", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await openFleet(page, main);
  await page.evaluate(() => {
    const seen = ((window as unknown as { seen: Record<string, number> }).seen = {});
    new MutationObserver(() => {
      for (const [word] of document.body.innerText.matchAll(/quick \d+/g)) (seen as Record<string, number>)[word] ??= Date.now();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  const took: number[] = [];
  for (let count = 0; count < 12; count++) {
    const task = await rig.send(main, main.director, linus, `quick ${count} `);
    const word = `quick ${count}`;
    await page.waitForFunction((word) => word in (window as unknown as { seen: object }).seen, word);
    const at = await page.evaluate((word) => (window as unknown as { seen: Record<string, number> }).seen[word] ?? 0, word);
    const json = await rig.cafleet(["--fleet-id", main.id, "--json", "message", "show", "--agent-id", linus, "--task-id", task, "--full"]);
    took.push(at - Date.parse((JSON.parse(json) as { created_at: string }).created_at));
    await rig.ack(main, linus, task);
  }
  took.sort((a, b) => a - b);
  test.info().annotations.push({ type: "figure", description: `send to row: ${took.join(", ")} ms` });
  console.log(`send to row, ms: ${took.join(" ")}`);
  // the target is 200 ms; a machine that is busy with something else must not make this fail
  expect(took[6]).toBeLessThan(2_000);
});

test("a broadcast is one entry with a chip for each recipient", async ({ page, stage }) => {
  const { rig, main, ada } = stage;
  await openFleet(page, main);
  await rig.broadcast(main, main.director, "stand-up: what are you doing?");
  const row = entry(page, "stand-up: what are you doing?").filter({ hasText: "everyone" });
  await expect(row).toHaveCount(1);
  await expect(row.locator("[data-progress]")).toHaveCount(3);
  await expect(row).toContainText("2 of 3 acknowledged", { timeout: 20_000 });
  await expect(row.locator("[data-progress=acknowledged]", { hasText: "Ada" })).toBeVisible();
  // the answers are messages of their own
  await expect(entry(page, "re: stand-up").filter({ hasText: "Ada" }).first()).toBeVisible();
  expect(ada).not.toBe("");
});

test("an agent that asks is told of above, holds its messages, and says why", async ({ page, stage }) => {
  const { rig, main } = stage;
  const eve = await rig.member(main, "Eve");
  await openFleet(page, main);
  await rig.send(main, main.administrator, eve, "[[ask]] go on?");
  const strip = page.getByRole("region", { name: "Needs attention" });
  await expect(strip.getByRole("link", { name: /Eve.*asking/ })).toBeVisible({ timeout: 20_000 });
  await rig.send(main, main.director, eve, "are you there?");
  const chip = entry(page, "are you there?").locator("[data-progress=held]");
  await expect(chip).toContainText(/held \(.+\)/);
  await strip.getByRole("link", { name: /Eve/ }).click();
  await expect(page.getByRole("complementary", { name: "Agent Eve" })).toContainText("asking");
  await rig.cafleet(["--fleet-id", main.id, "member", "delete", "--member-id", eve, "--force"], main);
  await expect(page.getByRole("region", { name: "Deregistered" })).toContainText("Eve");
  // the strip may go on for what others wrote to the person
  await expect(strip.getByRole("link", { name: /Eve.*asking/ })).toHaveCount(0);
});

test("bodies are data: markup stays text, links are safe, code is code, long ones are folded", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  const name = '<img src=x onerror="window.hacked=1">';
  const stranger = await rig.register(main, name);
  await openFleet(page, main);
  const body = [
    "<script>window.hacked=1</script> javascript:alert(1) https://example.org/a?b=1.",
    "second line",
    "```rust",
    "fn main() {}",
    "```",
  ].join("\n");
  await rig.send(main, stranger, linus, body);
  const row = entry(page, "<script>window.hacked=1</script>");
  await expect(row).toContainText(name);
  await expect(row.getByRole("link", { name: "https://example.org/a?b=1", exact: true })).toHaveAttribute("rel", /noopener/);
  await expect(row.locator("a[href^='javascript']")).toHaveCount(0);
  await expect(row.locator("pre code")).toHaveText("fn main() {}");
  await rig.send(main, main.director, linus, `long story${"\nand then".repeat(60)}\nthe end`);
  const long = entry(page, "long story");
  await expect(long).not.toContainText("the end");
  await long.getByRole("button", { name: "Show 48 lines more" }).click();
  await expect(long).toContainText("the end");
  expect(await page.evaluate(() => "hacked" in window)).toBe(false);
});

test("it follows the newest message only from there, and loads older ones without a jump", async ({ page, stage }) => {
  test.setTimeout(150_000);
  const { rig } = stage;
  const other = await rig.fleet("long story");
  const reader = await rig.register(other, "Reader");
  await rig.send(other, other.director, reader, "story begins");
  for (let sent = 0; sent < 460; sent += 10) {
    const ten = Array.from({ length: 10 }, (_, index) => rig.send(other, other.director, reader, `story ${sent + index} end`));
    await Promise.all(ten);
  }
  await openFleet(page, other);
  const list = page.getByRole("region", { name: "Messages" });
  const rows = page.getByRole("feed").getByRole("article");
  const distance = () => list.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
  await expect.poll(distance).toBeLessThan(3);
  await rig.send(other, other.director, reader, "the newest one");
  await expect(entry(page, "the newest one")).toBeInViewport();
  expect(await rows.count()).toBeLessThan(60);

  // another size, or a longer draft below it, does not take the end away
  await composer(page).fill("@Reader one\ntwo\nthree\nfour\nfive");
  await expect.poll(distance).toBeLessThan(3);
  await page.setViewportSize({ width: 390, height: 700 });
  await expect.poll(distance).toBeLessThan(3);
  await expect(entry(page, "the newest one")).toBeInViewport();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect.poll(distance).toBeLessThan(3);
  await composer(page).fill("");

  await list.hover();
  await page.mouse.wheel(0, -1500);
  await expect.poll(distance).toBeGreaterThan(500);
  const middle = () =>
    page.evaluate(() => {
      const { x, y, width, height } = document.querySelector('[role="region"][aria-label="Messages"]')!.getBoundingClientRect();
      const row = document.elementFromPoint(x + width / 2, y + height / 2)?.closest("[data-index]");
      return { text: row?.textContent, top: Math.round(row?.getBoundingClientRect().top ?? 0) };
    });
  const before = await middle();
  await rig.send(other, other.director, reader, "while you read");
  await rig.send(other, other.director, reader, "and one more");
  const fresh = page.getByRole("button", { name: "2 new messages" });
  await expect(fresh).toBeVisible();
  expect(await middle()).toEqual(before);
  await fresh.click();
  await expect(entry(page, "and one more")).toBeInViewport();
  await expect(fresh).toHaveCount(0);

  // up to the beginning, page after page
  await expect(async () => {
    await page.mouse.wheel(0, -4000);
    await expect(page.getByText("The beginning of this fleet")).toBeInViewport({ timeout: 300 });
  }).toPass({ timeout: 60_000 });
  await expect(entry(page, "story begins")).toBeVisible();
  await expect(page.getByText("Today", { exact: true })).toBeInViewport();
  await list.focus();
  await page.keyboard.press("e");
  await expect(entry(page, "and one more")).toBeInViewport();
  await rig.cafleet(["fleet", "delete", other.id]);
});

test("search goes through bodies and names, back through what is not loaded; filters narrow it", async ({ page, stage }) => {
  const { rig, main, linus } = stage;
  await rig.send(main, main.director, linus, "needle in the stack");
  await openFleet(page, main);
  await page.keyboard.press("/");
  const search = page.getByRole("searchbox");
  await expect(search).toBeFocused();
  await page.keyboard.type("NEEDLE linus");
  await expect(entry(page, "needle in the stack")).toBeVisible();
  await expect(page.getByRole("feed").getByRole("article").filter({ hasText: "Director" })).toHaveCount(1);
  await search.fill("nothing says this");
  await expect(page.getByText("No message fits.")).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("combobox", { name: "Agent" }).selectOption({ label: `Linus T #${linus}` });
  await page.getByRole("combobox", { name: "State" }).selectOption("open");
  await expect(entry(page, "needle in the stack")).toBeVisible();
  await page.getByRole("checkbox", { name: "broadcasts only" }).check();
  await expect(entry(page, "needle in the stack")).toHaveCount(0);
  // what is found is no reason not to write
  await composer(page).fill("@Linus");
  await expect(page.getByRole("listbox", { name: "Recipients" }).getByRole("option")).toHaveCount(1);
});
