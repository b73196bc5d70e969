import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Fleet, Puppet, Rig, until } from "./rig.ts";

export { expect, type Fleet, type Locator, type Page, Puppet, until };

/** Two fleets, of which the newer one is the quiet one. */
export type Stage = { rig: Rig; main: Fleet; other: Fleet; ada: string; grace: string; linus: string };

type Fixtures = { strict: void };

/** Tests with a private machine, on a page that may neither complain nor ask anybody else for anything. */
export const test = base.extend<Fixtures, { stage: Stage }>({
  stage: [
    async ({}, use) => {
      const rig = await Rig.start();
      try {
        const main = await rig.fleet("parser rewrite");
        const other = await rig.fleet("docs");
        const ada = await rig.member(main, "Ada", "claude", "Writes the code");
        const grace = await rig.member(main, "Grace", "codex", "Reviews it");
        const linus = await rig.register(main, "Linus T");
        await use({ rig, main, other, ada, grace, linus });
      } finally {
        await rig.stop();
      }
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ stage }, use) => use(stage.rig.url),
  strict: [
    async ({ page, stage }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => {
        // the browser tells of every failed request and connection; what the page makes of it is tested where it is provoked
        const isOfNetwork = /^(Failed to load resource|WebSocket connection to)/.test(message.text());
        if (message.type() === "error" && !isOfNetwork) complaints.push(message.text());
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(stage.rig.url)) complaints.push(`asks ${request.url()}`);
      });
      await use();
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a fleet and waits until it is live. */
export async function openFleet(page: Page, fleet: Fleet, agent?: string): Promise<void> {
  await page.goto(`/#/fleets/${fleet.id}${agent ? `/agents/${agent}` : ""}`);
  await expect(page.locator('[data-connection="live"]')).toBeVisible();
}

/** The entry of the timeline that says this. */
export function entry(page: Page, text: string): Locator {
  return page.getByRole("feed").getByRole("article").filter({ hasText: text });
}

export function composer(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Checks the page with axe: nothing may be found. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // evaluated, not loaded: the page's policy allows no script but its own
  await page.evaluate(await readFile(axeFile, "utf8"));
  const violations = await page.evaluate(async () => {
    type Found = { id: string; nodes: { html: string; failureSummary?: string }[] };
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Found[] }> } };
    const found = (await axe.run()).violations;
    return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n")}`);
  });
  expect(violations, where).toEqual([]);
}
