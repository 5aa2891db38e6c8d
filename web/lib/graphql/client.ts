import { Client, cacheExchange, fetchExchange, makeOperation, mapExchange, subscriptionExchange, type CombinedError, type Operation } from "@urql/core";
import { createClient as createSocket } from "graphql-ws";
import { learnTime } from "../server-time";
import { written } from "./as-is";
import { session } from "./session";

const RETRY_FLOOR = 250; // milliseconds before the second try to reach the server
const RETRY_CEILING = 10_000;

export type LiveState = "live" | "reconnecting";
const liveListeners = new Set<(state: LiveState) => void>();

/** Whether the socket stands, for the line that says “Reconnecting”. */
export function onLiveState(listener: (state: LiveState) => void): () => void {
  liveListeners.add(listener);
  return () => liveListeners.delete(listener);
}

export function needsSignIn(error: CombinedError | undefined): boolean {
  return error?.graphQLErrors.some((one) => one.extensions.code === "UNAUTHENTICATED") ?? false;
}

/** Everything the pages ask and hear goes through one of these. */
export function createClient(): Client {
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    fetch: fetchRenewing,
    requestPolicy: "cache-and-network",
    exchanges: [
      cacheExchange,
      mapExchange({
        onOperation: inOrder,
        onError(error) {
          if (needsSignIn(error)) session.ended();
        },
      }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: forward(socket()) }),
    ],
  });
}

// What is said as an error of the request, and as a member of a mutation's result.
const NOBODY = /"UNAUTHENTICATED"|"__typename":\s*"Unauthenticated"/;
// These are asked by somebody who is not signed in yet: there the same answer means a wrong password.
const SIGNING_IN = /mutation Sign(In|Up)\b/;

/** A request that is told “nobody is signed in” renews the session once and goes again, unseen by its caller. */
const fetchRenewing: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  learnTime(response.headers.get("date"));
  if (typeof init?.body === "string" && SIGNING_IN.test(init.body)) return response;
  if (!NOBODY.test(await response.clone().text())) return response;
  if (await session.renew()) return fetch(input, init);
  session.ended();
  return response;
};

/** Sends variables as their author ordered them: by itself the client sorts the names in every object, a zip's fields too. */
function inOrder(operation: Operation): Operation {
  if (operation.kind === "teardown") return operation;
  const { variables } = operation;
  return makeOperation(operation.kind, operation, {
    ...operation.context,
    fetch: (input, init) =>
      fetchRenewing(input, typeof init?.body === "string" ? { ...init, body: written({ ...(JSON.parse(init.body) as object), variables }) } : init),
  });
}

function socket() {
  return createSocket({
    // The handshake carries the cookies; an expired one is renewed before it.
    url: async () => {
      await session.renew().catch(() => false);
      return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;
    },
    keepAlive: 10_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (tries) => rest(backOff(tries)),
    on: {
      connected: () => liveListeners.forEach((listener) => listener("live")),
      closed: () => liveListeners.forEach((listener) => listener("reconnecting")),
    },
  });
}

type Forward = Parameters<typeof subscriptionExchange>[0]["forwardSubscription"];

function forward(live: ReturnType<typeof socket>): Forward {
  return (request) => ({
    subscribe: (sink) => ({
      unsubscribe: live.subscribe({ ...request, query: request.query ?? "" }, sink),
    }),
  });
}

/** A pause, cut short when the browser has its network back. */
function rest(ms: number): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      done();
    };
    const timer = setTimeout(end, ms);
    addEventListener("online", end);
  });
}

/** Full jitter, so that a restarted server is not met by every tab at once. */
function backOff(tries: number): number {
  return Math.random() * Math.min(RETRY_CEILING, RETRY_FLOOR * 2 ** tries);
}
