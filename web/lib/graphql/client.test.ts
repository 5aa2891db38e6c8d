import { afterEach, expect, test, vi } from "vitest";
import { asIs } from "./as-is";
import { createClient } from "./client";
import { session } from "./session";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test("a change is sent as people wrote it, its fields in their order, whatever they are called", async () => {
  // given
  const sent: string[] = [];
  vi.stubGlobal("WebSocket", class {});
  vi.stubGlobal("fetch", async (_: unknown, init: RequestInit) => {
    sent.push(String(init.body));
    return new Response(`{"data":{"updateZip":{"toJSON":"x"}}}`, { headers: { "content-type": "application/json" } });
  });
  const definition = { steps: [{ id: "a", input: { z: 1, toJSON: "x", b: [{ toJSON: {} }] } }] };

  // when
  const { data, error } = await createClient().mutation("mutation Save($definition: JSON) { updateZip(definition: $definition) }", { definition: asIs(definition) }).toPromise();

  // then
  expect(error).toBeUndefined();
  expect(data).toEqual({ updateZip: { toJSON: "x" } });
  expect(sent.map((body) => JSON.stringify((JSON.parse(body) as { variables: unknown }).variables))).toEqual([JSON.stringify({ definition })]);
});

/** Answers with `bodies`, one after the other, the last one for good; what was asked, by operation. */
function server(...bodies: string[]): string[] {
  const asked: string[] = [];
  vi.stubGlobal("WebSocket", class {});
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", async (_: unknown, init: RequestInit) => {
    asked.push(/(query|mutation) (\w+)/.exec(String(init.body))?.[2] ?? "");
    return new Response(bodies.length > 1 ? bodies.shift() : bodies[0], { headers: { "content-type": "application/json" } });
  });
  return asked;
}

const PUBLISH = "mutation Publish { publishZip { __typename zip { definition } } }";
const PUBLISHED = `{"data":{"publishZip":{"__typename":"PublishZipSuccess","zip":{"definition":{"steps":[{"status":"UNAUTHENTICATED","kind":"Unauthenticated"}]}}}}}`;

test("a zip that speaks of what nobody may do is published once", async () => {
  const asked = server(PUBLISHED);

  const { error } = await createClient().mutation(PUBLISH, {}).toPromise();

  expect(error).toBeUndefined();
  expect(asked).toEqual(["Publish"]);
});

test.each([`{"errors":[{"message":"Sign in.","extensions":{"code":"UNAUTHENTICATED"}}]}`, `{"data":{"publishZip":{"__typename":"Unauthenticated"}}}`])(
  "a session whose time is over is renewed once, and what was asked goes again: %s",
  async (nobody) => {
    const asked = server(nobody, `{"data":{"refreshSession":{"__typename":"RefreshSessionSuccess"}}}`, PUBLISHED);

    const { error } = await createClient().mutation(PUBLISH, {}).toPromise();

    expect(error).toBeUndefined();
    expect(asked).toEqual(["Publish", "RenewSession", "Publish"]);
  },
);

test.each([
  [`{"data":{"refreshSession":{"__typename":"Unauthenticated"}}}`, [false]],
  [`{"data":{"refreshSession":{"__typename":"LimitExceeded"}}}`, []],
  [`{"data":null,"errors":[{"message":"Something went wrong."}]}`, []],
])("only who is told that nobody is signed in is asked for a password: %s", async (told, heard) => {
  server(`{"data":{"publishZip":{"__typename":"Unauthenticated"}}}`, told);
  const ends: boolean[] = [];
  const stop = session.subscribe((signedIn) => ends.push(signedIn));

  await createClient().mutation(PUBLISH, {}).toPromise();

  stop();
  expect(ends).toEqual(heard);
});

const VIEWER = "query Viewer { viewer { user { id } } }";

test("who comes back after the access cookie's minutes is still signed in", async () => {
  const asked = server(`{"data":{"viewer":null}}`, `{"data":{"refreshSession":{"__typename":"RefreshSessionSuccess"}}}`, `{"data":{"viewer":{"user":{"id":"usr_1"}}}}`);

  const { data } = await createClient().query(VIEWER, {}).toPromise();

  expect(data).toEqual({ viewer: { user: { id: "usr_1" } } });
  expect(asked).toEqual(["Viewer", "RenewSession", "Viewer"]);
});

test("a stranger is nobody, and has no session that ended", async () => {
  const asked = server(`{"data":{"viewer":null}}`, `{"data":{"refreshSession":{"__typename":"Unauthenticated"}}}`);
  const ends: boolean[] = [];
  const stop = session.subscribe((signedIn) => ends.push(signedIn));

  const { data, error } = await createClient().query(VIEWER, {}).toPromise();

  stop();
  expect([data, error]).toEqual([{ viewer: null }, undefined]);
  expect(asked).toEqual(["Viewer", "RenewSession"]);
  expect(ends).toEqual([]);
});

test("a question that nobody answers has failed in the end; a change is waited for", async () => {
  // given
  const late = new AbortController();
  vi.spyOn(AbortSignal, "timeout").mockReturnValue(late.signal);
  vi.stubGlobal("WebSocket", class {});
  let asking = 0;
  vi.stubGlobal("fetch", (_: unknown, { signal }: RequestInit) => {
    asking += 1;
    return new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));
  });
  const client = createClient();
  const ended: string[] = [];

  // when
  const asked = client.query("query Ask { viewer { id } }", {}).toPromise().then(({ error }) => ended.push(`asked: ${error?.networkError?.message}`));
  void client.mutation(PUBLISH, {}).toPromise().then(() => ended.push("changed"));
  await vi.waitFor(() => expect(asking).toBe(2));
  late.abort(new Error("too late"));
  await asked;

  // then
  expect(AbortSignal.timeout).toHaveBeenCalledExactlyOnceWith(30_000);
  expect(ended).toEqual(["asked: too late"]);
});
