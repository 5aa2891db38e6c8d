/**
 * The browser's session: cookies that no script can read, so all there is to know is whether they still work.
 *
 * The access cookie lives for minutes. Whoever is told that nobody is signed in renews it once, also across tabs, and
 * tries again; when that fails the session has ended, and a dialog over the page asks for the password, so that
 * nothing typed is lost.
 */

const RENEW = `mutation RenewSession { refreshSession(input: {}) { __typename ... on UserError { code } } }`;
const PATIENCE = 10_000; // milliseconds until a renewal without an answer has failed: every tab waits for the one that renews

const CHANNEL = "zipped.session";

type Listener = (signedIn: boolean) => void;

const listeners = new Set<Listener>();
// The other tabs, which share the cookies.
let tabs: BroadcastChannel | null = null;
let renewal: Promise<boolean> | null = null;
let renewedAt = -Infinity;

export const session = {
  /** Called when the session has ended (false) and when somebody has signed in again (true), here or in another tab. */
  subscribe(listener: Listener): () => void {
    tabs ??= listenToTabs();
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  ended(): void {
    listeners.forEach((listener) => listener(false));
  },
  began(): void {
    tabs?.postMessage(null);
    beganAnywhere();
  },
  /** Until somebody has signed in again. */
  again(): Promise<void> {
    return new Promise((done) => {
      const stop = session.subscribe((signedIn) => {
        if (!signedIn) return;
        stop();
        done();
      });
    });
  },
  /**
   * Renews the access cookie, unless that was done after `shown`, when the one that is of no use any more was sent
   * (by performance.now). True when the caller may try again, false when somebody must sign in; throws when the
   * server can't say.
   */
  renew(shown: number): Promise<boolean> {
    if (shown < renewedAt) return Promise.resolve(true);
    renewal ??= alone(renewOnce).finally(() => {
      renewal = null;
    });
    return renewal;
  },
};

function beganAnywhere(): void {
  renewedAt = performance.now();
  listeners.forEach((listener) => listener(true));
}

function listenToTabs(): BroadcastChannel {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = beganAnywhere;
  return channel;
}

async function renewOnce(): Promise<boolean> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query: RENEW }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { data }: { data?: { refreshSession?: { __typename: string } } | null } = await response.json();
  const told = data?.refreshSession?.__typename;
  if (told === "RefreshSessionSuccess") {
    renewedAt = performance.now();
    return true;
  }
  // Whatever else is in the way may pass; asking for a password would not help.
  if (told !== "Unauthenticated") throw new Error("The server could not renew the session.");
  return false;
}

/** One tab renews at a time; the others then find the new cookie. */
async function alone(work: () => Promise<boolean>): Promise<boolean> {
  if (!("locks" in navigator)) return work();
  return await navigator.locks.request("zipped.session", work);
}
