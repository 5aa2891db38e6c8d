import { expect, makeZip, NETWORK_GONE, PASSWORD, setFields, shiftClock, stepNames, stepsOf, test } from "./support";

test("two tabs in conflict are shown side by side, and either can win", async ({ page, context, person }) => {
  const { id } = await makeZip(person, { name: "Shared", steps: [setFields("one", "First", { a: "1" })], publish: false });
  const other = await context.newPage();
  await page.goto(`/zips/${id}`);
  await other.goto(`/zips/${id}`);
  for (const tab of [page, other]) await tab.getByRole("button", { name: /^Step 2, First/ }).click();
  await page.getByLabel("Name of the step").fill("Mine");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await other.getByLabel("Name of the step").fill("Theirs");

  const dialog = other.getByRole("dialog", { name: "This draft was changed elsewhere" });
  await expect(dialog).toContainText("Mine");
  await expect(dialog).toContainText("Theirs");
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await expect(other.getByText("Saved", { exact: true })).toBeVisible();
  await page.getByLabel("Name of the step").fill("Mine again");
  await page.getByRole("dialog").getByRole("button", { name: "Take theirs" }).click();

  await expect(page.getByRole("button", { name: /^Step 2, Theirs/ })).toBeVisible();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect(await stepNames(person, id)).toEqual(["Theirs"]);
});

test("a session that has ended is renewed over the page, and nothing typed is lost", async ({ page, context, person }) => {
  const { id } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  await context.clearCookies();
  await page.getByLabel("Name of the step").fill("Typed while signed out");

  const dialog = page.getByRole("dialog", { name: "You have been signed out" });
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel("Name of the step")).toHaveValue("Typed while signed out");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect(await stepNames(person, id)).toEqual(["Typed while signed out"]);
});

test("an access cookie that has run out is renewed unseen", async ({ page, context, person }) => {
  const { id } = await makeZip(person, { publish: false });
  await page.goto(`/zips/${id}`);
  await expect(page.getByRole("button", { name: /^Step 1/ })).toBeVisible();
  await context.clearCookies({ name: "zipped_access" });

  await page.getByLabel("Name of the zip").fill("Named after ten minutes");

  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("while the server is away edits are kept, and saved once it is back", async ({ page, context, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  await context.setOffline(true);
  await page.getByLabel("Name of the step").fill("Typed in the dark");
  await expect(page.getByText(/Not saved, kept in this tab/)).toBeVisible();
  await expect(page.getByRole("alert").filter({ hasText: "The server does not answer. Go on" })).toBeVisible();
  await page.getByLabel("Name of the step").fill("Typed in the dark, twice");

  await context.setOffline(false);

  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect(await stepNames(person, id)).toEqual(["Typed in the dark, twice"]);
});

test("a server that goes away in mid-edit takes nothing from the page", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { a: "{{ trigger.body.name }}" })], publish: false });
  await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: '{"name": "Ada"}' });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  const chip = page.getByRole("img", { name: "Step 1, Webhook › body.name: Ada" });
  await expect(chip).toBeVisible();
  // The save still gets through; what is asked for after it does not.
  await page.route("**/graphql", (route) => (route.request().postData()?.includes("mutation SaveZip") ? route.continue() : route.abort()));
  const failed = page.waitForEvent("requestfailed");
  await page.getByLabel("Name of the step").fill("Still here");
  await failed;
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.unroute("**/graphql");
  await page.route("**/graphql", (route) => route.abort());
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  await page.waitForEvent("requestfailed"); // The look for new requests.
  await expect(page.getByText("sample", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: /^Step 2, Still here/ }).click();
  await expect(chip).toBeVisible();
  await page.getByRole("textbox", { name: "Value of a" }).click();
  await page.keyboard.press("End");
  await page.keyboard.type(" Lovelace");
  await expect(page.getByText(/Not saved, kept in this tab/)).toBeVisible();
  await page.unroute("**/graphql");

  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await stepsOf(person, id))[0]).toMatchObject({ name: "Still here", input: { fields: { a: "{{ trigger.body.name }} Lovelace" } } });
});

test("what was not saved is there again after a reload, and what was saved unheard is no conflict", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  let reached = false;
  await page.route("**/graphql", async (route) => {
    if (!route.request().postData()?.includes("mutation SaveZip")) return route.continue();
    if (!reached) await route.fetch();
    reached = true;
    return route.abort();
  });
  await page.getByLabel("Name of the step").fill("Saved unheard");
  await expect(page.getByText(/Not saved, kept in this tab/)).toBeVisible();
  await page.getByLabel("Name of the step").fill("Typed before the reload");
  await expect(page.getByRole("button", { name: /^Step 2, Typed before the reload/ })).toBeVisible();
  expect(await stepNames(person, id)).toEqual(["Saved unheard"]);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByRole("button", { name: /^Step 2, Typed before the reload/ })).toBeVisible();
  await page.unroute("**/graphql");

  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await stepNames(person, id)).toEqual(["Typed before the reload"]);
});

test("a save whose answer is lost is no conflict with oneself", async ({ page, person, complaints }) => {
  complaints.allow(NETWORK_GONE);
  const { id } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  let lost = 0;
  await page.route("**/graphql", async (route) => {
    if (lost > 0 || !route.request().postData()?.includes("mutation SaveZip")) return route.continue();
    lost += 1;
    await route.fetch(); // It reaches the server; the answer goes astray.
    return route.abort();
  });
  await page.getByLabel("Name of the step").fill("Saved twice");

  await expect(page.getByText(/Not saved, kept in this tab/)).toBeVisible();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(lost).toBe(1);
  expect(await stepNames(person, id)).toEqual(["Saved twice"]);
});

for (const [words, by] of [["behind", -1], ["ahead", 1]] as const) {
  test(`with a clock that is a day ${words} everything is edited and saved`, async ({ page, person }) => {
    const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })], publish: false });
    await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
    await shiftClock(page, by);
    await page.goto(`/zips/${id}`);
    await page.getByRole("button", { name: /^Step 2, First/ }).click();
    await page.getByLabel("Name of the step").fill("Another day");

    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await page.getByRole("tab", { name: "Test" }).click();
    await page.getByRole("button", { name: "Test step" }).click();
    await expect(page.getByRole("region", { name: "Result" })).toContainText("Worked");
    expect(await stepNames(person, id)).toEqual(["Another day"]);
  });
}
