/**
 * The browser's session: cookies that no script can read, so all there is to know is whether they still work.
 *
 * The access cookie lives for minutes. Whoever is told that nobody is signed in renews it once, also across tabs, and
 * tries again; when that fails the session has ended, and a dialog over the page asks for the password, so that
 * nothing typed is lost.
 */

const RENEW = `mutation RenewSession { refreshSession(input: {}) { __typename ... on UserError { code } } }`;
const RENEWED_FOR = 5_000; // milliseconds in which a renewal counts for everyone who asks

type Listener = (signedIn: boolean) => void;

const listeners = new Set<Listener>();
let renewal: Promise<boolean> | null = null;
let renewedAt = -Infinity;

export const session = {
  /** Called when the session has ended (false) and when somebody has signed in again (true). */
  subscribe(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  ended(): void {
    listeners.forEach((listener) => listener(false));
  },
  began(): void {
    renewedAt = performance.now();
    listeners.forEach((listener) => listener(true));
  },
  /** Renews the access cookie. True when the caller may try again; false when somebody must sign in. */
  renew(): Promise<boolean> {
    if (performance.now() - renewedAt < RENEWED_FOR) return Promise.resolve(true);
    renewal ??= alone(renewOnce).finally(() => {
      renewal = null;
    });
    return renewal;
  },
};

async function renewOnce(): Promise<boolean> {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json" },
    body: JSON.stringify({ query: RENEW }),
  });
  if (response.status >= 500) throw new Error("The server does not answer.");
  const body: { data?: { refreshSession?: { __typename?: string } } } = await response.json();
  const renewed = body.data?.refreshSession?.__typename === "RefreshSessionSuccess";
  if (renewed) renewedAt = performance.now();
  return renewed;
}

/** One tab renews at a time; the others then find the new cookie. */
async function alone(work: () => Promise<boolean>): Promise<boolean> {
  if (!("locks" in navigator)) return work();
  return await navigator.locks.request("zipped.session", work);
}
