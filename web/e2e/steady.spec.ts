/** What keeps an open page true: answers that are lost or late, a session that ends, a server that is away for a moment. */
import type { Page } from "@playwright/test";
import { badge, expect, makeZip, NETWORK_GONE, PASSWORD, post, runIs, runRows, setFields, test, type Person } from "./support";

const ONE = [setFields("one", "One", { a: "1" })];

/** While it is on, an operation does not reach the server; or its answer does not come back. */
async function broken(page: Page, operation: string, how: "asking" | "answer" = "asking"): Promise<{ mend: () => void }> {
  let on = true;
  await page.route("**/graphql", async (route) => {
    if (!on || !new RegExp(`(query|mutation) ${operation}\\b`).test(route.request().postData() ?? "")) return route.fallback();
    if (how === "answer") await route.fetch();
    return route.abort();
  });
  return { mend: () => { on = false; } };
}

const runsOf = async (person: Person, zipId: string) =>
  (await person.ask<{ runs: { nodes: { id: string }[] } }>("query ($w: ID!, $z: ID!) { runs(workspaceId: $w, filter: { zipId: $z }) { nodes { id } } }", { w: person.workspaceId, z: zipId })).runs.nodes.length;

test("who only watches a run is told that the session has ended, and hears again after signing in", async ({ page, context, person }) => {
  let end = async () => {};
  await page.routeWebSocket(/graphql/, (socket) => {
    socket.connectToServer();
    end = () => socket.close({ code: 4403, reason: "Signed out" });
  });
  const { url } = await makeZip(person, { steps: [{ id: "pause", app: "flow", action: "delay", name: "Wait", input: { amount: 1, unit: "hours" } }] });
  const run = await post(url, {});
  await runIs(person, run, "WAITING");
  await page.goto(`/runs/${run}`);
  await expect(badge(page)).toContainText("Waiting");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  const cookies = await context.cookies();
  await context.clearCookies();
  await end();

  const dialog = page.getByRole("dialog", { name: "You have been signed out" });
  await expect(dialog).toBeVisible();
  await context.addCookies(cookies);
  await person.ask("mutation ($id: ID!) { cancelRun(input: { runId: $id }) { __typename } }", { id: run });
  await expect(page).toHaveTitle(/^Waiting/);
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(badge(page)).toContainText("Cancelled");
});

test("a run is started again once, with what it began with or not at all", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id, url } = await makeZip(person, { steps: ONE });
  const first = await post(url, { a: 1 });
  await runIs(person, first, "SUCCEEDED");
  await page.goto(`/runs/${first}`);
  await expect(badge(page)).toContainText("Succeeded");
  const away = await broken(page, "EventDetail");
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByText("The server does not answer. Try again.")).toBeVisible();
  expect(await runsOf(person, id)).toBe(1);

  away.mend();
  await page.getByRole("button", { name: "Run again" }).dblclick();
  await expect(page).not.toHaveURL(new RegExp(first));
  await expect(badge(page)).toContainText("Succeeded");
  expect(await runsOf(person, id)).toBe(2);
});

test("a zip whose making was not heard of is made once", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  await page.goto("/zips");
  await expect(page.getByText("Build your first zip")).toBeVisible();
  await page.keyboard.press("n");
  const away = await broken(page, "CreateZip", "answer");
  await page.getByRole("dialog").getByLabel("Name").fill("Once");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("The server does not answer. Try again.");
  // A click beside the dialog throws nothing away.
  await page.mouse.click(5, 450);
  await expect(page.getByRole("dialog").getByLabel("Name")).toHaveValue("Once");
  away.mend();
  await page.getByRole("button", { name: "Create zip" }).click();

  await expect(page.getByRole("button", { name: /^Step 1, Webhook/ })).toBeVisible();
  const { zips } = await person.ask<{ zips: { nodes: unknown[] } }>("query ($w: ID!) { zips(workspaceId: $w) { nodes { name } } }", { w: person.workspaceId });
  expect(zips.nodes).toEqual([{ name: "Once" }]);
});

test("what was saved unheard can be published", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id } = await makeZip(person, { steps: ONE });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, One/ }).click();
  const away = await broken(page, "SaveZip", "answer");
  await page.getByLabel("Name of the step").fill("Saved unheard");
  await expect(page.getByText(/Not saved, kept in this tab/)).toBeVisible();
  away.mend();
  await page.getByRole("button", { name: "Save now" }).click();

  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Publish v2" })).toContainText("Saved unheard");
});

