import { expect, expectAccessible, type Fleet, openFleet, type Page, Puppet, test, until } from "./fixtures.ts";

test.describe.configure({ mode: "serial" });

let fleet: Fleet;
let puppet: Puppet;

test.beforeAll(async ({ stage }) => {
  fleet = await stage.rig.embeddedFleet("terminals");
  puppet = await stage.rig.puppet(fleet, "Puppet");
});

const screen = (page: Page) => page.getByRole("group", { name: "Screen of Puppet" });
const tile = (page: Page, agent: string) => page.locator(`[data-tile="${agent}"]`);
const live = (page: Page) => page.locator('aside [data-pane="live"]');
const warning = (page: Page) => page.getByText("You are typing into Puppet; messages wait while you do.");

async function openPanel(page: Page): Promise<void> {
  await openFleet(page, fleet, puppet.id);
  await expect(live(page)).toBeVisible();
}

async function takeOver(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Take over" }).click();
  await expect(warning(page)).toBeVisible();
}

async function grid(page: Page): Promise<void> {
  await page.goto(`/#/fleets/${fleet.id}/terminals`);
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
}

/** Waits until the pane was sent this, and returns all that it was sent since. */
async function hears(since: string, text: string): Promise<string> {
  await until(async () => ((await puppet.heard()) ?? "").slice(since.length).includes(text), `the pane to hear ${JSON.stringify(text)}`);
  return ((await puppet.heard()) ?? "").slice(since.length);
}

const heardNow = async () => (await puppet.heard()) ?? "";

test("what a pane writes appears in the panel as it is written, and what was there before it was opened", async ({ page }) => {
  await puppet.say("\x1b[2J\x1b[Hwritten before\r\n");
  await openPanel(page);
  await expect(screen(page)).toContainText("written before");
  await puppet.say("written after: \x1b[1;32mgreen\x1b[m wörld 世界\r\n");
  await expect(screen(page)).toContainText("written after: green wörld 世界");
  await expect(page.getByRole("region", { name: "Screen" })).toContainText("live, read-only");
});

for (const kind of ["tmux", "embedded"] as const) {
  test(`what scrolled away before the panel was opened is there, and stays when the pane changes its size: ${kind}`, async ({ page, stage }) => {
    const { rig } = stage;
    const theirs = kind === "tmux" ? await rig.fleet("history") : await rig.embeddedFleet("history");
    const writer = await rig.puppet(theirs, `Writer${kind}`);
    await writer.say(Array.from({ length: 200 }, (_, row) => `row ${row + 1} of ${kind}\r\n`).join(""));
    await openFleet(page, theirs, writer.id);
    const shown = page.getByRole("group", { name: `Screen of Writer${kind}` });
    await expect(shown).toContainText(`row 200 of ${kind}`);
    const reachesTheTop = async () => {
      await shown.hover();
      await expect(async () => {
        for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, -400);
        await expect(shown).toContainText(`row 3 of ${kind}`, { timeout: 200 });
      }).toPass({ timeout: 10_000, intervals: [50] });
    };
    await reachesTheTop();
    if (kind === "tmux") {
      await rig.tmux("resize-window", "-t", theirs.session, "-x", "150", "-y", "30");
    } else {
      await page.getByRole("button", { name: "Take over" }).click();
      await page.setViewportSize({ width: 900, height: 700 });
    }
    await writer.say("after the change");
    await expect(async () => {
      await shown.hover();
      for (let turn = 0; turn < 20; turn++) await page.mouse.wheel(0, 400);
      await expect(shown).toContainText("after the change", { timeout: 200 });
    }).toPass({ timeout: 10_000, intervals: [50] });
    await reachesTheTop();
  });
}

