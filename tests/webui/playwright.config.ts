import { defineConfig } from "@playwright/test";

/** What keeps Chromium from asking the internet for anything, and lets it run as root in a container. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  // each has a server, a tmux and a fleet of its own, and waits most of the time
  workers: 2,
  timeout: 60_000,
  // panes and processes of a busy machine: a second failure in a row is one
  retries: 1,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: "list",
  use: {
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: QUIET },
    trace: "off",
  },
});
