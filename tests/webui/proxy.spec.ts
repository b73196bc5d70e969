import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { composer, entry, expect, test, until } from "./fixtures.ts";

/** How browsers are told to find the server, and what the proxy does differently from the recipe of the documentation. */
type Case = { what: string; scheme: "http" | "https"; name: string; path: string; passesHost?: boolean; keepsPath?: boolean };

const CASES: Case[] = [
  { what: "another name", scheme: "http", name: "fleet.localhost", path: "/", passesHost: true },
  { what: "another port", scheme: "http", name: "127.0.0.1", path: "/" },
  { what: "TLS", scheme: "https", name: "fleet.localhost", path: "/" },
  { what: "a path below the root", scheme: "https", name: "fleet.localhost", path: "/team/" },
  { what: "a path that the proxy leaves", scheme: "https", name: "fleet.localhost", path: "/a/team/", passesHost: true, keepsPath: true },
];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The recipe of the documentation, for another name, port and path. */
async function recipe(at: Case, port: number, upstream: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, "../../docs/src/page.md"), "utf8");
  const written = /```nginx\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const replace = (text: string, from: string, to: string) => {
    if (!text.includes(from)) throw new Error(`the recipe does not say ${from}`);
    return text.replace(from, to);
  };
  let config = replace(written, "127.0.0.1:8443 ssl", `127.0.0.1:${port}${at.scheme === "https" ? " ssl" : ""}`);
  config = replace(config, "fleet.example", at.name);
  config = replace(config, "location /team/", `location ${at.path}`);
  config = replace(config, "http://127.0.0.1:8000/", at.keepsPath ? upstream : `${upstream}/`);
  if (at.passesHost) config = replace(config, "proxy_http_version 1.1;", "proxy_http_version 1.1; proxy_set_header Host $http_host;");
  return config;
}

for (const at of CASES) {
  test(`behind a proxy with ${at.what} the page reads, writes and shows terminals`, async ({ browser, stage }) => {
    const { rig, main, ada } = stage;
    const port = await freePort();
    const url = `${at.scheme}://${at.name}:${port}${at.path}`;
    await rig.startProxy(await recipe(at, port, await rig.startServerAt("--public-url", url)));
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await until(async () => (await page.goto(url).catch(() => null))?.ok() === true, "the proxy");
    await page.goto(`${url}#/fleets/${main.id}/agents/${ada}`);
    await expect(page.locator('[data-connection="live"]')).toBeVisible();
    await expect(page.locator('aside [data-pane="live"]')).toBeVisible();
    await expect(page.getByRole("group", { name: "Screen of Ada" })).toContainText("⏵⏵");
    await composer(page).fill(`@Linus T#${stage.linus} by way of ${at.what}`);
    await composer(page).press("Enter");
    await expect(entry(page, `by way of ${at.what}`).locator("[data-progress]")).toHaveCount(1);
    expect(asked.filter((other) => !other.startsWith(url))).toEqual([]);
    await page.goto(`${url}docs`);
    await expect(page.getByText("/api/fleets", { exact: true }).first()).toBeVisible();
    await context.close();
  });
}

test("a page that is called by a name that nobody gave says what to do", async ({ browser, stage }) => {
  const port = await freePort();
  const at: Case = { what: "no public URL", scheme: "http", name: "fleet.localhost", path: "/", passesHost: true };
  await stage.rig.startProxy(await recipe(at, port, stage.rig.url));
  const page = await browser.newPage();
  await until(async () => (await page.goto(`http://fleet.localhost:${port}/`).catch(() => null))?.status() === 403, "the refusal");
  await expect(page.locator("body")).toContainText("does not answer to the name 'fleet.localhost'");
  await page.close();
});
