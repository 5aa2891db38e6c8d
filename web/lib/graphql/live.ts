/** The socket that changes come through: whatever ends it, it comes back by itself, and what was asked of it goes on. */

import { createClient, type FormattedExecutionResult, type Sink, type SubscribePayload } from "graphql-ws";
import { session } from "./session";

const PING_EVERY = 10_000; // milliseconds
const PONG_WITHIN = 5_000; // milliseconds: a network that is gone closes nothing, it is only silent
const RETRY_FLOOR = 250; // milliseconds before the second try to reach the server
const RETRY_CEILING = 10_000;
const NOT_LET_IN = 4403; // api/graphql/socket.py: the access has run out, or was ended

export type LiveState = "live" | "reconnecting";

const listeners = new Set<() => void>();
let isLost = false; // it was closed while somebody listened, and has not come back since
let wanted = 0; // subscriptions
let told: LiveState = "live";

const state = (): LiveState => (isLost && wanted > 0 ? "reconnecting" : "live");

/** Whether the page hears of changes as they happen; “live” too where it wants to hear of none. */
export const live = {
  state,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function tell(): void {
  if (told === state()) return;
  told = state();
  listeners.forEach((listener) => listener());
}

type Listen = (request: SubscribePayload, sink: Sink<FormattedExecutionResult>) => () => void;

/** What subscribes over one socket, which is there while somebody listens. */
export function openLive(): Listen {
  let shown = 0; // when the socket last showed its cookies, by performance.now
  let turnedAway = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url: async () => {
      if (turnedAway) await letIn(shown);
      turnedAway = false;
      shown = performance.now();
      return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;
    },
    keepAlive: PING_EVERY,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: (tries) => rest(backOff(tries)),
    on: {
      ping: (received) => {
        if (!received) silence = setTimeout(() => socket.terminate(), PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      connected: () => {
        isLost = false;
        tell();
      },
      closed: (event) => {
        clearTimeout(silence);
        turnedAway = (event as CloseEvent).code === NOT_LET_IN;
        isLost = wanted > 0;
        tell();
      },
    },
  });

  return (request, sink) => {
    let over = false;
    let tries = 0;
    let leave: () => void = () => undefined;
    const end = () => {
      if (over) return;
      over = true;
      wanted -= 1;
      tell();
    };
    const enter = () => {
      leave = socket.subscribe(request, {
        next: (result) => {
          tries = 0;
          sink.next(result as FormattedExecutionResult);
        },
        complete: () => {
          end();
          sink.complete();
        },
        error: (problem) => {
          // A list is the server's answer to what was asked. All else is a way of closing that the client takes for final.
          if (Array.isArray(problem)) {
            end();
            sink.error(problem);
          } else {
            void rest(backOff(tries++)).then(() => {
              if (!over) enter();
            });
          }
        },
      });
    };
    wanted += 1;
    tell();
    enter();
    return () => {
      end();
      leave();
    };
  };
}

/** Renews the session; where that can't be, waits until somebody has signed in. */
async function letIn(shown: number): Promise<void> {
  // A server that can't say will say so to the socket too.
  if (await session.renew(shown).catch(() => true)) return;
  const again = session.again();
  session.ended();
  await again;
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
