import { badge, clipboard, expect, inShell, makeZip, post, runIs, setFields, test } from "./support";

const send = (url: string, body: string, headers: Record<string, string> = {}) => fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

test("the ledger counts outcomes, is narrowed to one in the address, and fills by itself", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Ledger", steps: [setFields("one", "One", { a: "1" })] });
  const key = { "idempotency-key": "order-1" };
  expect((await send(url, '{"n": 1}', key)).status).toBe(202);
  expect((await send(url, '{"n": 1}', key)).status).toBe(200);
  expect((await send(url, "{ not json")).status).toBe(400);
  await page.goto("/events");
  const outcomes = page.getByRole("radiogroup", { name: "Outcome" }).getByRole("radio");
  await expect(outcomes).toHaveText(["All3", "Ran1", "Duplicate1", "Malformed1"]);

  await outcomes.filter({ hasText: "Malformed" }).click();
  await expect(page).toHaveURL(/outcome=MALFORMED/);
  const rows = page.getByRole("table", { name: "Events" }).getByRole("row");
  await expect(rows).toHaveCount(2);
  await send(url, "[1,");
  await expect(rows).toHaveCount(3);
  await expect(outcomes).toHaveText(["All4", "Ran1", "Duplicate1", "Malformed2"]);
  await page.reload();
  await expect(outcomes.filter({ hasText: "Malformed" })).toBeChecked();
  await expect(rows).toHaveCount(3);

  await outcomes.filter({ hasText: "Duplicate" }).click();
  await expect(rows).toHaveCount(2);
  await rows.nth(1).getByRole("button").click();
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel).toContainText("idempotency-key:order-1");
  await expect(panel.getByRole("link", { name: /^run_/ })).toBeVisible();
  await panel.getByRole("link", { name: /^run_/ }).click();
  await expect(badge(page)).toContainText("Succeeded");
});

test("what came to a paused zip says what to do, is sent once more by its copied curl, and run by hand from the ledger", async ({ page, context, person }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { id, url } = await makeZip(person, { name: "Paused for now", steps: [setFields("one", "One", { name: "{{ trigger.body.name }}" })] });
  await person.ask("mutation ($id: ID!) { pauseZip(input: { zipId: $id }) { __typename } }", { id });
  expect((await send(`${url}?from=test`, '{"name": "Zoë"}')).status).toBe(202);
  await page.goto("/events?outcome=ZIP_OFF");
  const rows = page.getByRole("table", { name: "Events" }).getByRole("row");
  await rows.nth(1).getByRole("button").click();
  const panel = page.getByRole("complementary", { name: "Event" });
  await expect(panel).toContainText("Resume the zip");
  await expect(panel).toContainText("?from=test");
  await expect(panel).toContainText('"Zoë"');
  await panel.getByRole("button", { name: "Copy as curl" }).click();
  expect(JSON.parse(inShell(await clipboard(page)))).toMatchObject({ runId: null, outcome: "zip_off" });
  await expect(rows).toHaveCount(3);
  await page.keyboard.press("k");
  await expect(panel).toContainText("?from=test");
  await expect(panel).toContainText('"Zoë"');
  await panel.getByRole("button", { name: "Run it by hand" }).click();

  await expect(badge(page)).toContainText("Succeeded");
  await page.getByRole("button", { name: /Step 2, One/ }).click();
  await expect(page.getByRole("tabpanel", { name: "Output" })).toContainText('"Zoë"');
});

test("an event that ran leads to its run, also from its row", async ({ page, person }) => {
  const { url } = await makeZip(person, { name: "Leads on", steps: [setFields("one", "One", { a: "1" })] });
  const run = await post(url, { a: 1 });
  await runIs(person, run, "SUCCEEDED");
  await page.goto("/events");
  await page.getByRole("table", { name: "Events" }).getByRole("link", { name: /^run_/ }).click();

  await expect(page).toHaveURL(new RegExp(`/runs/${run}$`));
});
