import { composer, expect, openFleet, test } from "./fixtures.ts";
test("debug", async ({ page, stage }) => {
  await openFleet(page, stage.main);
  page.on("console", (m) => console.log(m.text()));
  page.on("request", (r) => r.method() === "POST" && console.log("POST", r.postData()));
  await page.evaluate(() => { window.addEventListener("keydown", (e) => console.log("key", e.key, e.repeat, (e.target as HTMLTextAreaElement).value), true);
    setInterval(() => { const v = document.querySelector("textarea")!.value; if (v !== (window as any).v) { (window as any).v = v; console.log("value", JSON.stringify(v), document.querySelectorAll("[data-outgoing]").length); } }, 1); });
  await stage.rig.stopServer("SIGKILL");
  await expect(page.locator('[data-connection="reconnecting"]')).toBeVisible();
  await composer(page).fill("@Linus T#" + stage.linus + " into the void");
  await composer(page).press("Enter");
  await page.waitForTimeout(1500);
  console.log(await page.locator("[data-outgoing]").count());
  await stage.rig.startServer();
});
