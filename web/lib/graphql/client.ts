import { Client, cacheExchange, fetchExchange, makeOperation, mapExchange, subscriptionExchange, type Operation } from "@urql/core";
import { learnTime } from "../server-time";
import { written } from "./as-is";
import { openLive } from "./live";
import { session } from "./session";

const PATIENCE = 30_000; // milliseconds until a question without an answer has failed: what waits for it goes on

/** Everything the pages ask and hear goes through one of these. */
export function createClient(): Client {
  const listen = openLive();
  return new Client({
    url: "/graphql",
    preferGetMethod: false,
    requestPolicy: "cache-and-network",
    exchanges: [
      cacheExchange,
      mapExchange({
        onOperation: inOrder,
        onError(error) {
          if (error.graphQLErrors.some((one) => one.extensions.code === "UNAUTHENTICATED")) session.ended();
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({ unsubscribe: listen({ ...request, query: request.query ?? "" }, sink) }),
        }),
      }),
    ],
  });
}

// These are asked by somebody who is not signed in yet: there the same answer means a wrong password.
const SIGNING_IN = /mutation Sign(In|Up)\b/;

/** A request that is told “nobody is signed in” renews the session once and goes again, unseen by its caller. */
const fetchRenewing: typeof fetch = async (input, init) => {
  const shown = performance.now();
  const response = await fetch(input, init);
  learnTime(response.headers.get("date"));
  if (typeof init?.body === "string" && SIGNING_IN.test(init.body)) return response;
  const text = await response.clone().text();
  const opened = sawNobody(text);
  if (!opened && !saysNobody(text)) return response;
  if (await session.renew(shown)) return fetch(input, init);
  if (!opened) session.ended();
  return response;
};

type Answer = { data?: Record<string, { __typename?: string } | null> | null; errors?: { extensions?: { code?: string } }[] };

/** Who opens a page, or comes back to one, with an access cookie that has run out is nobody, without an error. */
const sawNobody = (text: string) => text.startsWith('{"data":{"viewer":null');

/** As an error of the request, or as the member of a mutation's result. Elsewhere in an answer the words are somebody's data. */
function saysNobody(text: string): boolean {
  if (!/"UNAUTHENTICATED"|"Unauthenticated"/.test(text)) return false;
  const { data, errors }: Answer = JSON.parse(text);
  return (errors ?? []).some((error) => error.extensions?.code === "UNAUTHENTICATED") || Object.values(data ?? {}).some((one) => one?.__typename === "Unauthenticated");
}

/** Sends variables as their author ordered them: by itself the client sorts the names in every object, a zip's fields too. */
function inOrder(operation: Operation): Operation {
  if (operation.kind === "teardown") return operation;
  const { variables } = operation;
  return makeOperation(operation.kind, operation, {
    ...operation.context,
    fetch: (input, init) => {
      const body = typeof init?.body === "string" ? written({ ...(JSON.parse(init.body) as object), variables }) : init?.body;
      return fetchRenewing(input, { ...init, body, signal: operation.kind === "query" ? inTime(init?.signal) : init?.signal });
    },
  });
}

const inTime = (signal: AbortSignal | null | undefined) => AbortSignal.any([AbortSignal.timeout(PATIENCE), ...(signal ? [signal] : [])]);
