import AxeBuilder from "@axe-core/playwright";
import type { Page, Request } from "@playwright/test";
import { test, type Seeded } from "./seeded";
import { badge, DESKTOP, expect, listen, makeZip, newContext, newPerson, PHONE, post, runIs, runRows, setFields, shiftClock, signIn } from "./support";

type Shown = {
  name: string;
  go: (page: Page, seeded: Seeded) => Promise<void>;
  /** It is for a phone too: nothing is scrolled sideways there. */
  phone?: boolean;
  /** It is only loaded, with nothing pressed: nothing may jump meanwhile. */
  still?: boolean;
};

/** Every page and everything that lies over one. */
const PAGES: Shown[] = [
  { name: "zips", phone: true, still: true, go: async (page) => { await page.goto("/zips"); await expect(page.getByRole("link", { name: "Waits an hour" })).toBeVisible(); } },
  { name: "zip, deleted", go: async (page) => { await page.goto("/zips"); await page.getByRole("button", { name: "Actions for Waits an hour" }).click(); await page.getByRole("menuitem", { name: "Delete" }).click(); await expect(page.getByRole("dialog")).toContainText("Runs under way finish"); } },
  { name: "zips, nothing matches", go: async (page) => { await page.goto("/zips?search=nothing-is-called-this"); await expect(page.getByText("No zip matches")).toBeVisible(); } },
  { name: "new zip", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("n"); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "builder", still: true, go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await expect(page.getByRole("button", { name: /^Step 2/ })).toBeVisible(); } },
  { name: "builder, step", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByLabel(/^Value of text/).focus(); await expect(page.getByRole("region", { name: "Data of earlier steps" })).toBeVisible(); } },
  { name: "builder, step settings", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByRole("tab", { name: "Settings" }).click(); } },
  { name: "builder, step test", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await page.getByRole("tab", { name: /^Test/ }).click(); await page.getByRole("button", { name: /^Test (step|again)/ }).click(); await expect(page.getByRole("region", { name: "Result" })).toContainText("Worked"); } },
  { name: "builder, trigger", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 1/ }).click(); await expect(page.getByText("sample", { exact: true })).toBeVisible(); } },
  { name: "builder, who may start it", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: /^Step 1/ }).click(); await page.getByLabel("Check").selectOption("HMAC"); await page.getByRole("button", { name: "More options" }).click(); await expect(page.getByLabel("Encoding")).toBeVisible(); } },
  { name: "builder, problems", go: async (page) => { await page.goto("/zips?state=draft"); await page.getByRole("link", { name: "A draft with problems" }).click(); await page.getByRole("button", { name: /^One thing / }).click(); } },
  { name: "builder, actions", go: async (page, { long }) => { await page.goto(`/zips/${long}`); await page.getByRole("button", { name: "Add a step after 1", exact: true }).click(); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "publish", go: async (page) => { await page.goto("/zips?state=draft"); await page.getByRole("link", { name: "A draft with problems" }).click(); await page.getByRole("button", { name: "Publish", exact: true }).click(); await expect(page.getByRole("dialog")).toContainText("What changes"); } },
  { name: "versions", go: async (page, { zip }) => { await page.goto(`/zips/${zip}`); await page.getByRole("button", { name: "Versions" }).click(); await expect(page.getByRole("dialog")).toContainText("v1"); } },
  { name: "runs", phone: true, still: true, go: async (page) => { await page.goto("/runs"); await expect(runRows(page, /Failed/).first()).toBeVisible(); } },
  { name: "runs, a time chosen", phone: true, go: async (page) => { await page.goto("/runs?span=1h"); await page.getByRole("slider", { name: "Beginning of the time" }).focus(); await page.keyboard.press("ArrowRight"); await expect(page.getByRole("button", { name: /^Remove the filter Time/ })).toBeVisible(); } },
  { name: "runs, none", go: async (page) => { await page.goto("/runs?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z"); await expect(page.getByText("No run matches")).toBeVisible(); } },
  ...(["succeeded", "failed", "waiting", "cancelled", "unknown", "large"] as const).map(
    (state): Shown => ({ name: `run, ${state}`, phone: state !== "cancelled", go: async (page, { runs }) => { await page.goto(`/runs/${runs[state]}`); await page.getByRole("button", { name: /^Step 2/ }).click(); await expect(page.getByRole("tab", { name: "Output" })).toBeVisible(); } }),
  ),
  ...(["succeeded", "failed", "waiting"] as const).map(
    (state): Shown => ({ name: `run, ${state}, as it opens`, phone: true, still: true, go: async (page, { runs }) => { await page.goto(`/runs/${runs[state]}`); await expect(page.getByRole("button", { name: /^Step 2/ })).toBeVisible(); } }),
  ),
  { name: "events", phone: true, still: true, go: async (page) => { await page.goto("/events"); await expect(page.getByRole("row").nth(6)).toBeVisible(); } },
  { name: "event", phone: true, go: async (page) => { await page.goto("/events?outcome=ACCEPTED"); await page.getByRole("row").nth(6).getByRole("button").click(); await expect(page.getByRole("complementary", { name: "Event" })).toContainText("Received"); } },
  { name: "event, refused", phone: true, go: async (page) => { await page.goto("/events?outcome=MALFORMED"); await page.getByRole("row").nth(1).getByRole("button").click(); await expect(page.getByRole("button", { name: "Run it by hand" })).toBeVisible(); } },
  { name: "connections", phone: true, still: true, go: async (page) => { await page.goto("/connections"); await expect(page.getByRole("button", { name: /^Actions for/ })).toBeVisible(); } },
  { name: "connection, deleted", go: async (page) => { await page.goto("/connections"); await page.getByRole("button", { name: /^Actions for/ }).click(); await page.getByRole("menuitem", { name: "Delete" }).click(); await expect(page.getByRole("dialog")).toContainText("No zip uses it"); } },
  { name: "connection", go: async (page) => { await page.goto("/connections"); await page.getByRole("button", { name: "New connection" }).click(); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "settings", phone: true, still: true, go: async (page) => { await page.goto("/settings"); await expect(page.getByRole("heading", { name: "API tokens" })).toBeVisible(); } },
  { name: "command bar", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("Control+k"); await expect(page.getByRole("option").nth(5)).toBeVisible(); } },
  { name: "shortcuts", go: async (page) => { await page.goto("/zips"); await page.getByRole("link", { name: "Waits an hour" }).waitFor(); await page.keyboard.press("?"); await expect(page.getByRole("dialog")).toBeVisible(); } },
  { name: "no such run", go: async (page) => { await page.goto("/runs/run_00000000-0000-7000-8000-000000000000"); await expect(page.getByText("There is no such run")).toBeVisible(); } },
];

