import { badge, expect, makeZip, newContext, PASSWORD, post, runIs, setFields, signIn, test } from "./support";

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
  await menu("Orders", "Pause");
  await expect(row("Orders")).toContainText("Paused");
  await menu("Orders", "Resume");
  await expect(row("Orders")).toContainText("Live · v1");

  await menu("Orders", "Delete");
  await expect(page.getByRole("dialog")).toContainText("Its runs and events stay in the history");
  await page.getByRole("button", { name: "Delete zip" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(row("Orders")).toHaveCount(0);
  expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(404);
  await page.goto(`/runs/${run}`);
  await expect(badge(page)).toContainText("Succeeded");
});

test("a connection is made, never shows its secret again, says where it is used, and goes only when it is not", async ({ page, person }) => {
  await page.goto("/connections");
  await page.getByRole("button", { name: "New connection" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("bearer");
  await dialog.getByLabel("Name").fill("CRM");
  await dialog.getByLabel("Token").fill("a-secret-token");
  await dialog.getByLabel("Hosts").fill("api.example.com");
  await dialog.getByRole("button", { name: "Create connection" }).click();
  await page.getByRole("button", { name: "CRM", exact: true }).click();
  await expect(page).toHaveURL(/connection=con_/);
  await expect(dialog.getByLabel("Token")).toHaveValue("");
  await expect(dialog.getByLabel("Token")).toHaveAttribute("placeholder", /Stored/);
  await expect(dialog).toContainText("No zip yet");
  const id = new URL(page.url()).searchParams.get("connection") ?? "";
  expect(await page.content()).not.toContain("a-secret-token");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  const call = { id: "call", app: "http", action: "request", name: "Call", connection: id, input: { url: "https://api.example.com/" } };
  const zip = await makeZip(person, { name: "Writes to the CRM", steps: [call] });
  await page.reload();
  const remove = async () => {
    await page.getByRole("button", { name: "Actions for CRM" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
  };
  await remove();
  await expect(dialog).toContainText("This connection is in use");
  await expect(dialog.getByRole("link", { name: "Writes to the CRM" })).toHaveAttribute("href", `/zips/${zip.id}`);
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await person.ask("mutation ($id: ID!) { deleteZip(input: { zipId: $id }) { __typename } }", { id: zip.id });
  await page.reload();
  await remove();
  await dialog.getByRole("button", { name: "Delete connection" }).click();
  await expect(page.getByText("No connections yet")).toBeVisible();
});

test("name, password, other devices and tokens are changed in the settings", async ({ page, browser, person }) => {
  const elsewhere = await newContext(browser);
  await signIn(elsewhere, person);
  await page.goto("/settings");
  await page.getByLabel("Name", { exact: true }).fill("Ada King");
  await page.getByRole("button", { name: "Save name" }).click();
  await expect(page.getByRole("button", { name: "Ada King, account" })).toBeVisible();

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
  await expect(page.getByText(/^zpt_/)).toBeVisible();
  await page.reload();
  await expect(page.getByText("Nightly export")).toBeVisible();
  await expect(page.getByText(/^zpt_/)).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("button", { name: "Revoke" })).toHaveCount(0);
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
