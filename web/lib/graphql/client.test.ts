import { afterEach, expect, test, vi } from "vitest";
import { asIs } from "./as-is";
import { createClient } from "./client";

afterEach(() => vi.unstubAllGlobals());

test("a change is sent as people wrote it, its fields in their order, whatever they are called", async () => {
  // given
  const sent: string[] = [];
  vi.stubGlobal("WebSocket", class {});
  vi.stubGlobal("fetch", async (_: unknown, init: RequestInit) => {
    sent.push(String(init.body));
    return new Response(`{"data":{"updateZip":{"toJSON":"x"}}}`, { headers: { "content-type": "application/json" } });
  });
  const definition = { steps: [{ id: "a", input: { z: 1, toJSON: "x", b: [{ toJSON: {} }] } }] };

  // when
  const { data, error } = await createClient().mutation("mutation Save($definition: JSON) { updateZip(definition: $definition) }", { definition: asIs(definition) }).toPromise();

  // then
  expect(error).toBeUndefined();
  expect(data).toEqual({ updateZip: { toJSON: "x" } });
  expect(sent.map((body) => JSON.stringify((JSON.parse(body) as { variables: unknown }).variables))).toEqual([JSON.stringify({ definition })]);
});
