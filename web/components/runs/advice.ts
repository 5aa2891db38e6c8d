/** What to do about a failed step, by its error's code. */
const ADVICE: Record<string, string> = {
  denied: "Zipped calls public addresses only. An operator can allow this one with ZIPPED_OUTBOUND_ALLOW.",
  timeout: "The other side took too long. Raise the step's time limit, or ask what keeps it busy.",
  unreachable: "The other side could not be reached. Check the address; if it is down, run again later.",
  bad_input: "Correct the step's input, publish, and run again.",
  template: "A value it needs was not there. Correct the expression, or give it a default.",
  unknown_outcome: "The worker died in the middle of it. Look at the other side before you run it again.",
  deadline: "The run used up its time. Make its steps faster, or split the zip.",
  connection: "Check the connection, test it, and run again.",
};

/** One sentence; a general one for a code without advice of its own. */
export function adviceFor(code: string): string {
  return ADVICE[code] ?? "Correct the step, publish, and run again. Nothing after it has run.";
}
