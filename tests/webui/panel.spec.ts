import { entry, expect, openFleet, type Page, test } from "./fixtures.ts";

const panel = (page: Page, name: string) => page.getByRole("complementary", { name: `Agent ${name}` });

test("an agent's profile, state, inbox and sent messages", async ({ page, stage }) => {
  const { rig, main, ada, linus } = stage;
  await rig.send(main, main.director, linus, "for your inbox");
  await rig.send(main, linus, main.director, "from his hand");
  await openFleet(page, main);
  await page.getByRole("navigation", { name: "Agents" }).getByRole("link", { name: /Ada/ }).click();
  await expect(page).toHaveURL(new RegExp(`/agents/${ada}$`));
  const shown = panel(page, "Ada");
  await expect(shown).toContainText("Writes the code");
  await expect(shown).toContainText("claude");
  await expect(shown).toContainText(/sparserrewrite:@\d+:%\d+/);
  await expect(shown).toContainText(/at rest \(.+\)|working \(.+\)/);
  await page.getByRole("link", { name: /Linus T/ }).first().click();
  const other = panel(page, "Linus T");
  await expect(other.getByRole("tab", { name: "Inbox" })).toHaveAttribute("aria-selected", "true");
  await expect(other.getByRole("tabpanel")).toContainText("for your inbox");
  await other.getByRole("tab", { name: "Inbox" }).press("ArrowRight");
  await expect(other.getByRole("tabpanel")).toContainText("from his hand");
  await rig.send(main, linus, main.director, "and while you look");
  await expect(other.getByRole("tabpanel").getByRole("listitem").first()).toContainText("and while you look");
  await other.getByRole("button", { name: "Write to Linus T" }).click();
  await expect(page.getByRole("textbox", { name: "Message", exact: true })).toHaveValue(`@Linus T#${linus} `);
  await other.getByRole("tab", { name: "Sent" }).press("Escape");
  await expect(other).toHaveCount(0);
  await expect(page).toHaveURL(new RegExp(`#/fleets/${main.id}$`));
});

test("a long inbox comes a page at a time", async ({ page, stage }) => {
  const { rig, other } = stage;
  const reader = await rig.register(other, "Paged");
  for (let sent = 0; sent < 210; sent += 10) {
    await Promise.all(Array.from({ length: 10 }, () => rig.send(other, other.director, reader, "one of many")));
  }
  await openFleet(page, other, reader);
  const items = panel(page, "Paged").getByRole("tabpanel").getByRole("listitem");
  await expect(items).toHaveCount(200);
  await panel(page, "Paged").getByRole("button", { name: "Older messages" }).click();
  await expect(items).toHaveCount(210);
});

test("a schedule is changed with a confirmation, or with the server's reason", async ({ page, stage }) => {
  const { rig, main, ada } = stage;
  await openFleet(page, main, ada);
  const shown = panel(page, "Ada");
  const interval = shown.getByRole("textbox", { name: /Woken every/ });
  const save = shown.getByRole("button", { name: "Save" });
  await expect(save).toBeDisabled();
  await interval.fill("0");
  await save.click();
  await expect(shown.getByText(/Not saved: must be between 1 and/)).toBeVisible();
  await interval.fill("soon");
  await interval.press("Enter");
  await expect(shown.getByText(/Not saved: must be an integer/)).toBeVisible();
  await interval.fill("90");
  await shown.getByRole("switch", { name: "on" }).uncheck();
  await save.click();
  await expect(shown.getByText("Saved")).toBeVisible();
  const config = ["--fleet-id", main.id, "monitor", "config", "--agent-id", ada];
  expect(await rig.cafleet(config)).toContain("interval 90s, disabled");
  await expect(page.getByRole("link", { name: /Ada/ }).first()).toContainText("90 s");
  await rig.cafleet([...config, "--interval", "45", "--enable"]);
  await expect(interval).toHaveValue("45");
  await expect(shown.getByRole("switch", { name: "on" })).toBeChecked();
});

test("the monitor's light follows it: stopped, running, stale", async ({ page, stage }) => {
  const { rig, other } = stage;
  await openFleet(page, other);
  const header = page.getByRole("banner");
  await expect(header).toContainText("monitor stopped");
  await expect(header.getByTitle(`start it with: cafleet --fleet-id ${other.id} monitor start`)).toBeVisible();
  const monitor = rig.monitor(other);
  await expect(header).toContainText("monitor running");
  await expect(header.getByTitle(new RegExp(`pid ${monitor.pid} · every 1 s · last tick .+`))).toBeVisible();
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expect(header).toContainText(new RegExp(`pid ${monitor.pid} · every 1 s · ticked \\d+ s ago`));
  monitor.kill("SIGKILL");
  await expect(header).toContainText("monitor stale", { timeout: 40_000 });
});

test("a name in the timeline leads to the agent, and the keys from one to the next", async ({ page, stage }) => {
  const { rig, main } = stage;
  const guest = await rig.register(main, "Guest");
  await rig.send(main, guest, main.administrator, "may I come in?");
  await openFleet(page, main);
  await entry(page, "may I come in?").getByRole("link", { name: "Guest" }).click();
  await expect(panel(page, "Guest")).toBeVisible();
  await page.getByRole("region", { name: "Messages" }).focus();
  await page.keyboard.press("p");
  await expect(panel(page, "Linus T")).toBeVisible();
  await page.keyboard.press("n");
  await expect(panel(page, "Guest")).toBeVisible();
  await rig.cafleet(["--fleet-id", main.id, "agent", "deregister", "--agent-id", guest]);
});
