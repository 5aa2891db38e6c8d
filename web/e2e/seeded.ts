/** A workspace with everything that is hard to show, made once for all tests that look at it. */
import { createServer } from "node:http";
import { test as base, type BrowserContext, type Page } from "@playwright/test";
import { expect, listen, makeZip, newContext, newPerson, post, runIs, setFields, type Person } from "./support";

export type Seeded = { context: BrowserContext; person: Person; heard: string[]; zip: string; long: string; runs: Record<"succeeded" | "failed" | "waiting" | "cancelled" | "unknown" | "large" | "long", string> };

export const HOSTILE = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
const LONG_NAME = `${HOSTILE} ${"An unbroken-name-".repeat(20)}`.slice(0, 300);
const RIGHT_TO_LEFT = "تقرير الطلبات اليومي للعملاء الجدد";
const CREATE_CONNECTION = "mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename ... on ValidationError { issues { path message } } } }";

/** `page` is a new one in the profile of the person whose workspace it is. */
export const test = base.extend<{ page: Page }, { seeded: Seeded }>({
  seeded: [
    async ({ browser }, provide) => {
      const context = await newContext(browser);
      const { heard } = await listen(context);
      const person = await newPerson(context, `${HOSTILE} Zoë`);
      await provide({ context, person, heard, ...(await seed(person)) });
      await context.close();
    },
    { scope: "worker" },
  ],
  page: async ({ seeded }, provide) => {
    seeded.heard.length = 0;
    const page = await seeded.context.newPage();
    await provide(page);
    await page.close();
    expect(seeded.heard).toEqual([]);
  },
});

async function seed(person: Person) {
  const greet = await makeZip(person, { name: LONG_NAME, folder: HOSTILE, steps: [{ ...setFields("one", LONG_NAME, { text: `${HOSTILE} {{ trigger.body.text }}` }), note: HOSTILE }] });
  const failing = await makeZip(person, {
    name: RIGHT_TO_LEFT,
    steps: [setFields("one", RIGHT_TO_LEFT, { a: "1" }), { id: "call", app: "http", action: "request", name: LONG_NAME, input: { url: "http://127.0.0.1:9/" } }, setFields("after", "After", { b: "2" })],
  });
  const waiting = await makeZip(person, { name: "Waits an hour", steps: [setFields("one", "First", { a: "1" }), { id: "pause", app: "flow", action: "delay", name: "Wait an hour", input: { amount: 1, unit: "hours" } }, setFields("after", "After", { b: "2" })] });
  const long = await makeZip(person, { name: "Two hundred steps", steps: Array.from({ length: 200 }, (_, index) => setFields(`step_${index}`, `Step number ${index + 1}`, { number: index })) });
  await makeZip(person, { name: "A draft with problems", publish: false, steps: [{ id: "call", app: "http", action: "request", name: "Call nobody", input: {} }] });
  const made = await person.ask(
    CREATE_CONNECTION,
    { input: { workspaceId: person.workspaceId, kind: "bearer", name: LONG_NAME, fields: { token: "not-shown-again" }, hosts: ["api.example.com"] } },
  );
  expect(made).toEqual({ createConnection: { __typename: "CreateConnectionSuccess" } });
  await person.ask("mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { __typename } }", { input: { workspaceId: person.workspaceId, name: HOSTILE, scope: "READ", expiresInDays: 30 } });
  const unanswered = await makeZip(person, { name: "Nobody answers", steps: [{ id: "pay", app: "http", action: "request", name: "Charge the card", settings: { onUnknown: "stop" }, input: { method: "POST", url: `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}/` } }, setFields("after", "After", { b: "2" })] });
  const rows = Array.from({ length: 5_300 }, (_, number) => ({ number, text: `${RIGHT_TO_LEFT} ${"x".repeat(100)}` }));
  const large = JSON.stringify({ text: "large", rows });
  expect(Buffer.byteLength(large)).toBeGreaterThan(1_000_000);
  const runs = {
    succeeded: await post(`${greet.url}?q=${encodeURIComponent(HOSTILE)}`, { text: HOSTILE, name: RIGHT_TO_LEFT }),
    large: await post(greet.url, large),
    failed: await post(failing.url, { text: HOSTILE }),
    waiting: await post(waiting.url, {}),
    cancelled: await post(waiting.url, {}),
    long: await post(long.url, {}),
    unknown: await withoutAnswer(person, () => post(unanswered.url, {})),
  };
  await fetch(greet.url, { method: "POST", headers: { "content-type": "application/json" }, body: "{ not json" });
  await runIs(person, runs.cancelled, "WAITING");
  await person.ask("mutation ($id: ID!) { cancelRun(input: { runId: $id }) { __typename } }", { id: runs.cancelled });
  await runIs(person, runs.failed, "FAILED");
  await runIs(person, runs.waiting, "WAITING");
  await runIs(person, runs.large, "SUCCEEDED");
  return { zip: greet.id, long: long.id, runs };
}

/** Starts a run whose call is taken and never answered, and waits until it has ended. */
async function withoutAnswer(person: Person, start: () => Promise<string>): Promise<string> {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  const run = await start();
  await runIs(person, run, "FAILED");
  await new Promise((done) => server.close(done));
  return run;
}
