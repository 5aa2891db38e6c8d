import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The server's side of each socket that was opened, the newest last. */
const sockets: FakeSocket[] = [];

class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.OPEN;
  silent = false;
  asked: unknown[] = [];
  id = "";
  onopen: (() => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor() {
    sockets.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string): void {
    if (this.silent) return;
    const message = JSON.parse(text) as { type: string; id?: string; payload?: unknown };
    const answer = { connection_init: "connection_ack", ping: "pong" }[message.type];
    if (answer) queueMicrotask(() => this.tell({ type: answer }));
    if (message.type !== "subscribe") return;
    this.id = message.id ?? "";
    this.asked.push(message.payload);
  }

  tell(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(code: number): void {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code, reason: "" });
  }
}

let openLive: typeof import("./live").openLive;
let session: typeof import("./session").session;
const states: string[] = [];
const later = (ms: number) => vi.advanceTimersByTimeAsync(ms);

const renewal = (answer: string) => vi.stubGlobal("fetch", async () => Response.json({ data: { refreshSession: { __typename: answer } } }));

beforeEach(async () => {
  // What a page knows of its session and its socket, as after a load.
  vi.resetModules();
  const { live, ...rest } = await import("./live");
  openLive = rest.openLive;
  ({ session } = await import("./session"));
  live.subscribe(() => states.push(live.state()));
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("location", { protocol: "http:", host: "127.0.0.1" });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
  sockets.length = 0;
  states.length = 0;
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Listens with a cursor that moves on, as a list of runs does. */
function listening(listen = openLive()) {
  const variables = { after: null as string | null };
  const heard: unknown[] = [];
  const leave = listen({ query: "subscription", variables }, { next: ({ data }) => heard.push(data), error: (errors) => heard.push(errors), complete: () => undefined });
  return { variables, heard, leave };
}

test.each([1006, 1011, 1009, 1013, 4400, 4403, 4500])("a socket closed with %d comes back, and goes on where it stopped", async (code) => {
  renewal("RefreshSessionSuccess");
  const { variables, heard, leave } = listening();
  await later(0);
  variables.after = "c1";

  sockets[0]?.close(code);
  expect(states).toEqual(["reconnecting"]);
  await later(11_000);

  expect(sockets).toHaveLength(2);
  expect(sockets[1]?.asked).toEqual([{ query: "subscription", variables: { after: "c1" } }]);
  sockets[1]?.tell({ type: "next", id: sockets[1].id, payload: { data: 1 } });
  expect(heard).toEqual([1]);
  expect(states).toEqual(["reconnecting", "live"]);
  leave();
});

test("a network that has gone silent is noticed", async () => {
  const { leave } = listening();
  await later(60_000);
  expect(sockets).toHaveLength(1);

  sockets[0]!.silent = true;
  await later(16_000);

  expect(sockets).toHaveLength(2);
  expect(states).toEqual(["reconnecting", "live"]);
  leave();
});

test("a page that wants to hear of nothing is not reconnecting", async () => {
  const listen = openLive();
  const { leave } = listening(listen);
  await later(0);

  leave();
  await later(11_000);
  expect(sockets).toHaveLength(1);
  expect(sockets[0]?.readyState).toBe(FakeSocket.CLOSED);
  expect(states).toEqual([]);

  const again = listening(listen);
  await later(0);
  sockets[1]?.close(1006);
  again.leave();
  expect(states).toEqual(["reconnecting", "live"]);
  // The next page that wants to hear of something finds it still away.
  listening(listen).leave();
  expect(states).toEqual(["reconnecting", "live", "reconnecting", "live"]);
});

test("who was signed out is told so once, and hears again after signing in", async () => {
  renewal("Unauthenticated");
  const ends: boolean[] = [];
  const forget = session.subscribe((signedIn) => ends.push(signedIn));
  const { leave } = listening();
  await later(0);

  sockets[0]?.close(4403);
  await later(600_000);
  expect(ends).toEqual([false]);
  expect(sockets).toHaveLength(1);
  session.began();
  await later(0);

  expect(sockets).toHaveLength(2);
  expect(states).toEqual(["reconnecting", "live"]);
  leave();
  forget();
});

test("what the server refuses is not asked again", async () => {
  const { heard } = listening();
  await later(0);

  sockets[0]?.tell({ type: "error", id: sockets[0].id, payload: [{ message: "There is no such run." }] });
  await later(60_000);

  expect(heard).toEqual([[{ message: "There is no such run." }]]);
  expect(sockets).toHaveLength(1);
  expect(states).toEqual([]);
});
