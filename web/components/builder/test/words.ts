/** What a test showed, in plain words, and what to do about it. Pure. */

import { curl } from "@/lib/curl";
import type { StepTest } from "./use-step-tests";

type Tone = "ok" | "bad" | "odd" | "idle";
export type Verdict = { tone: Tone; words: string; advice: string | null };

const CONNECTION = "Open the connection, test it, and try this step again.";
const NO_CONNECTION = "Choose a connection in Set up, or make one there.";

/** By the codes of zipped/http/errors.py and zipped/steps/perform.py. */
const ADVICE: Record<string, string> = {
  address_denied: "Zipped calls public addresses only. An operator can allow this one with ZIPPED_OUTBOUND_ALLOW. Nothing was sent.",
  bad_connection: CONNECTION,
  bad_input: "Correct the step in Set up and try again.",
  bad_request: "Correct the step in Set up and try again. Nothing was sent.",
  bad_url: "Correct the address in Set up and try again. Nothing was sent.",
  connection_broken: "The other side broke off. Look there whether it took effect before you send it again.",
  connection_missing: NO_CONNECTION,
  connection_unknown: CONNECTION,
  expression: "A value it needs is not in the sample. Choose another sample, correct the expression, or give it a default.",
  host_not_bound: "The connection’s secret goes to its own hosts only. Add this host to the connection, or call another.",
  timed_out: "The other side took too long. A test waits at most 20 seconds; a run waits as long as Settings say.",
  too_many_redirects: "The other side sends it in a circle. Call the address it should end at.",
  unreachable: "The other side could not be reached. Check the address in Set up; if it is down, try again later.",
  http_401: "The other side wants to know who is asking. Choose a connection, or test the one that is chosen.",
  http_403: "The other side knows who is asking and does not allow it. Check what the connection may do there.",
  http_404: "There is nothing at that address. Check it in Set up.",
  http_429: "The other side had too many requests. A run would wait and try again.",
};

export function verdictOf(test: StepTest, when: (iso: string) => string): Verdict {
  switch (test.outcome) {
    case "SUCCEEDED":
      return { tone: "ok", words: "Worked", advice: null };
    case "FILTERED":
      return { tone: "idle", words: `A run would end here, well${test.message ? `: ${test.message}` : ""}`, advice: null };
    case "STOPPED":
      return { tone: "idle", words: `A run would end here${test.message ? `: ${test.message}` : ""}`, advice: null };
    case "DELAYED":
      return { tone: "ok", words: test.delayedUntil ? `A run would wait until ${when(test.delayedUntil)}` : "A run would wait", advice: null };
    case "UNKNOWN":
      return { tone: "odd", words: test.message || "Nobody knows whether it took effect", advice: "Look at the other side before you send it again." };
    case "FAILED":
      return { tone: "bad", words: test.message || "It failed", advice: ADVICE[test.errorCode ?? ""] ?? "Correct the step in Set up and try again." };
    default:
      return { tone: "idle", words: "Nothing was sent", advice: null };
  }
}

type Call = NonNullable<StepTest["calls"]>[number];

/** A request as a command for a shell. What was hidden stays hidden: `***` stands for it. */
export const curlOf = (call: Call): string => curl({ ...call, headers: call.headers.filter(({ name }) => !/^(content-length|host)$/i.test(name)) });
