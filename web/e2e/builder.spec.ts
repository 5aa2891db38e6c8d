import { badge, clipboard, expect, makeZip, PASSWORD, post, runIs, setFields, stepNames, stepsOf, test } from "./support";

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
  expect(JSON.parse(await clipboard(page))).toEqual(setFields("one", "One", { a: "1" }));
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

  await page.getByRole("button", { name: /^Step 3, One/ }).focus();
  await page.keyboard.press("Control+x");
  await expect.poll(names).toBe("Two");
  await page.getByRole("button", { name: "Add a step after 1" }).click();
  await page.getByLabel("Search actions").fill("delay");
  await page.keyboard.press("Enter");
  await expect.poll(names).toBe("Delay Two");
  await page.keyboard.press("Control+v");
  await expect.poll(names).toBe("Delay One Two");
  await page.evaluate(() => navigator.clipboard.writeText("no step"));
  await page.keyboard.press("Control+v");
  await expect(page.getByText("What is in the clipboard is no step.")).toBeVisible();
  await expect.poll(names).toBe("Delay One Two");
  await page.keyboard.press("F2");
  await expect(page.getByLabel("Name of the step")).toBeFocused();
  await page.keyboard.type("Pasted");
  await expect.poll(names).toBe("Delay Pasted Two");
  const menu = async (name: string, item: string) => {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await menu("Two", "Move up");
  await expect.poll(names).toBe("Delay Two Pasted");
  await menu("Delay", "Delete");
  await menu("Two", "Duplicate");
  await expect.poll(names).toBe("Two Two Pasted");
  await menu("Pasted", "Skip");
  await expect(page.getByRole("button", { name: "Step 4, Pasted, data. Skipped" })).toBeVisible();
  await page.getByRole("button", { name: /^Step 3, Two/ }).focus();
  await page.keyboard.press("d");
  await expect(page.getByRole("button", { name: /^Step 3, Two, data\. Skipped/ })).toBeVisible();
  await page.keyboard.press("d");
  const two = { ...setFields("two", "Two", { b: "2" }), note: "Why two" };
  await expect.poll(() => stepsOf(person, id)).toEqual([two, { ...two, id: "two_2", skip: false }, { ...setFields("one_2", "Pasted", { a: "1" }), skip: true }]);
});

test("a step is moved by the mouse, and Escape leaves it where it was", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: ["One", "Two", "Three"].map((name) => setFields(name.toLowerCase(), name, { a: "1" })), publish: false });
  await page.goto(`/zips/${id}`);
  const order = async () => (await page.getByRole("list", { name: "Steps" }).getByRole("button", { name: /^Step [2-4],/ }).evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")?.split(", ")[1]))).join(" ");
  const drag = async (from: RegExp, to: string) => {
    const start = await page.getByRole("button", { name: from }).boundingBox();
    const end = await page.getByRole("button", { name: to, exact: true }).boundingBox();
    await page.mouse.move((start?.x ?? 0) + (start?.width ?? 0) / 4, (start?.y ?? 0) + (start?.height ?? 0) / 2);
    await page.mouse.down();
    await page.mouse.move((end?.x ?? 0) + (end?.width ?? 0) / 2, (end?.y ?? 0) + (end?.height ?? 0) / 2, { steps: 8 });
  };
  // A drawing that is shown smaller is moved in as it is seen.
  const size = page.getByRole("group", { name: "Size of the drawing" });
  await size.getByRole("button", { name: "Smaller" }).click();
  await size.getByRole("button", { name: "Smaller" }).click();
  await expect(size).toHaveText("50 %");
  await drag(/^Step 4, Three/, "Add a step after 1");
  await page.mouse.up();
  await expect.poll(order).toBe("Three One Two");
  await page.keyboard.press("0");
  await expect(size).toHaveText("100 %");
  await drag(/^Step 2, Three/, "Add a step after 4");
  await page.keyboard.press("Escape");
  await page.mouse.up();
  await expect.poll(order).toBe("Three One Two");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect.poll(order).toBe("One Two Three");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
});

