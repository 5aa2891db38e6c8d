// Watches the runs of a zip with a stock client and kills its own socket in the middle of it:
//   node watch_runs.mjs <address> <token> <zip id> <runs> graphql-ws|urql
// Prints "watching" once nothing can be missed any more, and at the end what it was told as one line of JSON.
import { Client, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [address, token, zipId, runs, kind] = process.argv.slice(2);
const DOCUMENT = `
  subscription Watch($zipId: ID!, $after: String) {
    runUpdates(zipId: $zipId, after: $after) {
      __typename
      ... on RunUpdate { cursor run { id status seq } }
      ... on Resync { cursor reason }
    }
  }
`;
const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'DEAD'];

const told = { updates: [], resyncs: [], kills: 0, sockets: 0, folded: 0 };
const ended = new Set();
let socket;
let lastCursor;

const transport = createClient({
  url: address,
  webSocketImpl: WebSocket,
  connectionParams: async () => ({ authorization: `Bearer ${token}` }),
  retryAttempts: Infinity,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  shouldRetry: () => true,
  keepAlive: 10_000,
  on: {
    opened: (opened) => {
      socket = opened;
      told.sockets += 1;
    },
  },
});

// graphql-ws sends the same object again after it has lost its socket: a private copy carries the cursor.
function subscribe({ query, variables }, sink) {
  const payload = { query, variables: { ...variables } };
  return transport.subscribe(payload, {
    ...sink,
    next: (result) => {
      payload.variables.after = result.data?.runUpdates?.cursor ?? payload.variables.after;
      sink.next(result);
    },
  });
}

function hear(result) {
  const event = result.data?.runUpdates;
  if (result.error || result.errors || !event) {
    fail(result.error ?? result.errors ?? result);
  } else if (event.cursor === lastCursor) {
    told.folded += 1; // urql repeats its last result when a stream ends
  } else {
    lastCursor = event.cursor;
    event.__typename === 'Resync' ? begin(event) : change(event.run);
  }
}

function begin(event) {
  told.resyncs.push(event.reason);
  console.log('watching');
}

function change(run) {
  told.updates.push([run.id, run.seq, run.status]);
  if (told.updates.length % 60 === 0) {
    told.kills += 1;
    socket.terminate();
  }
  if (ENDED.includes(run.status)) {
    ended.add(run.id);
  }
  if (ended.size === Number(runs)) {
    console.log(JSON.stringify(told));
    process.exit(0);
  }
}

function fail(error) {
  console.log(JSON.stringify({ ...told, error: String(error?.message ?? JSON.stringify(error)) }));
  process.exit(1);
}

const request = { query: DOCUMENT, variables: { zipId } };
if (kind === 'urql') {
  const exchange = subscriptionExchange({
    forwardSubscription: (forwarded) => ({
      subscribe: (sink) => ({ unsubscribe: subscribe(forwarded, sink) }),
    }),
  });
  const client = new Client({ url: address, preferGetMethod: false, exchanges: [exchange] });
  client.subscription(request.query, request.variables).subscribe(hear);
} else {
  subscribe(request, { next: hear, error: fail, complete: () => fail(new Error('completed')) });
}
