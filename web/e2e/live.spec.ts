import { badge, expect, makeZip, NETWORK_GONE, post, runIs, runRows, setFields, silentServer, test } from "./support";

test("a list fills by itself, filters by its address, and gathers what comes while it is scrolled", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Filling", steps: [setFields("one", "One", { a: "1" })] });
  const first = await post(url, {});
  await runIs(person, first, "SUCCEEDED");
  await page.goto("/runs");
  await expect(runRows(page, /Succeeded/)).toHaveCount(1);
  for (let number = 0; number < 30; number++) await post(url, { number });
  await expect(runRows(page, /Succeeded/)).toHaveCount(31);
  await page.getByRole("table", { name: "Runs", exact: true }).evaluate((table) => table.parentElement?.scrollTo({ top: 400 }));
  await post(url, {});

  await page.getByRole("button", { name: "1 new" }).click();
  await expect(runRows(page, /Succeeded/)).toHaveCount(32);
  await page.getByRole("radio", { name: "Failed" }).click();
  await expect(page).toHaveURL(/status=failed/);
  await expect(runRows(page, /Succeeded/)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("radio", { name: "Failed" })).toBeChecked();
});

test("a killed socket comes back by itself and has missed nothing", async ({ page, context, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const there = await silentServer();
  const call = { id: "call", app: "http", action: "request", name: "Call", input: { url: there.url } };
  const { url } = await makeZip(person, { name: "Through the dark", steps: [call, setFields("one", "One", { a: "1" })] });
  const list = await context.newPage();
  await list.goto("/runs");
  await expect(list.getByText("Nothing has run yet")).toBeVisible();
  const first = await post(url, {});
  await expect.poll(there.asked).toBe(1);
  await page.goto(`/runs/${first}`);
  await expect(badge(page)).toContainText("Running");
  await expect(runRows(list, /Running/)).toHaveCount(1);
  // What runs breathes, unless who watches wants nothing to move for its own sake.
  const card = page.getByRole("button", { name: /^Step 2, Call, http, Running/ });
  await expect(card).toHaveCSS("animation-name", "none");
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect(card).toHaveCSS("animation-name", "breathe");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await context.setOffline(true);
  // Chromium keeps an open socket when it goes offline: end it as a dying network would.
  await page.evaluate(() => dispatchEvent(new Event("offline")));
  there.answer();
  const missed = [first, await post(url, {}), await post(url, {})];
  for (const run of missed) await runIs(person, run, "SUCCEEDED");
  await context.setOffline(false);

  await expect(badge(page)).toContainText("Succeeded");
  await expect(runRows(list, /Succeeded/)).toHaveCount(3);
  await there.close();
});

test("sockets ended again and again lose no change", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const sockets: { close: () => Promise<void> }[] = [];
  await page.routeWebSocket(/graphql/, (socket) => {
    const server = socket.connectToServer();
    sockets.push({ close: async () => { await socket.close(); await server.close(); } });
  });
  const { url } = await makeZip(person, { name: "Cut", steps: [setFields("one", "One", { a: "1" })] });
  await page.goto("/runs");
  await expect(page.getByText("Nothing has run yet")).toBeVisible();
  const sent: string[] = [];
  for (let round = 0; round < 4; round++) {
    const before = sockets.length;
    sent.push(await post(url, { round }));
    await sockets.at(-1)?.close();
    sent.push(await post(url, { round }));
    await expect.poll(() => sockets.length).toBeGreaterThan(before);
  }

  await expect(runRows(page, /Succeeded/)).toHaveCount(sent.length);
  const shown = await runRows(page, /Succeeded/).getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  expect(new Set(shown)).toEqual(new Set(sent.map((id) => `/runs/${id}`)));
});

test("J, K and Enter walk the runs and the events", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Walked", steps: [setFields("one", "One", { a: "1" })] });
  const runs = [await post(url, { n: 1 }), await post(url, { n: 2 })];
  for (const run of runs) await runIs(person, run, "SUCCEEDED");
  await page.goto("/runs");
  await expect(runRows(page, /Succeeded/)).toHaveCount(2);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/runs/${runs[0]}$`));

  await page.goto("/events");
  await expect(page.getByRole("row", { name: /Ran/ })).toHaveCount(2);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel).toContainText('"n": 2');
  await page.keyboard.press("j");
  await expect(panel).toContainText('"n": 1');
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
});

test("a server that is slow leaves the rows their places, and one that does not answer is said on every page with the way on", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  expect(person.workspaceId).toMatch(/^wsp_/);
  let gone = "";
  let giveUp = () => undefined as void;
  let waited = Promise.resolve();
  await page.route("**/graphql", async (route) => {
    if (!gone || !route.request().postData()?.includes(`query ${gone}(`)) return route.continue();
    await waited;
    return route.abort();
  });
  for (const [path, operation, empty] of [
    ["/zips", "ZipsPage", "Build your first zip"],
    ["/runs", "RunsPage", "Nothing has run yet"],
    ["/events", "EventsPage", "Nothing has arrived yet"],
    ["/connections", "ConnectionsPage", "No connections yet"],
    ["/settings", "SettingsPage", "Runs and events are kept"],
  ] as const) {
    gone = operation;
    waited = new Promise((done) => {
      giveUp = done;
    });
    await page.goto(path);
    await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
    giveUp();
    const trouble = page.getByRole("main").getByRole("alert");
    await expect(trouble).toContainText("could not be loaded");
    gone = "";
    // A page that looks again by itself may have come back before the click.
    await trouble.getByRole("button", { name: "Try again" }).or(page.getByText(empty)).first().click();
    await expect(page.getByText(empty)).toBeVisible();
    await expect(trouble).toHaveCount(0);
  }
});
