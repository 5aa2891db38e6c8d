/**
 * Measures the pages in a headless Chromium: an order as JSON comes in, samples as JSON go out. bench/web.py starts it.
 *
 * Times are taken in the page where they are felt: from the input to the first picture that shows what it did.
 */
import { chromium } from "@playwright/test";
import { inPage } from "./in-page.mjs";

const DESKTOP = { width: 1440, height: 900 };
const LETTERS = "A name that somebody types while two hundred steps look on";
const MOVES = 10;
const SIGN_IN = "mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password, delivery: COOKIES }) { __typename } }";
const order = JSON.parse(await read(process.stdin));

const browser = await chromium.launch({
  executablePath: order.browser,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
});
try {
  process.stdout.write(
    JSON.stringify({
      ...(await firstPage()),
      ...(await longZip()),
      ...(await runList()),
      ...(await changes()),
    }),
  );
} finally {
  await browser.close();
}

/**
 * A page in a context of its own, with nothing cached, signed in by itself: a session that two contexts share is taken
 * for a stolen one and ended.
 */
async function opened() {
  const context = await browser.newContext({ baseURL: order.url, viewport: DESKTOP });
  await context.addInitScript(inPage);
  const { email, password } = order;
  const answer = await context.request.post("/graphql", { data: { query: SIGN_IN, variables: { email, password } }, headers: { origin: order.url } });
  if (!(await answer.text()).includes("SignInSuccess")) throw new Error(`not signed in: ${await answer.text()}`);
  return { context, page: await context.newPage() };
}

async function firstPage() {
  let scriptBytes = 0;
  const times = [];
  for (let round = 0; round < order.repeats; round++) {
    say(`the first page, ${round + 1} of ${order.repeats}`);
    const { context, page } = await opened();
    const scripts = [];
    page.on("requestfinished", (request) => {
      if (request.resourceType() === "script") scripts.push(request);
    });
    const begun = performance.now();
    await page.goto("/zips");
    await page.getByRole("link", { name: "Two hundred steps" }).waitFor();
    times.push(performance.now() - begun);
    await page.waitForLoadState("networkidle");
    const sizes = await Promise.all(scripts.map((request) => request.sizes()));
    scriptBytes = Math.max(scriptBytes, sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0));
    await context.close();
  }
  return { script_bytes: scriptBytes, first_page_ms: times };
}

async function longZip() {
  const [fromList, byAddress] = [[], []];
  const felt = { typing: nothing(), moving: nothing(), undoing: nothing() };
  for (let round = 0; round < order.repeats; round++) {
    say(`two hundred steps, ${round + 1} of ${order.repeats}`);
    const { context, page } = await opened();
    await page.goto("/zips");
    const link = page.getByRole("link", { name: "Two hundred steps" });
    await link.waitFor();
    await page.waitForLoadState("networkidle");
    fromList.push(await link.evaluate((element) => window.bench.until(() => element.click(), '[aria-label^="Step 201,"]')));
    await page.getByRole("button", { name: /^Step 100,/ }).click();
    await page.getByLabel("Name of the step").fill("");
    await add(felt.typing, page, () => page.keyboard.type(LETTERS, { delay: 60 }));
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Step 100,/ }).focus();
    await add(felt.moving, page, () => often(MOVES, () => page.keyboard.press("Alt+ArrowDown")));
    await add(felt.undoing, page, () => often(MOVES, () => page.keyboard.press("Control+z")));
    await context.close();

    const cold = await opened();
    const begun = performance.now();
    await cold.page.goto(`/zips/${order.long_id}`);
    await cold.page.locator('[aria-label^="Step 201,"]').waitFor({ state: "attached" });
    byAddress.push(performance.now() - begun);
    await cold.context.close();
  }
  return { open_ms: fromList, open_cold_ms: byAddress, ...felt };
}

function nothing() {
  return { events_ms: [], long_tasks_ms: [] };
}

/** What the browser told of the inputs and tasks meanwhile. */
async function add(found, page, act) {
  await page.evaluate(() => window.bench.begin());
  await act();
  const told = await page.evaluate(() => window.bench.end());
  found.events_ms.push(...told.events);
  found.long_tasks_ms.push(...told.tasks);
}

async function often(times, act) {
  for (let time = 0; time < times; time++) {
    await act();
    await new Promise((done) => setTimeout(done, 150));
  }
}

async function runList() {
  const filters = { "the list and its chart open": [], "only failed ones": [], "of one zip": [], "an hour, chosen on the chart": [], "a week on the chart": [], "all again": [] };
  for (let round = 0; round < order.repeats; round++) {
    say(`100,000 runs, ${round + 1} of ${order.repeats}`);
    const { context, page } = await opened();
    await page.goto("/zips");
    await page.waitForLoadState("networkidle");
    const timed = (name, act, settled) => page.evaluate(([what, done]) => window.bench.filtered(what, done), [act, settled]).then((ms) => filters[name].push(ms));
    await timed("the list and its chart open", "open", "All");
    await page.waitForLoadState("networkidle");
    await timed("only failed ones", "Failed", "Failed");
    await timed("all again", "All", "All");
    await page.getByLabel("Zip", { exact: true }).focus();
    await page.locator(`option[value="${order.busy_id}"]`).waitFor({ state: "attached" });
    await timed("of one zip", `zip ${order.busy_id}`, "Zip");
    await timed("all again", "zip ", "All");
    await timed("an hour, chosen on the chart", "brush", "Time");
    await page.getByRole("button", { name: /^Remove the filter Time/ }).click();
    await timed("a week on the chart", "7 d", "Span");
    await context.close();
  }
  return { filter_ms: filters };
}

async function changes() {
  const times = [];
  const { context, page } = await opened();
  await page.goto("/runs");
  await page.getByRole("table", { name: "Runs", exact: true }).waitFor();
  await page.waitForLoadState("networkidle");
  for (let round = 0; round < order.repeats * 4; round++) {
    say(`changes, ${round + 1} of ${order.repeats * 4}`);
    const sent = Date.now();
    const answer = await fetch(new URL(order.heard, order.url), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "Ada", n: round }) });
    const { runId } = await answer.json();
    times.push((await page.evaluate((id) => window.bench.shown(`a[href="/runs/${id}"]`, "Succeeded"), runId)) - sent);
  }
  await context.close();
  return { change_ms: times };
}

async function read(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

function say(words) {
  process.stderr.write(`  ${words} …\n`);
}
