import { createServer } from "node:http";
import AxeBuilder from "@axe-core/playwright";
import type { BrowserContext, Page, Request } from "@playwright/test";
import { badge, expect, listen, makeZip, newPerson, post, runIs, runRows, setFields, signIn, test as base, type Person } from "./support";

/** A workspace with everything that is hard to show, made once for all tests of this file. */
type Seeded = { context: BrowserContext; person: Person; heard: string[]; zip: string; long: string; runs: Record<"succeeded" | "failed" | "waiting" | "cancelled" | "unknown" | "large" | "long", string> };

const HOSTILE = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
const LONG_NAME = `${HOSTILE} ${"An unbroken-name-".repeat(20)}`.slice(0, 300);
const RIGHT_TO_LEFT = "تقرير الطلبات اليومي للعملاء الجدد";
const CREATE_CONNECTION = "mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename ... on ValidationError { issues { path message } } } }";
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 375, height: 812 };

const test = base.extend<object, { seeded: Seeded }>({
  seeded: [
    async ({ browser }, provide) => {
      const context = await browser.newContext({ baseURL: process.env.ZIPPED_URL, viewport: DESKTOP, reducedMotion: "reduce" });
      const { heard } = await listen(context);
      const person = await newPerson(context, `${HOSTILE} Zoë`);
      await provide({ context, person, heard, ...(await seed(person)) });
      await context.close();
    },
    { scope: "worker" },
  ],
});

async function seed(person: Person) {
  const greet = await makeZip(person, { name: LONG_NAME, folder: HOSTILE, steps: [{ ...setFields("one", LONG_NAME, { text: `${HOSTILE} {{ trigger.body.text }}` }), note: HOSTILE }] });
  const failing = await makeZip(person, {
    name: RIGHT_TO_LEFT,
    steps: [setFields("one", RIGHT_TO_LEFT, { a: "1" }), { id: "call", app: "http", action: "request", name: LONG_NAME, input: { url: "http://127.0.0.1:9/" } }, setFields("after", "After", { b: "2" })],
  });
  const waiting = await makeZip(person, { name: "Waits an hour", steps: [setFields("one", "First", { a: "1" }), { id: "pause", app: "flow", action: "delay", name: "Wait an hour", input: { amount: 1, unit: "hours" } }, setFields("after", "After", { b: "2" })] });
  const long = await makeZip(person, { name: "Two hundred steps", steps: Array.from({ length: 200 }, (_, index) => setFields(`step_${index}`, `Step number ${index + 1}`, { number: index })) });
  await makeZip(person, { name: "A draft with problems", publish: false, steps: [{ id: "call", app: "http", action: "request", name: "Call nobody", input: {} }] });
  const made = await person.ask(
    CREATE_CONNECTION,
    { input: { workspaceId: person.workspaceId, kind: "bearer", name: LONG_NAME, fields: { token: "not-shown-again" }, hosts: ["api.example.com"] } },
  );
  expect(made).toEqual({ createConnection: { __typename: "CreateConnectionSuccess" } });
  await person.ask("mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename } }", { input: { workspaceId: person.workspaceId, name: HOSTILE, scope: "READ", expiresInDays: 30 } });
  const unanswered = await makeZip(person, { name: "Nobody answers", steps: [{ id: "pay", app: "http", action: "request", name: "Charge the card", settings: { onUnknown: "stop" }, input: { method: "POST", url: `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}/` } }, setFields("after", "After", { b: "2" })] });
  const rows = Array.from({ length: 5_300 }, (_, number) => ({ number, text: `${RIGHT_TO_LEFT} ${"x".repeat(100)}` }));
  const large = JSON.stringify({ text: "large", rows });
  expect(Buffer.byteLength(large)).toBeGreaterThan(1_000_000);
  const runs = {
    succeeded: await post(`${greet.url}?q=${encodeURIComponent(HOSTILE)}`, { text: HOSTILE, name: RIGHT_TO_LEFT }),
    large: await post(greet.url, large),
    failed: await post(failing.url, { text: HOSTILE }),
    waiting: await post(waiting.url, {}),
    cancelled: await post(waiting.url, {}),
    long: await post(long.url, {}),
    unknown: await withoutAnswer(person, () => post(unanswered.url, {})),
  };
  await fetch(greet.url, { method: "POST", headers: { "content-type": "application/json" }, body: "{ not json" });
  await runIs(person, runs.cancelled, "WAITING");
  await person.ask("mutation ($id: ID!) { cancelRun(input: { runId: $id }) { __typename } }", { id: runs.cancelled });
  await runIs(person, runs.failed, "FAILED");
  await runIs(person, runs.waiting, "WAITING");
  await runIs(person, runs.large, "SUCCEEDED");
  return { zip: greet.id, long: long.id, runs };
}

