import { createServer, type Server } from "node:http";
import { badge, expect, makeZip, newPerson, PASSWORD, post, runRows, setFields, test } from "./support";

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
  await expect(page.getByRole("alert").first()).toBeVisible();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();

  await expect(page.getByRole("heading", { name: "Build your first zip" })).toBeVisible();
});

test("a starter, published, runs for a real webhook and is seen live without a reload", async ({ page, context }) => {
  await newPerson(context);
  await page.goto("/zips");
  await page.getByRole("button", { name: /Answer a greeting/ }).click();
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  await expect(page.getByText("Waiting for a request…")).toBeVisible();
  const url = await page.getByRole("region", { name: "Address" }).or(page.locator("section", { hasText: "Address" })).first().locator("p.mono").innerText();
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByRole("button", { name: "Publish v1" }).click();
  await expect(badge(page)).toContainText("Live · v1");

  await page.getByRole("link", { name: "Runs", exact: true }).last().click();
  await expect(page.getByText("Nothing has run yet")).toBeVisible();
  const sent = Date.now();
  await post(url, { name: "Ada" });

  const row = runRows(page, /Succeeded/);
  await expect(row).toBeVisible();
  test.info().annotations.push({ type: "a run on the screen after", description: `${Date.now() - sent} ms` });
  await row.getByRole("link", { name: /Succeeded/ }).click();
  await page.getByRole("button", { name: /Step 2, Write the greeting/ }).click();
  await expect(page.getByText('"Hello Ada!"')).toBeVisible();
});

test.describe("with another server to call", () => {
  let server: Server;
  const got: string[] = [];

  test.beforeAll(async () => {
    server = createServer((request, response) => {
      got.push(`${request.method} ${request.url}`);
      response.writeHead(request.url === "/orders" ? 200 : 404, { "content-type": "application/json" });
      response.end('{"stored": true}');
    });
    await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  });
  test.afterAll(() => new Promise((done) => server.close(done)));

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
    await expect(page.getByRole("main").getByRole("alert")).toContainText("404");
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
    expect(got).toEqual(["GET /order", "GET /orders"]);
    expect(person.workspaceId).toMatch(/^wsp_/);
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
