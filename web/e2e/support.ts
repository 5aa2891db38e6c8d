/** What every browser test starts from: an account of its own, and an eye on what the browser complains of. */
import { execFileSync } from "node:child_process";
import { createServer, type ServerResponse } from "node:http";
import { expect, test as base, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";

export type Person = {
  email: string;
  password: string;
  workspaceId: string;
  /** Asks the api as this person; the answer's data. Fails the test on any error. */
  ask: <Data = Record<string, unknown>>(query: string, variables?: Record<string, unknown>) => Promise<Data>;
};

type Complaints = { allow: (pattern: RegExp) => void };

export const PASSWORD = "a password for tests";

type Answer<Data> = { data?: Data; errors?: { extensions?: { code?: string } }[] };

/** How the api is asked by these tests: as the browser's own page would, which renews a session whose time is over. */
export async function ask<Data>(context: BrowserContext, query: string, variables: Record<string, unknown> = {}): Promise<Data> {
  const origin = new URL(process.env.ZIPPED_URL ?? "").origin;
  const send = async (data: object) => (await (await context.request.post("/graphql", { data, headers: { origin } })).json()) as Answer<Data>;
  let body = await send({ query, variables });
  if (body.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED")) {
    await send({ query: "mutation { refreshSession(input: {}) { __typename } }" });
    body = await send({ query, variables });
  }
  expect(body.errors).toBeUndefined();
  return body.data as Data;
}

let people = 0;

/** Signs up somebody new in this context, whose workspace is empty. */
export async function newPerson(context: BrowserContext, name = "Ada Lovelace"): Promise<Person> {
  people += 1;
  const email = `person-${process.pid}-${people}@example.test`;
  const signUp = "mutation ($email: String!, $name: String!, $password: String!) { signUp(input: { email: $email, name: $name, password: $password, delivery: COOKIES }) { __typename } }";
  expect(await ask(context, signUp, { email, name, password: PASSWORD })).toEqual({ signUp: { __typename: "SignUpSuccess" } });
  const { viewer } = await ask<{ viewer: { workspaces: { id: string }[] } }>(context, "{ viewer { workspaces { id } } }");
  return { email, password: PASSWORD, workspaceId: viewer.workspaces[0]?.id ?? "", ask: (query, variables) => ask(context, query, variables) };
}

/** Signs a person in elsewhere: a session that two contexts share is taken for a stolen one and ended. */
export async function signIn(context: BrowserContext, { email, password }: Person): Promise<void> {
  const go = "mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password, delivery: COOKIES }) { __typename } }";
  expect(await ask(context, go, { email, password })).toEqual({ signIn: { __typename: "SignInSuccess" } });
}

/** What went wrong in any page of a context, and what of it a test expects. */
type Ears = { heard: string[]; allowed: RegExp[] };

/** Hears uncaught errors, console errors, reports of the Content-Security-Policy, requests to anywhere else. */
export async function listen(context: BrowserContext): Promise<Ears> {
  const ears: Ears = { heard: [], allowed: [] };
  const hear = (text: string) => void ears.heard.push(text);
  const origin = new URL(process.env.ZIPPED_URL ?? "").host;
  await context.exposeFunction("reportViolation", (text: string) => hear(`policy: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      void (window as unknown as { reportViolation: (text: string) => void }).reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on("weberror", (error) => hear(`uncaught: ${error.error().message}`));
  context.on("console", (message) => {
    if (message.type() === "error") hear(`console: ${message.text()}`);
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.host !== origin) hear(`elsewhere: ${request.url()}`);
  });
  return ears;
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 375, height: 812 };

/** A browser's profile as these tests want it: nothing moves for its own sake. */
export const newContext = (browser: Browser, options: BrowserContextOptions = {}) =>
  browser.newContext({ baseURL: process.env.ZIPPED_URL, viewport: DESKTOP, reducedMotion: "reduce", ...options });

type Profile = { context: BrowserContext; ears: Ears };

/**
 * Each test finds an empty profile and leaves none of its own behind. It is one all the same: what the browser has
 * fetched and compiled stays, as it does for whoever comes back, and a test costs a fraction of what a new one costs.
 */
export const test = base.extend<{ complaints: Complaints; person: Person }, { profile: Profile }>({
  profile: [
    async ({ browser }, provide) => {
      const context = await newContext(browser);
      await provide({ context, ears: await listen(context) });
      await context.close();
    },
    { scope: "worker" },
  ],
  context: async ({ profile: { context } }, provide) => {
    await provide(context);
    await emptied(context);
  },
  page: async ({ context }, provide) => {
    await provide(await context.newPage());
  },
  complaints: [
    async ({ context, profile: { ears } }, provide) => {
      ears.heard.length = 0;
      ears.allowed.length = 0;
      expect(context.pages()).toEqual([]);
      await provide({ allow: (pattern) => ears.allowed.push(pattern) });
      expect(ears.heard.filter((text) => !ears.allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
  person: async ({ context }, provide) => {
    await provide(await newPerson(context));
  },
});

/** Takes from a profile everything that a test could leave in it. */
async function emptied(context: BrowserContext): Promise<void> {
  for (const open of context.pages()) await open.close();
  await context.setOffline(false);
  await context.clearCookies();
  await context.clearPermissions();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Storage.clearDataForOrigin", { origin: new URL(process.env.ZIPPED_URL ?? "").origin, storageTypes: "all" });
  await page.close();
}

/** Sets the clock of a page's scripts so many days off, from its next load on. It goes on from there. */
export async function shiftClock(page: Page, days: number): Promise<void> {
  await page.addInitScript((off) => {
    const Real = Date;
    globalThis.Date = new Proxy(Real, {
      construct: (_, given: unknown[]) => (given.length ? Reflect.construct(Real, given) : new Real(Real.now() + off)) as object,
      get: (target, name) => (name === "now" ? () => Real.now() + off : Reflect.get(target, name)),
    });
  }, days * 86_400_000);
}

export { expect };

/** What the browser says when a test takes its network away. */
export const NETWORK_GONE = /Failed to load resource|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION|WebSocket|Failed to fetch/;

export type NewZip = { name?: string; trigger?: "webhook" | "manual"; steps?: unknown[]; publish?: boolean; folder?: string };

/** Makes a zip by the api; its id and the address of its webhook. */
export async function makeZip(person: Person, { name = "A zip", trigger = "webhook", steps = [], publish = true, folder }: NewZip): Promise<{ id: string; url: string }> {
  const create =
    "mutation ($input: CreateZipInput!) { createZip(input: $input) { __typename ... on CreateZipSuccess { zip { id revision trigger { url } } } ... on ValidationError { issues { path message } } } }";
  const { createZip } = await person.ask<{ createZip: { zip: { id: string; revision: number; trigger: { url: string } } } }>(create, {
    input: { workspaceId: person.workspaceId, name, trigger, definition: { steps }, folder: folder ?? null },
  });
  expect(createZip).toHaveProperty("zip");
  const { id, revision } = createZip.zip;
  if (publish) {
    const go = "mutation ($id: ID!, $revision: Int!) { publishZip(input: { zipId: $id, revision: $revision }) { __typename ... on ValidationError { issues { path message } } } }";
    expect(await person.ask(go, { id, revision })).toEqual({ publishZip: { __typename: "PublishZipSuccess" } });
  }
  return { id, url: createZip.zip.trigger.url };
}

export type StoredStep = { id: string; name: string; input: Record<string, unknown>; settings?: Record<string, unknown> };

/** The steps of a zip's draft as the server has them. */
export async function stepsOf(person: Person, id: string): Promise<StoredStep[]> {
  const { zip } = await person.ask<{ zip: { definition: { steps: StoredStep[] } } }>("query ($id: ID!) { zip(id: $id) { definition } }", { id });
  return zip.definition.steps;
}

export const stepNames = async (person: Person, id: string) => (await stepsOf(person, id)).map((step) => step.name);

/** Posts JSON to a webhook, from outside the browser; the id of the run it started. */
export async function post(url: string, body: unknown): Promise<string> {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: typeof body === "string" ? body : JSON.stringify(body) });
  expect(answer.status).toBe(202);
  return ((await answer.json()) as { runId: string }).runId;
}

/** What was copied last; a test that asks for it allows the page to write it. */
export const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

/** What a copied command prints where it is pasted into a shell. */
export const inShell = (command: string) => execFileSync("sh", ["-c", command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/** The other side of HTTP steps, which answers nothing until it is let; `asked` is how many wait for it. */
export async function silentServer(): Promise<{ url: string; asked: () => number; answer: () => void; close: () => Promise<unknown> }> {
  const waiting: ServerResponse[] = [];
  let silent = true;
  const server = createServer((_, response) => (silent ? waiting.push(response) : response.end("{}")));
  await new Promise<void>((done) => server.listen(Number(process.env.ZIPPED_RECEIVER), "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${process.env.ZIPPED_RECEIVER}/`,
    asked: () => waiting.length,
    answer: () => {
      silent = false;
      for (const response of waiting.splice(0)) response.end("{}");
    },
    close: () => new Promise((done) => server.close(done)),
  };
}

/** Waits until a run is in one of these states. */
export async function runIs(person: Person, runId: string, ...statuses: string[]): Promise<void> {
  await expect
    .poll(async () => (await person.ask<{ run: { status: string } | null }>("query ($id: ID!) { run(id: $id) { status } }", { id: runId })).run?.status)
    .toMatch(new RegExp(`^(${statuses.join("|")})$`));
}

export const setFields = (id: string, name: string, fields: Record<string, unknown>) => ({ id, app: "data", action: "set_fields", name, input: { fields } });

/** The state badge in a page's header. */
export const badge = (page: Page) => page.getByRole("main").locator("header").first();

/** The rows of the list of runs whose words match; the chart has a table of its own, for who hears it. */
export const runRows = (page: Page, words: RegExp) => page.getByRole("table", { name: "Runs", exact: true }).getByRole("row", { name: words });
