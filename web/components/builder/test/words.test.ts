import { expect, test } from "vitest";
import type { StepTest } from "./use-step-tests";
import { curlOf, verdictOf } from "./words";

const tested = (values: Partial<StepTest>) => ({ outcome: "SUCCEEDED", errorCode: null, message: "", delayedUntil: null, ...values }) as StepTest;
const verdict = (values: Partial<StepTest>) => verdictOf(tested(values), () => "noon").words;

test("every outcome has words, and a failure says what to do", () => {
  expect([
    verdict({}),
    verdict({ outcome: "FILTERED", message: "Amount 4 is below 10" }),
    verdict({ outcome: "DELAYED", delayedUntil: "2026-11-22T12:00:00Z" }),
    verdict({ outcome: "STOPPED" }),
  ]).toEqual(["Worked", "A run would end here, well: Amount 4 is below 10", "A run would wait until noon", "A run would end here"]);
  expect(verdictOf(tested({ outcome: "FAILED", message: "example.com answered 404 Not Found.", errorCode: "http_404" }), String)).toEqual({
    tone: "bad",
    words: "example.com answered 404 Not Found.",
    advice: "There is nothing at that address. Check it in Set up.",
  });
  expect(verdictOf(tested({ outcome: "FAILED", message: "No.", errorCode: "never_heard_of" }), String).advice).toBe("Correct the step in Set up and try again.");
});

test("a request becomes a command that a shell reads as it was", () => {
  const call = { method: "POST", url: "https://example.com/?a=it's", headers: [{ name: "Host", value: "example.com" }, { name: "Authorization", value: "***" }], body: `{"a":"it's"}` };
  expect(curlOf(call as never)).toBe(`curl -X POST 'https://example.com/?a=it'\\''s' \\\n  -H 'Authorization: ***' \\\n  --data-raw '{"a":"it'\\''s"}'`);
});