for (const shown of PAGES) {
  test(`${shown.name}: nothing for axe in either theme, nothing jumps, no report, nothing hostile comes alive${shown.phone ? ", and at 375 px nothing has to be scrolled sideways" : ""}`, async ({ page, seeded }) => {
    const shifts = shown.still ? await watchShifts(page) : null;
    await shown.go(page, seeded);
    expect(await shifts?.()).toEqual(shifts ? [] : undefined);
    await withoutFindings(page, shown.name);
    expect(await page.title()).not.toBe("taken");
    // The editor of a field has pictures of no size beside its chips, for the caret.
    expect(await page.locator("img:not(.cm-widgetBuffer)").count()).toBe(0);
    if (!shown.phone) return;
    await page.setViewportSize(PHONE);
    await expect.poll(() => widest(page)).toBe("");
  });
}

for (const shown of PAGES.filter(({ phone, still }) => phone && still)) {
  test(`${shown.name}: at 375 px nothing jumps`, async ({ page, seeded }) => {
    await page.setViewportSize(PHONE);
    const shifts = await watchShifts(page);
    await shown.go(page, seeded);
    expect(await shifts()).toEqual([]);
    await expect.poll(() => widest(page)).toBe("");
  });
}

/** Watches what jumps while a page loads with nothing cached; the answer tells it once all of the page is there. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.setCacheDisabled", { cacheDisabled: true });
  await page.addInitScript(() => {
    const seen = window as unknown as { shifts: string[] };
    seen.shifts = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node: Node | null }[] })[]) {
        if (!entry.hadRecentInput) seen.shifts.push(`${entry.value.toFixed(4)} ${entry.sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 120) : node?.textContent)).join(" | ")}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  return async () => {
    await page.waitForLoadState("networkidle");
    const shifts = await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
    return shifts.filter((shift) => Number.parseFloat(shift) > 0.01);
  };
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

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const COLOURS = ["color-contrast", "link-in-text-block"];

/** Every rule in the light theme; in the dark one, which differs in its colours alone, those that look at colours. */
async function withoutFindings(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await picture(page, name, colorScheme);
    // One frame, and nothing but findings is wanted: the shorter way to the same answer.
    const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
    const { violations } = await (colorScheme === "light" ? axe.withTags(RULES) : axe.withRules(COLOURS)).analyze();
    expect(violations.map(({ id, nodes }) => `${colorScheme}, ${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.any[0]?.message ?? ""})`).join(" | ")}`)).toEqual([]);
  }
}

test("sign-in, the first run and a missing page: nothing for axe in either theme", async ({ browser }) => {
  const context = await newContext(browser);
  const { heard } = await listen(context);
  const page = await context.newPage();
  await page.goto("/zips");
  await expect(page.getByLabel("E-mail")).toBeVisible();
  await withoutFindings(page, "sign-in");
  await page.getByRole("button", { name: "Create an account" }).click();
  await withoutFindings(page, "sign-up");
  await page.goto("/nowhere/at/all");
  await expect(page.getByRole("link", { name: "All zips" })).toBeVisible();
  await withoutFindings(page, "no such page");
  await newPerson(context);
  for (const [path, words] of [["/zips", "Build your first zip"], ["/runs", "Nothing has run yet"], ["/events", "Nothing has arrived yet"], ["/connections", "No connections yet"]] as const) {
    await page.goto(path);
    await expect(page.getByText(words)).toBeVisible();
    await withoutFindings(page, `${path}, empty`);
  }
  await context.close();
  expect(heard.filter((text) => !/404/.test(text))).toEqual([]);
});

test("the first page takes less than 200 KB of script, compressed", async ({ browser, seeded }) => {
  const context = await newContext(browser);
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

test("a zip and a run of two hundred steps are drawn whole, and edited", async ({ page, seeded }) => {
  await page.goto(`/zips/${seeded.long}`);
  await expect(page.getByRole("button", { name: /^Step 201,/ })).toBeAttached();
  const card = page.getByRole("button", { name: /^Step 100,/ });
  const width = async () => (await card.boundingBox())?.width;
  // So many cards are there a moment before the keys are listened to.
  await expect(async () => {
    await page.keyboard.press("1");
    await expect(page.getByRole("group", { name: "Size of the drawing" })).toHaveText("25 %", { timeout: 500 });
  }).toPass();
  expect(await width()).toBe(66);
  await page.keyboard.press("0");
  await expect.poll(width).toBe(264);
  await card.click();
  await page.getByLabel("Name of the step").fill("Renamed among two hundred");
  await expect(page.getByRole("button", { name: /^Step 100, Renamed among two hundred/ })).toBeVisible();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await runIs(seeded.person, seeded.runs.long, "SUCCEEDED");
  await page.goto(`/runs/${seeded.runs.long}`);
  await expect(badge(page)).toContainText("Succeeded");
  await expect(page.getByRole("button", { name: /^Step 201,/ })).toBeAttached();
});

test("a step that nobody answered says that its outcome is unknown, and a failed run what to do", async ({ page, seeded }) => {
  await page.goto(`/runs/${seeded.runs.unknown}`);
  await expect(page.getByRole("button", { name: /^Step 2, Charge the card/ })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Outcome unknown");
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Look there");
  await page.goto(`/runs/${seeded.runs.failed}`);
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Nothing was sent");
});

for (const days of [-1, 1]) {
  test(`a browser whose clock is ${days < 0 ? "a day behind" : "a day ahead"} shows the same runs, live`, async ({ page, seeded }) => {
    await shiftClock(page, days);
    await page.goto("/runs");
    await expect(runRows(page, /Failed/).first()).toBeVisible();
    await expect(page.getByRole("region", { name: "Runs over time" })).toContainText("failed");
    const { url } = await makeZip(seeded.person, { name: "By another clock", steps: [setFields("one", "One", { a: "1" })] });
    await post(url, {});
    await expect(runRows(page, /Succeeded.*By another clock/)).toBeVisible();
    await page.goto(`/runs/${seeded.runs.waiting}`);
    await expect(badge(page)).toContainText(/Waiting · goes on in \d+ min/);
  });
}
