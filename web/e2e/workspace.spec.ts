import { createServer } from "node:http";
import { badge, expect, makeZip, newContext, PASSWORD, post, runIs, setFields, signIn, stepsOf, test } from "./support";

const ONE = [setFields("one", "One", { a: "1" })];

test("a zip is found, moved to a folder, duplicated, paused, resumed and deleted from the list", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Orders", steps: ONE });
  await makeZip(person, { name: "Refunds", steps: ONE });
  const run = await post(url, {});
  await runIs(person, run, "SUCCEEDED");
  await page.goto("/zips");
  const row = (name: string) => page.getByRole("table", { name: "Zips" }).getByRole("row", { name: new RegExp(`^${name} (Draft|Live|Paused)`) });
  const menu = async (name: string, item: string) => {
    await page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await expect(row("Orders")).toContainText("Live · v1");
  await expect(row("Orders").getByRole("img", { name: "1 run, 0 failed" })).toBeVisible();
  await expect(row("Orders").getByRole("img", { name: "webhook, then 1 steps" })).toBeVisible();

  await page.keyboard.press("/");
  await page.keyboard.type("fund");
  await expect(page).toHaveURL(/search=fund/);
  await expect(row("Orders")).toHaveCount(0);
  await page.getByLabel("Search zips by name").fill("");
  await expect(row("Orders")).toBeVisible();

  await menu("Orders", "Move to a folder");
  await page.getByRole("dialog").getByLabel("Folder").fill("Shop");
  await page.getByRole("button", { name: "Move zip" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.getByRole("combobox", { name: "Folder" }).selectOption("Shop");
  await expect(page).toHaveURL(/folder=Shop/);
  await expect(row("Refunds")).toHaveCount(0);
  await expect(row("Orders")).toBeVisible();

  await menu("Orders", "Duplicate");
  await expect(row("Orders \\(copy\\)")).toContainText("Draft");
  const copy = (await row("Orders \\(copy\\)").getByRole("link").first().getAttribute("href"))?.split("/")[2] ?? "";
  expect(await stepsOf(person, copy)).toEqual(ONE);
  await menu("Orders", "Pause");
  await expect(row("Orders")).toContainText("Paused");
  expect(await (await fetch(url, { method: "POST", body: "{}" })).json()).toMatchObject({ runId: null, outcome: "zip_off" });
  await menu("Orders", "Resume");
  await expect(row("Orders")).toContainText("Live · v1");
  await runIs(person, await post(url, {}), "SUCCEEDED");

  await page.keyboard.press("n");
  const created = page.getByRole("dialog", { name: "New zip" });
  await created.getByLabel("Name").fill("Later");
  await created.getByLabel("Do something later").check();
  await expect(created.getByRole("radio", { name: /^By hand/ })).toBeChecked();
  await created.getByRole("button", { name: "Create zip" }).click();
  await expect(page.getByRole("button", { name: /^Step 1, Run by hand/ })).toBeVisible();
  await page.getByRole("link", { name: "Zips", exact: true }).first().click();
  await expect(row("Later").getByRole("img", { name: "manual, then 2 steps" })).toBeVisible();

  await menu("Orders", "Delete");
  await expect(page.getByRole("dialog")).toContainText("Its runs and events stay in the history");
  await page.getByRole("button", { name: "Delete zip" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(row("Orders")).toHaveCount(0);
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(404);
  await page.goto(`/runs/${run}`);
  await expect(badge(page)).toContainText("Succeeded");
});

test("a connection is made, tried, corrected, never shows its secret again, and goes only when no zip uses it", async ({ page, person }) => {
  const got: string[] = [];
  const server = createServer((request, response) => {
    got.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(request.headers.authorization === "Bearer the-right-one" ? 200 : 401).end();
  });
  const there = `127.0.0.1:${process.env.ZIPPED_RECEIVER}`;
  await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  await page.goto("/connections");
  await page.getByRole("button", { name: "New connection" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("bearer");
  await dialog.getByLabel("Name").fill("CRM");
  await dialog.getByLabel("Token").fill("a-secret-token");
  await dialog.getByLabel("Test address").fill(`http://${there}/me`);
  await dialog.getByLabel("Hosts").fill(there);
  await dialog.getByRole("button", { name: "Create connection" }).click();
  const row = page.getByRole("table", { name: "Connections" }).getByRole("row").nth(1);
  await row.getByRole("button", { name: "Test CRM" }).click();
  await expect(row).toContainText("The server refused the credentials: 401 Unauthorized.");

  await page.getByRole("button", { name: "CRM", exact: true }).click();
  await expect(page).toHaveURL(/connection=con_/);
  await expect(dialog.getByLabel("Token")).toHaveValue("");
  await expect(dialog.getByLabel("Token")).toHaveAttribute("placeholder", /Stored/);
  await expect(dialog).toContainText("No zip yet");
  const id = new URL(page.url()).searchParams.get("connection") ?? "";
  expect(await page.content()).not.toContain("a-secret-token");
  // To a new host goes only who knows the secret.
  await dialog.getByLabel("Hosts").fill("elsewhere.example.com");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toContainText("The stored secret would be sent to a new place. Enter it again.");
  await dialog.getByLabel("Hosts").fill(there);
  await dialog.getByLabel("Token").fill("the-right-one");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  await expect(row).toContainText(there);
  const act = async (item: string) => {
    await page.getByRole("button", { name: "Actions for CRM" }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await act("Test");
  await expect(row).toContainText(/Works, /);
  expect(got).toEqual(["GET /me Bearer a-secret-token", "GET /me Bearer the-right-one"]);
  await new Promise((done) => server.close(done));

  const call = { id: "call", app: "http", action: "request", name: "Call", connection: id, input: { url: `http://${there}/` } };
  const zip = await makeZip(person, { name: "Writes to the CRM", steps: [call] });
  await page.reload();
  await act("Delete");
  await expect(dialog).toContainText("This connection is in use");
  await expect(dialog.getByRole("link", { name: "Writes to the CRM" })).toHaveAttribute("href", `/zips/${zip.id}`);
  await dialog.getByRole("button", { name: "Keep it" }).click();
  const change = "mutation ($id: ID!) { updateZip(input: { zipId: $id, revision: 1, definition: { steps: [] } }) { __typename } publishZip(input: { zipId: $id, revision: 2 }) { __typename } }";
  expect(await person.ask(change, { id: zip.id })).toEqual({ updateZip: { __typename: "UpdateZipSuccess" }, publishZip: { __typename: "PublishZipSuccess" } });
  await page.reload();
  await act("Delete");
  await dialog.getByRole("button", { name: "Delete connection" }).click();
  await expect(page.getByText("No connections yet")).toBeVisible();

  // A version that needs it does not come back.
  await page.goto(`/zips/${zip.id}`);
  await page.getByRole("button", { name: "Versions" }).click();
  await dialog.getByRole("button", { name: "Compare with live" }).click();
  await dialog.getByRole("button", { name: "Go back to v1" }).click();
  await expect(page.getByRole("status").filter({ hasText: "uses a connection that isn't in this workspace." })).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: "Ada Lovelace" })).toHaveText([/^v2Live/, /^v1Ada/]);
});

test("name, password, other devices and tokens are changed in the settings", async ({ page, browser, person }) => {
  const elsewhere = await newContext(browser);
  await signIn(elsewhere, person);
  await page.goto("/settings");
  await page.getByLabel("Name", { exact: true }).fill("Ada King");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByRole("button", { name: "Ada King, account" })).toBeVisible();
  const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).colorScheme]);
  await page.getByRole("radio", { name: "Dark", exact: true }).click();
  await page.getByRole("checkbox", { name: /^Shortcuts without/ }).uncheck();
  await page.reload();
  await expect(page.getByRole("radio", { name: "Dark", exact: true })).toBeChecked();
  expect(await theme()).toEqual(["dark", "dark"]);
  await page.keyboard.press("n");
  await page.keyboard.press("ControlOrMeta+k");
  await expect(page.getByRole("dialog")).toHaveAccessibleName("Search or jump to");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Ada King, account" }).click();
  await page.getByRole("menuitem", { name: "Switch light and dark" }).click();
  expect(await theme()).toEqual(["light", "light"]);

  await page.getByRole("button", { name: /^Sign out on/ }).click();
  await expect(page.getByRole("button", { name: /^Sign out on/ })).toHaveCount(0);
  const there = await elsewhere.newPage();
  await there.goto("/zips");
  await expect(there.getByLabel("E-mail")).toBeVisible();
  await elsewhere.close();

  await page.getByLabel("Current password").fill("not the one");
  await page.getByLabel("New password").fill("another good one");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The current password is wrong.")).toBeVisible();
  await page.getByLabel("Current password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toHaveValue("");

  await page.getByLabel("New token for").fill("Nightly export");
  await page.getByRole("button", { name: "Make token" }).click();
  const token = (await page.getByText(/^zpt_/).innerText()).trim();
  const read = async () =>
    (await fetch(`${process.env.ZIPPED_URL}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: "query ($id: ID!) { zips(workspaceId: $id) { nodes { id } } }", variables: { id: person.workspaceId } }),
    })).json() as Promise<unknown>;
  expect(await read()).toEqual({ data: { zips: { nodes: [] } } });
  await page.reload();
  await expect(page.getByText("Nightly export")).toBeVisible();
  await expect(page.getByText(/^zpt_/)).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("button", { name: "Revoke" })).toHaveCount(0);
  expect(await read()).toMatchObject({ errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });

  await page.evaluate(() => sessionStorage.setItem("zipped.draft.zip_1", "typed and not saved"));
  await page.getByRole("button", { name: "Sign out here" }).click();
  await page.getByLabel("E-mail").fill(person.email);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The e-mail address or the password is wrong.")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill("another good one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Build your first zip" })).toBeVisible();
});

test("the command bar reaches what the page does, settings, connections and whatever an id names", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Orders", steps: ONE });
  const run = await post(url, {});
  await runIs(person, run, "SUCCEEDED");
  await page.goto(`/runs/${run}`);
  await expect(badge(page)).toContainText("Succeeded");
  await expect(page.locator("link[rel=icon]")).toHaveAttribute("href", "/state-ok.svg");
  const bar = page.getByRole("dialog", { name: "Search or jump to" });
  const reach = async (words: string) => {
    await page.keyboard.press("ControlOrMeta+k");
    await bar.getByRole("combobox").fill(words);
    await expect(bar.getByRole("option", { selected: true })).toContainText(words);
    await page.keyboard.press("Enter");
  };
  await reach("Run again");
  await expect(page).not.toHaveURL(new RegExp(run));
  await reach("Settings: API tokens");
  await expect(page).toHaveURL(/settings#tokens$/);
  await expect(page.getByRole("heading", { name: "API tokens" })).toBeInViewport();
  await reach("New connection");
  await expect(page.getByRole("dialog", { name: "New connection" })).toBeVisible();
  await page.keyboard.press("Escape");
  await reach(run);
  await expect(page).toHaveURL(new RegExp(`/runs/${run}$`));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(run.slice(-6));
  await page.keyboard.press("r");
  await expect(page).not.toHaveURL(new RegExp(run));
  await reach("Sign out");
  await expect(page.getByLabel("E-mail")).toBeVisible();
});

test("where nothing has run yet, the way to the first run is shown", async ({ page, person }) => {
  await page.goto("/runs");
  await expect(page.getByRole("link", { name: "Build a zip and publish it" })).toBeVisible();
  const { url } = await makeZip(person, { name: "Orders", steps: ONE });
  await page.goto("/events");
  await expect(page.getByLabel("The command")).toContainText(`curl ${url}`);
});