/** Starts a run whose call is taken and never answered, and waits until it has ended. */
async function withoutAnswer(person: Person, start: () => Promise<string>): Promise<string> {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  const run = await start();
  await runIs(person, run, "FAILED");
  await new Promise((done) => server.close(done));
  return run;
}

type Shown = { name: string; go: (page: Page, seeded: Seeded) => Promise<void> };

/** Every page and everything that lies over one. */
const PAGES: Shown[] = [
  { name: "zips", go: async (page) => { await page.goto("/zips"); await expect(page.getByRole("link", { name: "Waits an hour" })).toBeVisible(); } },
  { name: "zips, nothing matches", go: async (page) => { await page.goto("/zips?search=nothing-is-called-this"); await expect(page.getByText("No zip matches")).toBeVisible(); } },
  { name: "new zip", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("n"); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "builder", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await expect(page.getByRole("button", { name: /^Step 2/ })).toBeVisible(); } },
  { name: "builder, step", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByLabel(/^Value of text/).focus(); await expect(page.getByRole("region", { name: "Data of earlier steps" })).toBeVisible(); } },
  { name: "builder, step settings", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByRole("tab", { name: "Settings" }).click(); } },
  { name: "builder, step test", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByRole("tab", { name: /^Test/ }).click(); await page.getByRole("button", { name: /^Test (step|again)/ }).click(); await expect(page.getByRole("region", { name: "Result" })).toContainText("Worked"); } },
  { name: "builder, trigger", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 1/ }).click(); await expect(page.getByText("sample", { exact: true })).toBeVisible(); } },
  { name: "builder, problems", go: async (page) => { await page.goto("/zips?state=draft"); await page.getByRole("link", { name: "A draft with problems" }).click(); await page.getByRole("button", { name: /One thing is missing/ }).click(); } },
  { name: "builder, actions", go: async (page, { long }) => { await page.goto(`/zips/${long}`); await page.getByRole("button", { name: "Add a step after 1", exact: true }).click(); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "publish", go: async (page) => { await page.goto("/zips?state=draft"); await page.getByRole("link", { name: "A draft with problems" }).click(); await page.getByRole("button", { name: "Publish", exact: true }).click(); await expect(page.getByRole("dialog")).toContainText("What changes"); } },
  { name: "versions", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: "Versions" }).click(); await expect(page.getByRole("dialog")).toContainText("v1"); } },
  { name: "runs", go: async (page) => { await page.goto("/runs"); await expect(runRows(page, /Failed/).first()).toBeVisible(); } },
  { name: "runs, a time chosen", go: async (page) => { await page.goto("/runs?span=1h"); await page.getByRole("slider", { name: "Beginning of the time" }).focus(); await page.keyboard.press("ArrowRight"); await expect(page.getByRole("button", { name: /^Remove the filter Time/ })).toBeVisible(); } },
  { name: "runs, none", go: async (page) => { await page.goto("/runs?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"); await expect(page.getByText("No run matches")).toBeVisible(); } },
  ...(["succeeded", "failed", "waiting", "cancelled", "unknown", "large"] as const).map(
    (state): Shown => ({ name: `run, ${state}`, go: async (page, { runs }) => { await page.goto(`/runs/${runs[state]}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await expect(page.getByRole("tab", { name: "Output" })).toBeVisible(); } }),
  ),
  { name: "events", go: async (page) => { await page.goto("/events"); await expect(page.getByRole("row").nth(6)).toBeVisible(); } },
  { name: "event", go: async (page) => { await page.goto("/events?outcome=ACCEPTED"); await page.getByRole("row").nth(6).getByRole("button").click(); await expect(page.getByRole("complementary", { name: "Event" })).toContainText("Received"); } },
  { name: "event, refused", go: async (page) => { await page.goto("/events?outcome=MALFORMED"); await page.getByRole("row").nth(1).getByRole("button").click(); await expect(page.getByRole("button", { name: "Run it by hand" })).toBeVisible(); } },
  { name: "connections", go: async (page) => { await page.goto("/connections"); await expect(page.getByText("Not tested")).toBeVisible(); } },
  { name: "connection", go: async (page) => { await page.goto("/connections"); await page.getByRole("button", { name: "New connection" }).click(); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "settings", go: async (page) => { await page.goto("/settings"); await expect(page.getByRole("heading", { name: "API tokens" })).toBeVisible(); } },
  { name: "command bar", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("Control+k"); await expect(page.getByRole("option").nth(5)).toBeVisible(); } },
  { name: "shortcuts", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("?"); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "no such run", go: async (page) => { await page.goto("/runs/run_00000000-0000-7000-8000-000000000000"); await expect(page.getByText("There is no such run")).toBeVisible(); } },
];

for (const shown of PAGES) {
  test(`${shown.name}: nothing for axe in either theme, no report, nothing hostile comes alive`, async ({ seeded }) => {
    const page = await seeded.context.newPage();
    const before = seeded.heard.length;
    await shown.go(page, seeded);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await picture(page, shown.name, colorScheme);
      await withoutFindings(page);
    }
    expect(await page.title()).not.toBe("taken");
    // The editor of a field has pictures of no size beside its chips, for the caret.
    expect(await page.locator("img:not(.cm-widgetBuffer)").count()).toBe(0);
    expect(seeded.heard.slice(before)).toEqual([]);
    await page.close();
  });
}

for (const name of ["zips", "runs", "run, succeeded", "run, failed", "runs, a time chosen", "run, waiting", "run, unknown", "run, large", "events", "event", "event, refused", "connections", "settings"]) {
  test(`${name}: at 375 px nothing has to be scrolled sideways`, async ({ seeded }) => {
    const page = await seeded.context.newPage();
    await page.setViewportSize(PHONE);
    await PAGES.find((one) => one.name === name)?.go(page, seeded);
    await expect.poll(() => widest(page)).toBe("");
    await page.close();
  });
}

const LISTS = ["zips", "runs", "events", "connections", "settings"];

for (const name of [...LISTS, "run, succeeded", "run, failed", "run, waiting", "builder"]) {
  for (const viewport of [DESKTOP, PHONE]) {
    test(`${name}: nothing jumps while it loads, ${viewport.width} px wide`, async ({ seeded }) => {
      const page = await seeded.context.newPage();
      await page.setViewportSize(viewport);
      await page.addInitScript(() => {
        const seen = window as unknown as { shifts: string[] };
        seen.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
            if (!entry.hadRecentInput) seen.shifts.push(`${entry.value.toFixed(4)} ${entry.sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 120) : node?.textContent)).join(" | ")}`);
          }
        }).observe({ type: "layout-shift", buffered: true });
      });
      await PAGES.find((one) => one.name === name)?.go(page, seeded);
      await page.waitForLoadState("networkidle");
      const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
      expect(shifts.filter((shift) => Number.parseFloat(shift) > 0.01)).toEqual([]);
      await page.close();
    });
  }
}

/** Kept for looking at, in both widths, where ZIPPED_PICTURES names a folder. */
async function picture(page: Page, name: string, theme: string): Promise<void> {
  if (!process.env.ZIPPED_PICTURES) return;
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: `${process.env.ZIPPED_PICTURES}/${name.replaceAll(/\W+/g, "-")}.${theme}.${viewport.width}.png` });
  }
}

/** What reaches beyond the right edge without a box of its own that scrolls or cuts it. */
function widest(page: Page): Promise<string> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth > innerWidth) return `the page, by ${document.documentElement.scrollWidth - innerWidth}`;
    for (const list of document.querySelectorAll("main .overflow-y-auto, main .overflow-auto")) {
      if (list.scrollWidth > list.clientWidth + 1) return `${list.className}, by ${list.scrollWidth - list.clientWidth}`;
    }
    return "";
  });
}

async function withoutFindings(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? ""})`).join(" | ")}`)).toEqual([]);
}

test("sign-in, the first run and a missing page: nothing for axe in either theme", async ({ page, context, complaints }) => {
  complaints.allow(/404/);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto("/zips");
    await expect(page.getByLabel("E-mail")).toBeVisible();
    await withoutFindings(page);
    await page.getByRole("button", { name: "Create an account" }).click();
    await withoutFindings(page);
    await page.goto("/nowhere/at/all");
    await expect(page.getByRole("link", { name: "All zips" })).toBeVisible();
    await withoutFindings(page);
  }
  await newPerson(context);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [path, words] of [["/zips", "Build your first zip"], ["/runs", "Nothing has run yet"], ["/events", "Nothing has arrived yet"], ["/connections", "No connections yet"]] as const) {
      await page.goto(path);
      await expect(page.getByText(words)).toBeVisible();
      await withoutFindings(page);
    }
  }
});

test("the first page takes less than 200 KB of script, compressed", async ({ browser, seeded }) => {
  const context = await browser.newContext({ baseURL: process.env.ZIPPED_URL });
  await signIn(context, seeded.person);
  const page = await context.newPage();
  const scripts: Request[] = [];
  page.on("requestfinished", (request) => {
    if (request.resourceType() === "script") scripts.push(request);
  });
  await page.goto("/zips");
  await expect(page.getByRole("link", { name: "Waits an hour" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  const sizes = await Promise.all(scripts.map((request) => request.sizes()));
  const total = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
  await context.close();

  test.info().annotations.push({ type: "script of the first page", description: `${Math.round(total / 1000)} KB` });
  expect(total).toBeGreaterThan(100_000);
  expect(total).toBeLessThan(200_000);
});

test("a zip and a run of two hundred steps are drawn whole, and edited", async ({ seeded }) => {
  const page = await seeded.context.newPage();
  await page.goto(`/zips/${seeded.long}`);
  await expect(page.getByRole("button", { name: /^Step 201,/ })).toBeAttached();
  await page.getByRole("button", { name: /^Step 100,/ }).click();
  await page.getByLabel("Name of the step").fill("Renamed among two hundred");
  await expect(page.getByRole("button", { name: /^Step 100, Renamed among two hundred/ })).toBeVisible();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await runIs(seeded.person, seeded.runs.long, "SUCCEEDED");
  await page.goto(`/runs/${seeded.runs.long}`);
  await expect(badge(page)).toContainText("Succeeded");
  await expect(page.getByRole("button", { name: /^Step 201,/ })).toBeAttached();
  await page.close();
});

test("a step that nobody answered says that its outcome is unknown, and a failed run what to do", async ({ seeded }) => {
  const page = await seeded.context.newPage();
  await page.goto(`/runs/${seeded.runs.unknown}`);
  await expect(page.getByRole("button", { name: /^Step 2, Charge the card/ })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Outcome unknown");
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Look there");
  await page.goto(`/runs/${seeded.runs.failed}`);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Nothing was sent");
  await page.close();
});

for (const days of [-1, 1]) {
  test(`a browser whose clock is ${days < 0 ? "a day behind" : "a day ahead"} shows the same runs, live`, async ({ seeded }) => {
    const page = await seeded.context.newPage();
    await page.addInitScript((off) => {
      const Real = Date;
      globalThis.Date = new Proxy(Real, {
        construct: (_, given: unknown[]) => (given.length ? Reflect.construct(Real, given) : new Real(Real.now() + off)) as object,
        get: (target, name) => (name === "now" ? () => Real.now() + off : Reflect.get(target, name)),
      });
    }, days * 86_400_000);
    await page.goto("/runs");
    await expect(runRows(page, /Failed/).first()).toBeVisible();
    await expect(page.getByRole("region", { name: "Runs over time" })).toContainText("failed");
    const { url } = await makeZip(seeded.person, { name: "By another clock", steps: [setFields("one", "One", { a: "1" })] });
    await post(url, {});
    await expect(runRows(page, /Succeeded.*By another clock/)).toBeVisible();
    await page.goto(`/runs/${seeded.runs.waiting}`);
    await expect(badge(page)).toContainText(/Waiting · goes on in \d+ min/);
    await page.close();
  });
}