test("a published zip that is edited says what stays live and what differs; what was is compared, and brought back", async ({ page, person }) => {
  const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { z: "last in the alphabet", a: "1" })] });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  await expect(page.getByText("stays live until you publish")).toHaveCount(0);
  await page.getByRole("textbox", { name: "Value of a" }).fill("2");
  await expect(page.getByText("Version 1 stays live until you publish.")).toBeVisible();
  await page.getByRole("button", { name: "See the change" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("1 change since version 1");
  await expect(dialog.getByRole("deletion")).toHaveText("1");
  await expect(dialog.getByRole("insertion")).toHaveText("2");
  await dialog.getByLabel("Note").fill("Twice as much");
  await dialog.getByRole("button", { name: "Publish v2" }).click();

  await expect(badge(page)).toContainText("Live · v2");
  await expect(page.getByText("stays live until you publish")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Publish", exact: true })).toBeDisabled();
  // Fields stay in the order they were written in.
  expect(JSON.stringify((await stepsOf(person, id))[0]?.input)).toBe('{"fields":{"z":"last in the alphabet","a":2}}');

  await page.getByRole("button", { name: "Versions" }).click();
  const versions = dialog.getByRole("listitem").filter({ hasText: "Ada Lovelace" });
  await expect(versions).toHaveText([/^v2LiveTwice as muchAda Lovelace/, /^v1Ada Lovelace/]);
  await versions.nth(1).getByRole("button", { name: "Compare with live" }).click();
  await expect(dialog.getByRole("deletion")).toHaveText("2");
  await expect(dialog.getByRole("insertion")).toHaveText("1");
  await dialog.getByRole("button", { name: "Go back to v1" }).click();
  await expect(versions).toHaveText([/^v3Live/, /^v2Twice as much/, /^v1/]);
  await page.keyboard.press("Escape");
  await expect(badge(page)).toContainText("Live · v3");
  const run = await post(url, {});
  await runIs(person, run, "SUCCEEDED");
  expect(await person.ask("query ($id: ID!) { run(id: $id) { version { number } steps { output } } }", { id: run })).toEqual({ run: { version: { number: 3 }, steps: [{ output: { z: "last in the alphabet", a: "1" } }] } });
  // The draft stays as it is, and can be published again.
  await expect(page.getByText("Version 3 stays live until you publish.")).toBeVisible();
  expect((await stepsOf(person, id))[0]?.input).toEqual({ fields: { z: "last in the alphabet", a: 2 } });
  await page.getByRole("button", { name: "Pause the zip" }).click();
  await expect(badge(page)).toContainText("Paused · v3");
  await page.getByRole("button", { name: "Resume the zip" }).click();
  await expect(badge(page)).toContainText("Live · v3");
  await page.keyboard.press("Shift+P");
  await expect(dialog.getByRole("button", { name: "Publish v4" })).toBeEnabled();
});

test("a connection is made without leaving the zip, and chosen; what happens when things go wrong is set", async ({ page, person }) => {
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

  await page.getByRole("tab", { name: "Settings" }).click();
  await page.getByLabel("Time limit").fill("7");
  await page.getByLabel("Tries").selectOption("3");
  await page.getByLabel("When it fails for good").selectOption("The run goes on");
  await page.getByLabel("When nobody knows whether it went through").selectOption("Stop and let me look");
  const settings = async () => (await stepsOf(person, id))[0]?.settings;
  await expect.poll(settings).toEqual({ timeoutSeconds: 7, retry: { attempts: 3 }, onError: "continue", onUnknown: "stop" });
  await page.getByLabel("Time limit").fill("");
  await page.getByLabel("Tries").selectOption("As usual (9)");
  await expect.poll(settings).toEqual({ onError: "continue", onUnknown: "stop" });
  await page.getByLabel("Time limit").fill("901");
  await page.getByRole("button", { name: "One thing to put right before it can be published" }).click();
  await page.getByRole("tab", { name: "Set up" }).click();
  await page.getByRole("region", { name: "Problems" }).getByRole("button", { name: /Call/ }).click();
  await expect(page.getByLabel("Time limit")).toBeFocused();
  await expect(page.getByLabel("Time limit")).toHaveAttribute("aria-invalid", "true");
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
