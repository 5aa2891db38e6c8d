import { badge, expect, makeZip, NETWORK_GONE, PASSWORD, setFields, shiftClock, stepsOf, test, type Person } from "./support";

const stepNames = async (person: Person, id: string) => (await stepsOf(person, id)).map((step) => step.name);

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

test("from sign-in to a published zip by keyboard alone", async ({ page, context, person }) => {
  await context.clearCookies();
  await page.goto("/zips");
  await expect(page.getByLabel("E-mail")).toBeVisible();
  const press = (...keys: string[]) => keys.reduce<Promise<void>>((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  await press("Tab");
  await page.keyboard.type(person.email);
  await press("Tab");
  await page.keyboard.type(PASSWORD);
  await press("Enter");
  await expect(page.getByRole("heading", { name: "Build your first zip" })).toBeVisible();

  await press("n");
  await expect(page.getByRole("dialog", { name: "New zip" }).getByLabel("Name")).toBeFocused();
  await page.keyboard.type("By keyboard");
  await press("Enter");
  await expect(page.getByRole("button", { name: /^Step 1, Webhook/ })).toBeVisible();
  await press("a");
  await expect(page.getByLabel("Search actions")).toBeFocused();
  await page.keyboard.type("set fields");
  await expect(page.getByRole("option", { name: /^Set fields/, selected: true })).toBeVisible();
  await press("Enter");
  await expect(page.getByRole("complementary", { name: /^Step 2/ })).toBeVisible();
  await press("Enter");
  await expect(page.getByLabel("Name 1")).toBeFocused();
  await page.keyboard.type("greeting");
  await press("Tab");
  await expect(page.getByRole("textbox", { name: "Value of greeting" })).toBeFocused();
  await page.keyboard.type("Hello");
  await press("Escape"); // the data picker
  await expect(page.getByRole("region", { name: "Data of earlier steps" })).toBeHidden();
  await press("Escape");
  await expect(page.getByRole("button", { name: /^Step 2/ })).toBeFocused();
  await press("Shift+P");
  await expect(page.getByRole("dialog", { name: "Publish v1" }).getByLabel("Note")).toBeFocused();
  await press("ControlOrMeta+Enter");

  await expect(badge(page)).toContainText("Live · v1");
  await expect(page.getByRole("button", { name: /^Step 2/ })).toBeFocused();
  await press("ArrowDown", "ArrowUp", "d");
  await press("Control+k");
  await expect(page.getByRole("dialog").getByRole("combobox")).toBeFocused();
  await page.keyboard.type("Runs");
  await press("Enter");
  await expect(page.getByRole("heading", { name: "Runs" })).toBeVisible();
  await press("?");
  await expect(page.getByRole("dialog", { name: "Shortcuts" })).toBeVisible();
});

test("steps are copied, pasted, duplicated, moved, skipped, deleted and brought back", async ({ page, person, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { id } = await makeZip(person, { steps: [setFields("one", "One", { a: "1" }), setFields("two", "Two", { b: "2" })], publish: false });
  await page.goto(`/zips/${id}`);
  const names = async () => (await page.getByRole("list", { name: "Steps" }).getByRole("button", { name: /^Step \d+,/ }).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")?.split(", ")[1] ?? ""))).slice(1).join(" ");
  await page.getByRole("button", { name: /^Step 2, One/ }).click();
  await page.keyboard.press("Control+c");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Control+v");
  await expect.poll(names).toBe("One Two One");
  await page.keyboard.press("Control+d");
  await expect.poll(names).toBe("One Two One One");
  await page.keyboard.press("Delete");
  await expect.poll(names).toBe("One Two One");
  await page.keyboard.press("Alt+ArrowUp");
  await expect.poll(names).toBe("One One Two");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect.poll(names).toBe("One Two");
  await page.keyboard.press("Control+Shift+Z");
  await expect.poll(names).toBe("One Two One");

  // A key is about the card that has the focus, whatever is open.
  await page.getByRole("button", { name: /^Step 2, One/ }).click();
  await page.getByRole("button", { name: /^Step 3, Two/ }).focus();
  await page.keyboard.press("Shift+S");
  await expect(page.getByRole("complementary", { name: "Step 3, Two" }).getByLabel("Note")).toBeFocused();
  await page.keyboard.type("Why two");
  await expect(page.getByRole("button", { name: /^Step 3, Two.*Note: Why two/ })).toBeVisible();
  await page.getByRole("button", { name: /^Step 2, One/ }).focus();
  await page.keyboard.press("Delete");
  await expect.poll(names).toBe("Two One");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect(await stepNames(person, id)).toEqual(["Two", "One"]);
});

test("a step is moved by the mouse, and Escape leaves it where it was", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: ["One", "Two", "Three"].map((name) => setFields(name.toLowerCase(), name, { a: "1" })), publish: false });
  await page.goto(`/zips/${id}`);
  const order = async () => (await page.getByRole("list", { name: "Steps" }).getByRole("button", { name: /^Step [2-4],/ }).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")?.split(", ")[1]))).join(" ");
  const drag = async (from: RegExp, to: string) => {
    const start = await page.getByRole("button", { name: from }).boundingBox();
    const end = await page.getByRole("button", { name: to, exact: true }).boundingBox();
    await page.mouse.move((start?.x ?? 0) + 60, (start?.y ?? 0) + 30);
    await page.mouse.down();
    await page.mouse.move((end?.x ?? 0) + 12, (end?.y ?? 0) + 12, { steps: 8 });
  };
  await drag(/^Step 4, Three/, "Add a step after 1");
  await page.mouse.up();
  await expect.poll(order).toBe("Three One Two");
  await drag(/^Step 2, Three/, "Add a step after 4");
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect.poll(order).toBe("Three One Two");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(order).toBe("One Two Three");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
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

test("a published zip that is edited says what stays live, and what differs", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: [setFields("one", "First", { z: "last in the alphabet", a: "1" })] });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  await expect(page.getByText("stays live until you publish")).toHaveCount(0);
  await page.getByRole("textbox", { name: "Value of a" }).fill("2");
  await expect(page.getByText("Version 1 stays live until you publish.")).toBeVisible();
  await page.getByRole("button", { name: "See the change" }).click();
  const dialog = page.getByRole("dialog", { name: "Publish v2" });
  await expect(dialog.getByRole("deletion")).toHaveText("1");
  await expect(dialog.getByRole("insertion")).toHaveText("2");
  await dialog.getByRole("button", { name: "Publish v2" }).click();

  await expect(badge(page)).toContainText("Live · v2");
  await expect(page.getByText("stays live until you publish")).toHaveCount(0);
  // Fields stay in the order they were written in.
  expect(JSON.stringify((await stepsOf(person, id))[0]?.input)).toBe('{"fields":{"z":"last in the alphabet","a":2}}');
});

test("a connection is made without leaving the zip, and chosen", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: [{ id: "call", app: "http", action: "request", name: "Call", input: { url: "https://example.com" } }], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Call/ }).click();
  await page.getByRole("button", { name: "New connection" }).click();
  const dialog = page.getByRole("dialog", { name: "New connection" });
  await expect(dialog.getByLabel("Kind").locator("option")).toHaveCount(3); // Those an HTTP request can use.
  await dialog.getByLabel("Kind").selectOption({ label: "Bearer token" });
  await dialog.getByLabel("Name", { exact: true }).fill("Made on the way");
  await dialog.getByLabel("Token").fill("a-token");
  await dialog.getByLabel("Hosts").fill("example.com");
  await dialog.getByRole("button", { name: "Create connection" }).click();

  await expect(dialog).toBeHidden();
  await expect(page.getByRole("combobox", { name: "Connection" }).locator("option:checked")).toHaveText("Made on the way");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await stepsOf(person, id))[0]).toHaveProperty("connection", expect.stringMatching(/^con_/));
});

test("every problem is listed at once and leads to its field", async ({ page, person }) => {
  const request = (id: string) => ({ id, app: "http", action: "request", name: `Call ${id}`, input: {} });
  const { id } = await makeZip(person, { steps: [request("first"), request("second"), setFields("third", "Third", { a: "1", b: "{{ broken" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /3 things to put right/ }).click();
  await page.getByRole("region", { name: "Problems" }).getByRole("button", { name: /Call second/ }).click();

  await expect(page.getByRole("complementary", { name: "Step 3, Call second" })).toBeVisible();
  await expect(page.getByLabel("Address", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Address", { exact: true })).toBeFocused();

  await page.getByRole("region", { name: "Problems" }).getByRole("button", { name: /Third/ }).click();
  await expect(page.getByRole("textbox", { name: "Value of b" })).toBeFocused();

  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await expect(page.getByRole("button", { name: "Publish v1" })).toBeDisabled();
  await page.getByRole("dialog").getByRole("button", { name: /2 Call first/ }).click();
  await expect(page.getByRole("complementary", { name: "Step 2, Call first" })).toBeVisible();
  await expect(page.getByLabel("Address", { exact: true })).toBeFocused();
});
