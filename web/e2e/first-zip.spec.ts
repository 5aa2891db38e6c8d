import { createServer, type Server } from "node:http";
import { badge, clipboard, expect, inShell, makeZip, newPerson, PASSWORD, post, runRows, setFields, stepsOf, test } from "./support";

test("somebody new signs up, signs out, and signs in again", async ({ page }) => {
  const email = `new-${Date.now()}@example.test`;
  await page.goto("/");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Name").fill("Grace Hopper");
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Build your first zip" })).toBeVisible();

  await page.getByRole("button", { name: "Grace Hopper, account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("The e-mail address or the password is wrong.")).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();

  await expect(page.getByRole("heading", { name: "Build your first zip" })).toBeVisible();
});

test("a starter is sent its own curl, before it is published and after, and what comes is seen live without a reload", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await newPerson(context);
  await page.goto("/zips");
  await page.getByRole("button", { name: /Answer a greeting/ }).click();
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  const panel = page.getByRole("complementary", { name: "Trigger" });
  await expect(panel.getByText("Waiting for a request…")).toBeVisible();
  await panel.locator("section", { hasText: "Try it" }).getByRole("button", { name: "Copy" }).click();
  const curl = await clipboard(page);
  inShell(curl);
  await expect(panel.getByText("Listening")).toBeVisible();
  await expect(panel.getByRole("list", { name: "The last requests" }).getByRole("button")).toHaveText(['Draft{"name": "Ada"}sample']);
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("button", { name: "Publish v1" }).click();
  await expect(badge(page)).toContainText("Live · v1");

  // What came to the draft is kept, and started nothing.
  await page.getByRole("link", { name: "Runs", exact: true }).last().click();
  await expect(page.getByText("Nothing has run yet")).toBeVisible();
  const sent = Date.now();
  inShell(curl);

  const row = runRows(page, /Succeeded/);
  await expect(row).toBeVisible();
  test.info().annotations.push({ type: "a run on the screen after", description: `${Date.now() - sent} ms` });
  await row.getByRole("link", { name: /Succeeded/ }).click();
  await page.getByRole("button", { name: /Step 2, Write the greeting/ }).click();
  await expect(page.getByText('"Hello Ada!"')).toBeVisible();
  await expect(page.getByRole("button", { name: /^Add a step/ })).toHaveCount(0);
});

test("the second starter goes on with a large order only, and says in words why it stopped at a small one", async ({ page, person }) => {
  await page.goto("/zips");
  await page.getByRole("button", { name: /Keep only large orders/ }).click();
  await page.getByRole("button", { name: /^Step 2, Is it a large order/ }).click();
  await expect(page.getByRole("textbox", { name: "Value of condition 1" })).toContainText("body.amount");
  await expect(page.getByRole("combobox", { name: "Comparison 1" })).toHaveValue("at_least");
  await page.getByRole("textbox", { name: "Compared with 1" }).fill("250");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("button", { name: "Publish v1" }).click();
  await expect(badge(page)).toContainText("Live · v1");
  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  expect((await stepsOf(person, id))[0]?.input).toEqual({ match: "all", conditions: [{ left: "{{ trigger.body.amount }}", op: "at_least", right: 250 }] });
  const { zip } = await person.ask<{ zip: { trigger: { url: string } } }>("query ($id: ID!) { zip(id: $id) { trigger { url } } }", { id });

  const large = await post(zip.trigger.url, { id: 8, amount: 250 });
  await page.goto(`/runs/${await post(zip.trigger.url, { id: 7, amount: 249.5 })}`);
  await expect(badge(page)).toContainText("Succeeded · filter did not match");
  await expect(page.getByRole("button", { name: "Step 3, Sum it up, data, Not needed: the filter did not match" })).toBeVisible();
  await expect(page.getByRole("tabpanel", { name: "Output" })).toContainText("It went no further: 249.5 is below 250.");
  await page.goto(`/runs/${large}`);
  await page.getByRole("button", { name: /^Step 3, Sum it up/ }).click();
  await expect(page.getByRole("tabpanel", { name: "Output" })).toContainText('"Order 8: 250"');
});

test.describe("with another server to call", () => {
  let server: Server;
  const got: string[] = [];

  test.beforeAll(async () => {
    server = createServer((request, response) => {
      got.push(`${request.method} ${request.url}`);
      const status = { "/orders": 200, "/busy": 503 }[request.url ?? ""] ?? 404;
      response.writeHead(status, { "content-type": "application/json", "retry-after": "3600" });
      response.end('{"stored": true}');
    });
    await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  });
  test.afterAll(() => new Promise((done) => server.close(done)));
  test.beforeEach(() => {
    got.length = 0;
  });

  test("a step that fails says why; corrected in the builder and run again it succeeds", async ({ page, person }) => {
    const at = `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}`;
    await page.goto("/zips");
    await page.getByRole("button", { name: "Start with an empty zip" }).click();
    await page.getByRole("button", { name: "Add a step after 1" }).click();
    await page.getByLabel("Search actions").fill("request");
    await page.keyboard.press("Enter");
    await page.getByLabel("Address", { exact: true }).fill(`${at}/order`);
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await page.getByRole("button", { name: "Publish v1" }).click();
    await expect(badge(page)).toContainText("Live · v1");
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click();

    await expect(badge(page)).toContainText("Failed");
    await expect(page.getByRole("main").getByRole("alert")).toContainText("127.0.0.1 answered 404 Not Found.");
    await expect(page.getByRole("tabpanel", { name: "Tries 1" })).toContainText(/Try 1.*As it came.*"status": 404/);
    await page.getByRole("tab", { name: "Input" }).click();
    await expect(page.getByRole("tabpanel", { name: "Input" })).toContainText(`"url": "${at}/order"`);
    expect(got).toEqual(["GET /order"]);
    await page.getByRole("link", { name: "Untitled zip" }).click();
    await page.getByRole("button", { name: /^Step 2/ }).click();
    await page.getByLabel("Address", { exact: true }).fill(`${at}/orders`);
    await page.getByRole("button", { name: "Publish", exact: true }).click();
    await expect(page.getByRole("dialog")).toContainText(`${at}/orders`);
    await page.getByRole("button", { name: "Publish v2" }).click();
    await expect(badge(page)).toContainText("Live · v2");
    await page.getByRole("link", { name: "Runs", exact: true }).last().click();
    await page.getByRole("link", { name: /Failed/ }).click();
    await page.getByRole("button", { name: "Run again" }).click();

    await expect(badge(page)).toContainText("Succeeded");
    await expect(page.getByRole("tabpanel", { name: "Output" })).toContainText('"stored": true');
    expect(got).toEqual(["GET /order", "GET /orders"]);
    expect(person.workspaceId).toMatch(/^wsp_/);
  });

  test("a step whose other side is busy says when it tries again and why, and does not once it is cancelled", async ({ page, person }) => {
    const { url } = await makeZip(person, { name: "Busy", steps: [{ id: "call", app: "http", action: "request", name: "Call", input: { url: `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}/busy` } }] });
    await post(url, {});
    await page.goto("/runs");
    await runRows(page, /Waiting · tries again at \d/).getByRole("link").click();
    await expect(badge(page)).toContainText(/Waiting · goes on in (1 h|59 min)/);
    const detail = page.getByRole("region", { name: "Call" });
    await expect(detail).toContainText(/Tries again at \d.*: 127\.0\.0\.1 answered 503 Service Unavailable\./);
    await expect(detail).toContainText("Nothing has to be done: it tries again by itself, under the same key.");
    await expect(page.getByRole("table", { name: "Waterfall" }).getByRole("row", { name: /^Arrived/ })).toContainText(/queued \d/);
    await page.getByRole("button", { name: "Cancel run" }).click();

    await expect(badge(page)).toContainText("Cancelled");
    await expect(page.getByRole("button", { name: "Run again" })).toBeVisible();
    expect(got).toEqual(["GET /busy"]);
  });
});

test("a run that waits says so, and is cancelled by hand", async ({ page, person }) => {
  await page.goto("/zips");
  await page.getByRole("button", { name: /Do something later/ }).click();
  await page.getByRole("button", { name: /^Step 2, Wait ten seconds/ }).click();
  await page.getByRole("combobox", { name: "Unit" }).selectOption("Hours");
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("button", { name: "Publish v1" }).click();
  await expect(badge(page)).toContainText("Live · v1");
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click();
  await expect(badge(page)).toContainText("Waiting");
  await expect(badge(page)).toContainText(/goes on (in|at)/);
  await page.keyboard.press("c");

  await expect(badge(page)).toContainText("Cancelled");
  await expect(page.getByText("Cancelled while it waited").first()).toBeVisible();
  const { runs } = await person.ask<{ runs: { nodes: { status: string }[] } }>("query ($id: ID!) { runs(workspaceId: $id) { nodes { status } } }", { id: person.workspaceId });
  expect(runs.nodes.map((run) => run.status)).toEqual(["CANCELLED"]);
});

test("a run goes on by itself when its time has come, before the eyes of who watches", async ({ page, person }) => {
  const pause = { id: "pause", app: "flow", action: "delay", name: "Wait a moment", input: { amount: 1, unit: "seconds" } };
  const { id } = await makeZip(person, { trigger: "manual", steps: [pause, setFields("done", "Done", { done: true })] });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: "Run now" }).click();
  await page.getByRole("dialog").getByLabel("Input").press("ControlOrMeta+Enter");

  await expect(badge(page)).toContainText("Succeeded");
  await expect(page.getByRole("row", { name: /Wait a moment/ })).toContainText(/waited \d/);
});
