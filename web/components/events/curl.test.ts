import { describe, expect, it } from "vitest";
import { curlOf } from "./curl";

const event = {
  method: "POST",
  query: "a=1",
  headers: [{ name: "Content-Type", value: "application/json" }, { name: "Authorization", value: "***" }, { name: "Host", value: "elsewhere" }, { name: "X-Note", value: "it's" }],
  body: { text: `{"name": "O'Neill"}`, isTruncated: false },
  bodySize: 19,
  trigger: { id: "trg_1", url: "http://127.0.0.1:8000/hooks/abc" },
};

describe("a request as curl", () => {
  it("sends the same again, without what is not kept", () => {
    expect(curlOf(event)).toBe(
      [
        "curl -X POST 'http://127.0.0.1:8000/hooks/abc?a=1'",
        "-H 'Content-Type: application/json'",
        `-H 'X-Note: it'\\''s'`,
        `--data-raw '{"name": "O'\\''Neill"}'`,
      ].join(" \\\n  "),
    );
  });

  it("is not offered where it would be another request", () => {
    expect(curlOf({ ...event, body: { ...event.body, isTruncated: true } })).toBeNull();
    expect(curlOf({ ...event, body: null })).toBeNull();
    expect(curlOf({ ...event, trigger: null })).toBeNull();
    expect(curlOf({ ...event, body: null, bodySize: 0 })).toContain("curl -X POST");
  });
});
