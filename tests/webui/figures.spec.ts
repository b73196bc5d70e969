import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { entry, expect, openFleet, type Page, type Puppet, test } from "./fixtures.ts";

// measured by `cargo run --release -p cafleet-bench --bin bench -- page`, which makes a table of what is written here
test.skip(!process.env.FIGURES);

const COUNT = 10_000;
const LOADS = 10;
const SENDS = 40;
const FRAMES = 600;
const WRITES = 200;
const DIST = join(import.meta.dirname, "../../app/webui/dist");

/** Median, 95th percentile and the largest of some times, as cells of the table. */
function cells(times: number[]): string[] {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.95, 1].map((part) => (sorted[Math.round(part * (sorted.length - 1))] ?? 0).toFixed(0));
}

const paint = (page: Page) => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);

/** Scrolls by the wheel as far as `frames` frames go; returns how long each frame took, and every task that took too long. */
function scroll(page: Page, frames: number): Promise<{ frames: number[]; tasks: number[] }> {
  return page.getByRole("region", { name: "Messages" }).evaluate(async (box, frames) => {
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: "longtask" });
    const took: number[] = [];
    let before = await new Promise<number>(requestAnimationFrame);
    for (let frame = 0; frame < frames; frame++) {
      box.scrollTop -= 120;
      const now = await new Promise<number>(requestAnimationFrame);
      took.push(now - before);
      before = now;
    }
    observer.disconnect();
    return { frames: took, tasks };
  }, frames);
}

/** Sends from another process, and returns how long after each commit the row was on the page. */
async function sendToRow(page: Page, send: (text: string) => Promise<number>): Promise<number[]> {
  await page.evaluate(() => {
    const seen: Record<string, number> = {};
    Object.assign(window, { seen });
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          for (const [word] of (node.textContent ?? "").matchAll(/quick \d+ /g)) seen[word] ??= Date.now();
        }
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  const took: number[] = [];
  for (let count = 0; count < SENDS; count++) {
    const word = `quick ${count} `;
    const committed = await send(word);
    await page.waitForFunction((word) => word in (window as unknown as { seen: object }).seen, word);
    const at = await page.evaluate((word) => (window as unknown as { seen: Record<string, number> }).seen[word] ?? 0, word);
    took.push(at - committed);
  }
  return took;
}

/** Lets a pane write the time, again and again; returns how long after each write it was painted on the page. */
async function writeToPaint(page: Page, puppet: Puppet): Promise<number[]> {
  await page.locator("aside .xterm-rows").evaluate((rows) => {
    const seen: Record<string, number> = {};
    Object.assign(window, { painted: seen });
    const channel = new MessageChannel();
    const waiting: string[] = [];
    // what is posted while a frame is made is heard when it is painted
    channel.port1.onmessage = () => {
      for (const stamp of waiting.splice(0)) seen[stamp] = performance.timeOrigin + performance.now();
    };
    new MutationObserver(() => {
      const stamp = /at (\d+\.\d) /.exec(rows.textContent ?? "")?.[1];
      if (!stamp || stamp in seen || waiting.includes(stamp)) return;
      waiting.push(stamp);
      channel.port2.postMessage(null);
    }).observe(rows, { childList: true, subtree: true, characterData: true });
  });
  type Painted = { painted: Record<string, number> };
  for (let count = 1; count <= WRITES; count++) {
    await puppet.say("\x1b[Hat {now} ");
    await page.waitForFunction((count) => Object.keys((window as unknown as Painted).painted).length >= count, count);
  }
  const painted = await page.evaluate(() => (window as unknown as Painted).painted);
  return Object.entries(painted).map(([stamp, at]) => at - Number(stamp));
}

test("figures of the page", async ({ page, stage }) => {
  test.setTimeout(600_000);
  const { rig, other } = stage;
  const reader = await rig.register(other, "Reader");
  await rig.fill(other, reader, COUNT);
  const rows: string[][] = [];

  const paints: number[] = [];
  const messages: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    await page.goto("about:blank");
    await openFleet(page, other);
    await expect(entry(page, `number ${COUNT} `)).toBeVisible();
    messages.push(await page.evaluate(() => performance.now()));
    paints.push(await paint(page));
  }
  rows.push(["first paint, ms", ...cells(paints)], ["until the newest messages are there, ms", ...cells(messages)]);

  const list = page.getByRole("region", { name: "Messages" });
  await list.focus();
  await expect(async () => {
    await page.keyboard.press("Home");
    await expect(page.getByText("The beginning of this fleet")).toBeInViewport({ timeout: 200 });
  }).toPass({ timeout: 200_000, intervals: [10] });
  await page.keyboard.press("e");
  await expect(entry(page, `number ${COUNT} `)).toBeInViewport();
  const { frames, tasks } = await scroll(page, FRAMES);
  rows.push([`a frame while scrolling through ${COUNT} messages, ms`, ...cells(frames)]);
  rows.push(["of these frames, longer than 50 ms", String(frames.filter((frame) => frame > 50).length)]);
  rows.push(["tasks of the page longer than 50 ms meanwhile", String(tasks.length)]);

  await page.keyboard.press("e");
  await expect(entry(page, `number ${COUNT} `)).toBeInViewport();
  const took = await sendToRow(page, async (text) => {
    const task = await rig.send(other, other.director, reader, text);
    const who = ["--fleet-id", other.id, "--json", "message", "show", "--agent-id", reader, "--task-id", task, "--full"];
    return Date.parse((JSON.parse(await rig.cafleet(who)) as { created_at: string }).created_at);
  });
  rows.push(["from `message send` to the row on the page, ms", ...cells(took)]);

  const fleet = await rig.embeddedFleet("terminals");
  const puppet = await rig.puppet(fleet, "Puppet");
  await openFleet(page, fleet, puppet.id);
  await expect(page.locator('aside [data-pane="live"]')).toBeVisible();
  rows.push([`from ${WRITES} writes of a program in a pane to the letters on the page, ms`, ...cells(await writeToPaint(page, puppet))]);

  const files = [join(DIST, "index.html"), join(DIST, "theme.js")];
  // what is loaded later, as the terminals are, is not named in it
  for (const [name] of (await readFile(join(DIST, "index.html"), "utf8")).matchAll(/assets\/[^"]+/g)) files.push(join(DIST, name));
  const sizes = await Promise.all(files.map(async (file) => gzipSync(await readFile(file), { level: 9 }).length));
  rows.push(["what the first view loads, KiB after gzip", (sizes.reduce((sum, size) => sum + size) / 1024).toFixed(0)]);
  await writeFile(process.env.FIGURES ?? "", rows.map((row) => row.join("\t")).join("\n"));
});
