import { createServer, type Server } from "node:http";
import { expect, makeZip, setFields, test } from "./support";

const at = () => `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}`;
let server: Server;
let connected = 0;
const got: string[] = [];

test.beforeAll(async () => {
  server = createServer((request, response) => {
    got.push(`${request.method} ${request.url}`);
    response.writeHead(request.url?.startsWith("/customers") ? 201 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify({ customer: { name: "Grace Hopper", html: "<b>x</b>" } }));
  });
  server.on("connection", () => (connected += 1));
  await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
});
test.afterAll(() => new Promise((done) => server.close(done)));
test.beforeEach(() => {
  got.length = 0;
  connected = 0;
});

const request = (method: string, path: string) => ({ id: "call", app: "http", action: "request", name: "Look up", input: { method, url: `${at()}${path}` } });

test("a step is previewed, really sent once, remembered, used by the next one, and stale when changed", async ({ page, person }) => {
  const { id, url } = await makeZip(person, { steps: [request("POST", "/customers/{{ trigger.body.id }}"), setFields("after", "After", { a: "{{ steps.call.body.customer.name }}" })], publish: false });
  for (const number of [6, 7]) await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ id: number }) });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Look up/ }).click();
  const panel = page.getByRole("complementary", { name: /^Step 2/ });
  await panel.getByRole("button", { name: "Test step" }).click();
  await expect(panel.getByRole("region", { name: "Would send" })).toContainText(`${at()}/customers/7`);
  await expect(panel).toContainText("This test really sends.");
  const events = panel.getByLabel("Test with");
  await events.selectOption({ index: 1 });
  await expect(panel.getByRole("region", { name: "Would send" })).toContainText(`${at()}/customers/6`);
  await events.selectOption({ index: 0 });
  await expect(panel.getByRole("region", { name: "Would send" })).toContainText(`${at()}/customers/7`);
  expect(got).toEqual([]);

  await panel.getByRole("button", { name: "Send for real" }).click();
  const result = panel.getByRole("region", { name: "Result" });
  await expect(result).toContainText("Worked");
  await expect(result.getByRole("region", { name: "Response" })).toContainText("201");
  await expect(result).toContainText(/201 · .* (ms|s) · .* B/);
  await expect(result.getByRole("region", { name: "Output" })).toContainText("Grace Hopper");
  expect(got).toEqual(["POST /customers/7"]);
  await result.getByRole("radio", { name: "Table" }).click();
  await expect(result.getByRole("row", { name: "body.customer.html <b>x</b>" })).toBeVisible();

  await page.getByRole("button", { name: /^Step 3, After/ }).click();
  await page.getByRole("tab", { name: "Set up" }).click();
  await expect(page.getByRole("img", { name: "Step 2, Look up › body.customer.name: Grace Hopper" })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Enter");
  await expect(page.getByRole("region", { name: "Result" })).toContainText("Worked");

  await page.reload();
  await page.getByRole("button", { name: /^Step 2, Look up, http, tested/ }).click();
  await page.getByRole("tab", { name: "Test passed" }).click();
  await expect(page.getByRole("region", { name: "Request" })).toContainText("/customers/7");
  await page.getByRole("tab", { name: "Set up" }).click();
  await page.getByLabel("Address", { exact: true }).fill(`${at()}/customers/8`);
  await expect(page.getByRole("tab", { name: "Test stale" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Step 2, Look up/ })).toContainText("Stale");
  await expect(page.getByRole("button", { name: /^Step 3, After/ })).toContainText("Stale");
  expect(got).toEqual(["POST /customers/7"]);
});