test("the grid shows every pane live, and a click opens the agent beside it", async ({ page }) => {
  await openFleet(page, fleet);
  await page.keyboard.press("t");
  await expect(page).toHaveURL(/terminals$/);
  await puppet.say("\x1b[2J\x1b[Hseen in the grid");
  await expect(tile(page, puppet.id)).toContainText("seen in the grid");
  await expect(tile(page, fleet.director)).toContainText("⏵⏵");
  await expect(tile(page, fleet.director)).toContainText("at rest");
  await expect(page.getByRole("region", { name: "Terminals" }).getByRole("link")).toHaveCount(2);
  await tile(page, puppet.id).click();
  await expect(page).toHaveURL(new RegExp(`terminals/agents/${puppet.id}$`));
  await expect(screen(page)).toContainText("seen in the grid");
  await expect(tile(page, fleet.director)).toBeVisible();
  await page.getByRole("button", { name: "Close the panel" }).click();
  await expect(page).toHaveURL(/terminals$/);
  await page.keyboard.press("t");
  await expect(page.getByRole("textbox", { name: "Message", exact: true })).toBeVisible();
});

test("an agent without a pane says so in the grid, and only what is in view is connected", async ({ page, stage }) => {
  const byHand = await stage.rig.register(fleet, "By hand");
  const opened: string[] = [];
  page.on("websocket", (socket) => opened.push(socket.url()));
  await page.setViewportSize({ width: 390, height: 500 });
  await grid(page);
  await expect(tile(page, fleet.director)).toContainText("⏵⏵");
  await expect(tile(page, byHand)).toContainText("no pane");
  await page.setViewportSize({ width: 390, height: 120 });
  await page.reload();
  opened.length = 0;
  await expect(tile(page, fleet.director)).toContainText("⏵⏵");
  expect(opened.filter((url) => url.includes(`/panes/${puppet.id}/`))).toEqual([]);
  await tile(page, puppet.id).scrollIntoViewIfNeeded();
  await expect(tile(page, puppet.id)).toContainText("seen in the grid");
  await stage.rig.cafleet(["--fleet-id", fleet.id, "agent", "deregister", "--agent-id", byHand]);
});

test("a screen that is only read takes no key and no paste", async ({ page }) => {
  await openPanel(page);
  await puppet.say("\x1b[2J\x1b[Hlook, do not touch\x1b[?1000h\x1b[?1004h");
  await expect(screen(page)).toContainText("do not touch");
  const before = await heardNow();
  await screen(page).click();
  await page.keyboard.type("xyz");
  await page.keyboard.press("Enter");
  await screen(page).evaluate((element) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "pasted");
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await screen(page).hover();
  await page.mouse.wheel(0, 300);
  // a key of the page works meanwhile, so that all before it was handled
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await takeOver(page);
  await page.keyboard.type("now");
  expect((await hears(before, "now")).replace("\x1b[I", "")).toBe("now");
  await puppet.say("\x1b[?1000l\x1b[?1004l");
});

test("taking over types, shows that it does, and giving back ends it", async ({ page }) => {
  await openPanel(page);
  const before = await heardNow();
  await takeOver(page);
  await expect(page.locator('aside [data-pane="typing"]')).toHaveCSS("border-top-width", "2px");
  // keys of the page among them
  await page.keyboard.type("can you? /e");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+c");
  await page.keyboard.press("Enter");
  expect(await hears(before, "\r")).toBe("can you? /e\t\x1b\x03\r");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(screen(page)).toBeVisible();
  await page.getByRole("button", { name: "Give back" }).click();
  await expect(warning(page)).toHaveCount(0);
  await expect(live(page)).toBeVisible();
  await expect(page.getByRole("button", { name: "Take over" })).toBeFocused();
  const after = await heardNow();
  await screen(page).click();
  // none of them is a key of the page
  await page.keyboard.type("xyz");
  await takeOver(page);
  await page.keyboard.type(".");
  expect(await hears(after, ".")).toBe(".");
});

