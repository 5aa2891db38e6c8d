/**
 * Takes the README's pictures: an order as JSON comes in (bench/pictures.py gives it), PNGs are written. What is on
 * them is made here by the api, as somebody who uses Zipped would.
 */
import { createServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { chromium } from "@playwright/test";

const WIDE = { width: 1440, height: 900 };
const SIGN_IN = "mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password, delivery: COOKIES }) { __typename } }";
const MAKE = "mutation ($input: CreateZipInput!) { createZip(input: $input) { ... on CreateZipSuccess { zip { id revision trigger { url } } } ... on UserError { message } } }";
const PUBLISH = "mutation ($id: ID!, $revision: Int!) { publishZip(input: { zipId: $id, revision: $revision }) { __typename } }";
const TEST = "mutation ($input: TestStepInput!) { testStep(input: $input) { __typename } }";

const order = JSON.parse(await read(process.stdin));
const shop = createServer((request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ customer: { name: "Mei Tanaka", tier: "gold", since: "2021-03-09" }, open_orders: 2 }));
});
await new Promise((done) => shop.listen(order.receiver, "127.0.0.1", done));

const browser = await chromium.launch({ executablePath: order.browser, args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"] });
try {
  const context = await browser.newContext({ baseURL: order.url, viewport: WIDE, reducedMotion: "reduce", colorScheme: "light", locale: "en-GB" });
  const ask = async (query, variables) => {
    const answer = await context.request.post("/graphql", { data: { query, variables }, headers: { origin: order.url } });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const { email, password } = order;
  await ask(SIGN_IN, { email, password });
  const { viewer } = await ask("{ viewer { workspaces { id } } }");
  const zip = await orders(ask, viewer.workspaces[0].id);
  const page = await context.newPage();
  await run(page, zip);
  await builder(page, zip);
} finally {
  await browser.close();
  shop.close();
}

/** A zip that looks somebody up, waits, and sums it up; with an order that came, and each step tested with it. */
async function orders(ask, workspaceId) {
  const steps = [
    { id: "large", app: "flow", action: "filter", name: "Is it a large order?", input: { match: "all", conditions: [{ left: "{{ trigger.body.amount }}", op: "at_least", right: 100 }] } },
    { id: "customer", app: "http", action: "request", name: "Look up the customer", input: { method: "GET", url: `http://127.0.0.1:${order.receiver}/customers/{{ trigger.body.customer }}` } },
    { id: "pause", app: "flow", action: "delay", name: "Let them reconsider", input: { amount: 10, unit: "minutes" } },
    { id: "note", app: "data", action: "set_fields", name: "Note for the warehouse", input: { fields: { line: "{{ trigger.body.order }} for {{ steps.customer.body.customer.name }}, {{ trigger.body.amount }} EUR", priority: "{{ steps.customer.body.customer.tier }}" } } },
  ];
  const { createZip } = await ask(MAKE, { input: { workspaceId, name: "Large orders to the warehouse", trigger: "webhook", definition: { steps } } });
  if (!createZip.zip) throw new Error(createZip.message);
  const { id, revision, trigger } = createZip.zip;
  await ask(PUBLISH, { id, revision });
  const answer = await fetch(trigger.url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ order: "A-1042", customer: "c-77", amount: 249.5, currency: "EUR" }) });
  const { eventId, runId } = await answer.json();
  for (const step of ["large", "customer"]) await ask(TEST, { input: { zipId: id, revision, stepId: step, eventId, send: true } });
  return { id, runId };
}

/** The run as it waits, with what the call brought. */
async function run(page, { runId }) {
  await page.goto(`/runs/${runId}`);
  await page.getByRole("button", { name: /^Step 4, .*Waits until/ }).waitFor();
  await page.getByRole("button", { name: /^Step 3, Look up the customer/ }).click();
  await page.getByRole("tabpanel", { name: "Output" }).getByText("Mei Tanaka").waitFor();
  await shoot(page, "run.light.png");
}

/** The builder with a field that takes values of earlier steps, and the data they are picked from. */
async function builder(page, { id }) {
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 5, Note/ }).click();
  await page.getByRole("textbox", { name: "Value of line" }).focus();
  await page.keyboard.press("Control+End");
  await page.getByRole("region", { name: "Data of earlier steps" }).getByText("Mei Tanaka").first().waitFor();
  await shoot(page, "builder.light.png");
}

async function shoot(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await writeFile(`${order.folder}/${name}`, await page.screenshot({ caret: "initial" }));
  process.stderr.write(`  ${order.folder}/${name}\n`);
}

async function read(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}
