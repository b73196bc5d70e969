import { join } from "node:path";
import { composer, entry, expect, openFleet, test } from "./fixtures.ts";

const FOLDER = join(import.meta.dirname, "../../docs/src/images");

// they show the time of day, so they are made on purpose and not by every run: SCREENSHOTS=1 npx playwright test screenshots
test.skip(!process.env.SCREENSHOTS);

test("the pictures of the page tour", async ({ page, stage }) => {
  test.setTimeout(120_000);
  const { rig, main, other, ada, grace, linus } = stage;
  rig.monitor(main);
  const say = (from: string, to: string, text: string) => rig.send(main, from, to, text);
  await rig.ack(main, linus, await say(main.director, linus, "Please look at the lexer: it drops the last line when the file has no newline at its end.\nThe log is at https://ci.example.org/runs/4711"));
  await say(linus, main.administrator, "Found it: the loop ends one character early.\n\n```rust\nwhile let Some(c) = self.chars.peek() {\n    if self.is_end(c) { break }\n    self.take();\n}\n```\n\nA test comes with the fix.");
  await say(main.director, ada, "Which tests cover the lexer?");
  await expect.poll(() => rig.cafleet(["--fleet-id", main.id, "message", "poll", "--agent-id", main.director])).toContain("No messages");
  await rig.broadcast(main, main.director, "Stand-up: what are you working on?");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await openFleet(page, main);
  await expect(entry(page, "Stand-up").filter({ hasText: "everyone" })).toContainText("2 of 3 acknowledged", { timeout: 30_000 });
  const listed = (await (await page.request.get("/api/agents", { headers: { "X-Fleet-Id": main.id } })).json()) as {
    agents: { agent_id: number; pane_id: string }[];
  };
  await rig.paste(listed.agents.find(({ agent_id }) => String(agent_id) === grace)?.pane_id ?? "", "[[ask]]");
  await expect(page.getByRole("region", { name: "Needs attention" })).toContainText("Grace", { timeout: 30_000 });
  await say(main.director, grace, "Are you done with the review?");
  await expect(page.locator("[data-progress=held]").last()).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Agents" })).toContainText(/Director.*at rest.*Ada.*at rest/);
  await composer(page).fill("@");
  await page.screenshot({ path: join(FOLDER, "page-fleet.png") });
  await composer(page).fill("");
  await page.emulateMedia({ colorScheme: "dark" });
  await openFleet(page, main, grace);
  await expect(page.getByRole("tabpanel").getByRole("listitem").first()).toBeVisible();
  await expect(page.locator('aside [data-pane="live"]')).toBeVisible();
  await page.screenshot({ path: join(FOLDER, "page-agent-dark.png") });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 390, height: 844 });
  await openFleet(page, main);
  await expect(entry(page, "Are you done").first()).toBeVisible();
  await page.screenshot({ path: join(FOLDER, "page-phone.png") });
  await page.setViewportSize({ width: 1440, height: 260 });
  await page.goto("/");
  await expect(page.getByRole("link", { name: /parser rewrite/ })).toContainText("2 wait for a person", { timeout: 30_000 });
  await expect(page.getByRole("link", { name: /docs/ })).toContainText(`#${other.id}`);
  await expect(page.getByText("looking at its agents")).toHaveCount(0, { timeout: 30_000 });
  await page.screenshot({ path: join(FOLDER, "page-fleets.png") });
});

test("the picture of the terminals", async ({ page, stage }) => {
  test.setTimeout(120_000);
  const { rig } = stage;
  const website = await rig.embeddedFleet("website");
  const work = "[[say I read the templates first.]] [[sh printf 'layout.html\\nindex.html\\npost.html\\n']]";
  const ada = await rig.member(website, "Ada", "claude", "Writes the templates", `${work} [[say Three of them; I begin with the layout.]]`);
  await rig.member(website, "Grace", "codex", "Reviews them", "[[say Nothing to review yet.]]");
  await rig.member(website, "Linus", "opencode", "Writes the texts", "[[say Which page comes first?]] [[ask]]");
  await page.setViewportSize({ width: 1440, height: 740 });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`/#/fleets/${website.id}/terminals/agents/${ada}`);
  const sidebar = page.getByRole("navigation", { name: "Agents" });
  await expect(sidebar).toContainText(/Director.*at rest.*Ada.*at rest.*Grace.*at rest.*Linus.*asking/, { timeout: 40_000 });
  await expect(page.locator('[data-pane="live"]')).toHaveCount(5);
  await expect(page.getByRole("group", { name: "Screen of Ada" })).toContainText("I begin with the layout");
  await page.screenshot({ path: join(FOLDER, "page-terminals.png") });
});