test("a list that is answered late shows what was heard meanwhile", async ({ page, person }) => {
  const { url } = await makeZip(person, { steps: [{ id: "pause", app: "flow", action: "delay", name: "Wait", input: { amount: 3, unit: "seconds" } }] });
  let isLate = true;
  await page.route("**/graphql", async (route) => {
    if (!isLate || !route.request().postData()?.includes("query RunsPage(")) return route.fallback();
    isLate = false;
    const response = await route.fetch();
    await runIs(person, run, "SUCCEEDED");
    return route.fulfill({ response });
  });
  const run = await post(url, {});
  await page.goto("/runs");

  await expect(runRows(page, /Succeeded/)).toHaveCount(1);
  expect(isLate).toBe(false);
});

test("what could not be read is not told as nothing, and is read when asked for again", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { url } = await makeZip(person, { steps: ONE });
  const run = await post(url, {});
  await runIs(person, run, "SUCCEEDED");
  const away = await broken(page, "RunStepData");
  await page.goto(`/runs/${run}`);
  const output = page.getByRole("tabpanel", { name: "Output" });
  await expect(output.getByRole("alert")).toContainText("could not be loaded");
  away.mend();
  await output.getByRole("button", { name: "Try again" }).click();

  await expect(output).toContainText('"a": "1"');
});

test("older zips that could not be had are asked for again; a dialog from a menu gives the focus back", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  for (let number = 0; number < 51; number++) await makeZip(person, { name: `Zip ${number}`, publish: false });
  await page.goto("/zips");
  const older = page.getByRole("button", { name: "Show older zips" });
  await expect(older).toBeVisible();
  const away = await broken(page, "ZipsPage");
  await older.click();
  await expect(page.getByRole("main").getByRole("alert")).toContainText("Try again");
  away.mend();
  await older.click();
  await expect(page.getByRole("link", { name: "Zip 0", exact: true })).toBeVisible();
  await expect(older).toHaveCount(0);

  const search = page.getByLabel("Search zips by name");
  await search.fill("nothing is called this");
  await page.getByRole("button", { name: "Show all zips" }).click();
  await expect(page.getByRole("link", { name: "Zip 50", exact: true })).toBeVisible();
  await expect(search).toHaveValue("");
  const actions = page.getByRole("button", { name: "Actions for Zip 50", exact: true });
  for (const item of ["Delete", "Delete", "Move to a folder"]) {
    await actions.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: item }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(actions).toBeFocused();
  }
  await expect(page).not.toHaveURL(/search=/);
});

test("what steps can do and kinds of connections are asked for again where they could not be had; a switch comes after its field", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id } = await makeZip(person, { steps: [{ id: "call", app: "http", action: "request", name: "Call", input: { url: "https://example.com" } }], publish: false });
  const unread = await broken(page, "BuilderApps");
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Call/ }).click();
  const panel = page.getByRole("complementary", { name: /^Step 2/ });
  await expect(panel.getByRole("alert")).toContainText("What steps can do could not be loaded");
  unread.mend();
  await panel.getByRole("button", { name: "Try again" }).click();
  await page.getByLabel("Method", { exact: true }).focus();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Method from data" })).toBeFocused();

  const away = await broken(page, "ConnectionKinds");
  await page.getByRole("button", { name: "New connection" }).click();
  await expect(page.getByText("The server does not answer. Try again.")).toBeVisible();
  away.mend();
  await page.getByRole("button", { name: "New connection" }).click();
  await expect(page.getByRole("dialog", { name: "New connection" })).toBeVisible();
});

test("JSON of any shape is drawn in parts, and what can't be copied is said", async ({ page, person }) => {
  const tree = (depth: number): unknown => (depth === 0 ? 1 : Array.from({ length: 20 }, () => tree(depth - 1)));
  const { url } = await makeZip(person, { steps: ONE });
  await post(url, { deep: tree(4), long: Array.from({ length: 1_000 }, (_, index) => index) });
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("denied"));
  });
  await page.goto("/events");
  await page.getByRole("button", { name: "Ran" }).click();
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel.getByRole("button", { name: "Fold trigger.body.deep", exact: true })).toBeVisible();
  expect(await panel.getByRole("button").count()).toBeLessThan(200);
  await panel.getByRole("button", { name: "Fold trigger.body.long" }).click();
  await panel.getByRole("button", { name: "Show 200 more of 800" }).click();
  await expect(panel.getByRole("button", { name: "Show 200 more of 600" })).toBeVisible();

  await panel.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(page.getByText("This browser does not let the page copy.")).toBeVisible();
});
