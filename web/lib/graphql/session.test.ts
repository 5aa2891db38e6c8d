import { expect, test, vi } from "vitest";

/** The session as a tab of its own has it. */
async function tab() {
  vi.resetModules();
  const { session } = await import("./session");
  const heard: boolean[] = [];
  session.subscribe((signedIn) => heard.push(signedIn));
  return { session, heard };
}

test("who signs in again in one tab has signed in in the others", async () => {
  const [one, other] = [await tab(), await tab()];
  one.session.ended();
  other.session.ended();

  one.session.began();

  await vi.waitFor(() => expect(other.heard).toEqual([false, true]));
  expect(one.heard).toEqual([false, true]);
});
