const CONNECTION = "Open the connection, test it, and run again.";

/** What to do about a failed step, by its error's code (zipped/http/errors.py, zipped/steps/perform.py, zipped/engine/run.py). */
const ADVICE: Record<string, string> = {
  address_denied: "Zipped calls public addresses only. An operator can allow this one with ZIPPED_OUTBOUND_ALLOW. Nothing was sent.",
  bad_connection: CONNECTION,
  bad_input: "Correct the step’s input, publish, and run again.",
  bad_request: "Correct the step’s input, publish, and run again. Nothing was sent.",
  bad_url: "Correct the address, publish, and run again. Nothing was sent.",
  connection_missing: CONNECTION,
  connection_unknown: CONNECTION,
  cancelled: "Somebody cancelled the run while this step was under way. Look there whether it took effect.",
  connection_broken: "The other side broke off. Look there whether it took effect before you run it again.",
  crash: "The worker that ran it died. Look whether the step took effect, let it handle less at once, and run again.",
  deadline: "The run used up its time. Make its steps faster, or split the zip.",
  expression: "A value it needs was not there. Correct the expression, or give it a default.",
  host_not_bound: "The connection’s secret goes to its own hosts only. Add this host to the connection, or call another.",
  stopped: "A stop step ended it, as the zip says.",
  timed_out: "The other side took too long. Raise the step’s time limit, or ask what keeps it busy.",
  too_many_redirects: "The other side sends it in a circle. Call the address it should end at.",
  unknown_outcome: "Look there whether it took effect before you run it again.",
  unreachable: "The other side could not be reached. Check the address; if it is down, run again later.",
};

/** One sentence; a general one for a code without advice of its own. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? "Correct the step, publish, and run again. Nothing after it has run.";
}