test("several lines are pasted only after a question, and as a paste", async ({ page }) => {
  await puppet.say("\x1b[?2004h");
  await openPanel(page);
  await takeOver(page);
  const paste = (text: string) =>
    page.locator(".xterm-helper-textarea").evaluate((element, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  const before = await heardNow();
  await paste("one\x1b[201~ line");
  expect(await hears(before, "line\x1b[201~")).toBe("\x1b[200~one[201~ line\x1b[201~");
  const between = await heardNow();
  await paste("first\nsecond\n");
  const question = page.getByRole("dialog", { name: "Paste 3 lines into Puppet?" });
  await expect(question).toContainText("second");
  await expectAccessible(page, "question");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toHaveCount(0);
  await paste("third\nfourth");
  await page.getByRole("dialog").getByRole("button", { name: "Paste", exact: true }).click();
  expect(await hears(between, "fourth\x1b[201~")).toBe("\x1b[200~third\rfourth\x1b[201~");
  await puppet.say("\x1b[?2004l");
});

test("hostile output is text: nothing is run, answered, copied or renamed", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await openPanel(page);
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  const title = await page.title();
  await takeOver(page);
  const before = await heardNow();
  const hostile = [
    "\x1b[2J\x1b[H<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\x1b]0;<b>owned</b>\x07\x1b]2;owned\x1b\\\x1b]52;c;b3duZWQ=\x07\x1b]52;c;?\x07",
    "\x1b[c\x1b[>c\x1b[=c\x1b[5n\x1b[6n\x1b[?6n\x1b[?2026$p\x1b[4$p\x1b[>q\x1b[18t\x1b[21t\x1b[?u",
    "\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07\x1bP$qm\x1b\\\x1bP+q544e\x1b\\",
    "\x1b]8;;javascript:document.title='owned'\x07a link\x1b]8;;\x07 all said\r\n",
  ];
  for (const part of hostile) await puppet.say(part);
  await expect(screen(page)).toContainText("<script>document.title='owned'</script>");
  await expect(screen(page)).toContainText("a link all said");
  // the screen lies over its letters
  await screen(page).locator(".xterm-rows").getByText("a link").click({ force: true });
  await page.keyboard.type("!");
  const answers = await hears(before, "!");
  // the server has answered once; a second answer would be typed
  expect(answers.match(/\x1b\[\?[\d;]*c/g)).toHaveLength(1);
  expect(answers.match(/\x1b\[0n/g)).toHaveLength(1);
  expect(answers.match(/\x1b\]11;/g)).toHaveLength(1);
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  expect(await page.locator(".xterm a, .xterm script, .xterm img").count()).toBe(0);
  await expect(page.getByRole("heading", { name: /owned/ }).locator("b")).toHaveCount(0);
});

test("the page never changes the size of a pane, and shows it whole at any width", async ({ page }) => {
  const size = await puppet.size();
  await puppet.say("\x1b[2J\x1b[999;999Hx\x1b[Htop left");
  await openPanel(page);
  for (const [width, height] of [[1440, 900], [390, 844], [320, 640], [3840, 2160]] as const) {
    await page.setViewportSize({ width, height });
    await expect(screen(page)).toContainText("top left");
    const beyond = () => screen(page).evaluate((box) => [box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight]);
    await expect.poll(beyond, `${width} px`).toEqual([0, 0]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  const shown = () => page.locator("aside .xterm-screen").evaluate((element) => element.clientWidth);
  // the letters follow the box a moment later
  let small = -1;
  const hasSettled = async () => {
    const [last, overflow] = [small, await screen(page).evaluate((box) => box.scrollWidth - box.clientWidth)];
    small = await shown();
    return small === last && overflow === 0;
  };
  await expect.poll(hasSettled, { intervals: [500] }).toBe(true);
  await page.getByRole("button", { name: "Make the panel wide" }).click();
  await expect.poll(shown).toBeGreaterThan(small * 1.5);
  await page.getByRole("button", { name: "Make the panel narrow" }).click();
  await expect.poll(shown).toBe(small);
  await page.getByRole("button", { name: "Larger letters" }).click();
  await expect.poll(shown).toBeGreaterThan(small);
  await page.getByRole("button", { name: "Show all of the screen" }).click();
  await expect.poll(shown).toBe(small);
  expect(await puppet.size()).toBe(size);
});

test("what the screen says is found and copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await puppet.say("\x1b[2J\x1b[Hhay hay needle hay\r\nsecond row");
  await openPanel(page);
  await expect(screen(page)).toContainText("second row");
  await page.getByRole("button", { name: "Search the screen" }).click();
  const search = page.getByRole("textbox", { name: "Search the screen" });
  await search.fill("nothing like it");
  await expect(page.getByText("not found")).toBeVisible();
  await search.fill("needle");
  await expect(page.getByText("not found")).toHaveCount(0);
  const copy = page.getByRole("button", { name: "Copy what is selected, or the screen" });
  await copy.click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("needle");
  await search.press("Escape");
  await expect(search).toHaveCount(0);
  await expect(screen(page)).toBeVisible();
  await page.getByRole("button", { name: "Copied" }).or(copy).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("hay hay needle hay\nsecond row");
});

test("with the keyboard alone: to the screen, into it, and out of it", async ({ page }) => {
  await openPanel(page);
  const tabTo = async (name: RegExp) => {
    for (let count = 0; count < 80; count++) {
      await page.keyboard.press("Tab");
      const label = await page.evaluate(() => `${document.activeElement?.getAttribute("aria-label") ?? ""} ${document.activeElement?.textContent ?? ""}`.slice(0, 200));
      if (name.test(label)) return;
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  await tabTo(/Screen of Puppet/);
  await tabTo(/Take over/);
  const before = await heardNow();
  await page.keyboard.press("Enter");
  await expect(warning(page)).toBeVisible();
  await page.keyboard.type("typed");
  await page.keyboard.press("Control+]");
  await expect(warning(page)).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Take over" })).toBeFocused();
  expect(await hears(before, "typed")).toBe("typed");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("complementary")).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [width, height] of [[1440, 900], [390, 844]] as const) {
    test(`axe finds nothing in terminals: ${colorScheme}, ${width} px wide`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await puppet.say("\x1b[2J\x1b[Hcoloured: \x1b[30mblack \x1b[34mblue \x1b[90mgrey \x1b[0;2mdim\x1b[m");
      await grid(page);
      await expect(tile(page, puppet.id)).toContainText("coloured");
      await expectAccessible(page, "grid");
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
      await openPanel(page);
      await expect(screen(page)).toContainText("coloured");
      await expectAccessible(page, "panel");
      await page.getByRole("button", { name: "Search the screen" }).click();
      await page.getByRole("button", { name: "Larger letters" }).click();
      await takeOver(page);
      await expectAccessible(page, "taken over");
    });
  }
}

test("after a restart of the server everything is live again, and nobody types unasked", async ({ page, stage }) => {
  await openPanel(page);
  await takeOver(page);
  await stage.rig.stopServer("SIGKILL");
  await expect(page.getByText(/You type no longer/)).toBeVisible();
  await expect(warning(page)).toHaveCount(0);
  await expect(page.locator('aside [data-pane="waiting"]')).toBeVisible();
  await puppet.say("\x1b[2J\x1b[Hwhile it was away");
  await stage.rig.startServer();
  await expect(screen(page)).toContainText("while it was away", { timeout: 30_000 });
  await expect(live(page)).toBeVisible();
});

test("a pane that ends says so, in the panel and in the grid", async ({ page }) => {
  await openPanel(page);
  await puppet.end();
  await expect(page.getByRole("region", { name: "Screen" })).toContainText(/ended: \S+/);
  await grid(page);
  await expect(tile(page, puppet.id)).toContainText(/ended: \S+/);
  await expect(tile(page, fleet.director)).toContainText("live");
});

test("a pane that changes its size is drawn anew", async ({ page, stage }) => {
  const inTmux = await stage.rig.fleet("resizing");
  await openFleet(page, inTmux, inTmux.director);
  await expect(live(page)).toBeVisible();
  const rows = page.locator("aside .xterm-rows > div");
  await expect(rows).toHaveCount(50);
  await stage.rig.tmux("resize-window", "-t", inTmux.session, "-x", "120", "-y", "30");
  await expect(rows).toHaveCount(30);
  await expect(page.getByRole("group", { name: "Screen of Director" })).toContainText("⏵⏵");
  await expect(live(page)).toBeVisible();
});

test("when the multiplexer is gone, its panes say so", async ({ page, stage }) => {
  await openFleet(page, fleet, fleet.director);
  await expect(live(page)).toBeVisible();
  const { pid } = JSON.parse(await stage.rig.cafleet(["--json", "daemon", "status"])) as { pid: number };
  process.kill(pid, "SIGKILL");
  await expect(page.getByRole("region", { name: "Screen" })).toContainText(/ended: \S+/);
  await expect(page.getByRole("button", { name: "Take over" })).toHaveAttribute("aria-disabled", "true");
  await grid(page);
  await expect(tile(page, fleet.director)).toContainText(/ended: \S+/);
});