test("what the other side refuses is said with what to do; JSON that is typed is the sample", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: [request("GET", "/nothing/{{ trigger.body.word }}")], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Look up/ }).click();
  await page.getByRole("tab", { name: "Test" }).click();
  await page.getByLabel("Test with").selectOption("JSON that I type");
  const typed = page.getByLabel("Body as JSON");
  await typed.fill("{ not json");
  await expect(page.getByText("This is no JSON.")).toBeVisible();
  await expect(page.getByRole("button", { name: /Test step|Send for real/ })).toBeDisabled();
  await typed.fill('{"word": "here"}');
  await expect(page.getByRole("region", { name: "Would send" })).toContainText(`${at()}/nothing/here`);
  await page.getByRole("button", { name: "Test step" }).click();

  const result = page.getByRole("region", { name: "Result" });
  await expect(result).toContainText("404");
  await expect(result).toContainText("There is nothing at that address.");
  await expect(result.getByRole("region", { name: "Response" })).toContainText("Grace Hopper");
  expect(got).toEqual(["GET /nothing/here"]);
});

test("a step that uses untested ones has the harmless tested on the spot, and leads to those that send", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: [request("POST", "/customers/1"), setFields("first", "First", { a: "1" }), setFields("second", "Second", { b: "{{ steps.first.a }}", c: "{{ steps.call.status }}" })], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 4, Second/ }).click();
  await page.getByRole("tab", { name: "Test" }).click();
  await page.getByRole("button", { name: "3 First" }).click();
  await expect(page.getByRole("button", { name: /^Step 3, First, data, tested/ })).toBeVisible();
  await expect(page.getByRole("complementary", { name: "Step 4, Second" })).toBeVisible();
  await page.getByRole("button", { name: "2 Look up" }).click();

  await expect(page.getByRole("complementary", { name: "Step 2, Look up" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Would send" })).toContainText("/customers/1");
  expect(got).toEqual([]);
});

test("while the server is away a test says so, and sent again it leaves once", async ({ page, person, complaints }) => {
  complaints.allow(/Failed to load resource|ERR_|Failed to fetch/);
  const { id } = await makeZip(person, { steps: [request("POST", "/customers/1")], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Look up/ }).click();
  await page.getByRole("tab", { name: "Test" }).click();
  await expect(page.getByRole("region", { name: "Would send" })).toBeVisible();
  let lost = 0;
  await page.route("**/graphql", async (route) => {
    if (lost > 0 || !route.request().postData()?.includes('"send":true')) return route.continue();
    lost += 1;
    await route.fetch();
    return route.abort();
  });
  await page.getByRole("button", { name: "Send for real" }).click();
  await expect(page.getByText("No answer came, so it may have been sent.")).toBeVisible();
  await page.getByRole("button", { name: "Send for real" }).click();

  await expect(page.getByRole("region", { name: "Result" })).toContainText("Worked");
  expect(got).toEqual(["POST /customers/1"]);
});

test("an e-mail is shown as it would be handed over, and no mail server hears of it", async ({ page, person }) => {
  const make = "mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { ... on CreateConnectionSuccess { connection { id } } } }";
  const fields = { host: "127.0.0.1", port: Number(process.env.ZIPPED_RECEIVER), security: "none", from: "zipped@example.test" };
  const { createConnection } = await person.ask<{ createConnection: { connection: { id: string } } }>(make, { input: { workspaceId: person.workspaceId, kind: "smtp", name: "Mail", fields } });
  const mail = { id: "mail", app: "email", action: "send", name: "Tell", connection: createConnection.connection.id, input: { to: ["{{ trigger.body.mail }}", "ops@example.test"], subject: "Hello {{ trigger.body.name }}", text: "It is done." } };
  const { id, url } = await makeZip(person, { steps: [mail], publish: false });
  await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: '{"name": "Ada", "mail": "ada@example.test"}' });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Tell/ }).click();
  const panel = page.getByRole("complementary", { name: /^Step 2/ });
  await panel.getByRole("button", { name: "Preview" }).click();

  await expect(panel.getByRole("region", { name: "Would hand over" }).getByRole("definition")).toHaveText(["ada@example.test, ops@example.test", "Hello Ada", "It is done."]);
  await expect(panel).toContainText("Would connect to");
  expect(connected).toBe(0);
});
