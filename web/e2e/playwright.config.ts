import { defineConfig } from "@playwright/test";

/** What a test run is told by whoever starts it; tests/e2e/test_web.py starts Zipped and this. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  // Nothing but the instance under test is reachable, and the browser wants nothing of its own.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--metrics-recording-only",
  "--no-default-browser-check",
  "--no-first-run",
  "--no-pings",
];

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  workers: 1,
  // One more try where nobody sits who could look: what needed it is named at the end of the run.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: true,
  // Bounds for what will never come, not for what is slow: a machine that does much else takes its time.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  use: {
    baseURL: process.env.ZIPPED_URL,
    actionTimeout: 60_000,
    viewport: { width: 1440, height: 900 },
    // Moving things are tested by where they end.
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.ZIPPED_CHROMIUM ?? "/usr/bin/chromium", args: CHROMIUM_FLAGS },
  },
});
