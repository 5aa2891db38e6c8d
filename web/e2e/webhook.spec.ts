import { createHmac } from "node:crypto";
import { expect, makeZip, post, setFields, test } from "./support";

const BODY = '{"name": "Grace"}';
const SECRET = "known to both, shown to nobody";

/** How an address answers a request, signed or not. */
const send = async (url: string, signature?: string, method = "POST") =>
  (await fetch(url, { method, headers: { "content-type": "application/json", ...(signature ? { "x-shop-signature": signature } : {}) }, body: BODY })).status;

test("an earlier request, and a body that is typed, are what the steps are built with", async ({ page, person }) => {
  const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { a: "Hello {{ trigger.body.name }}" })] });
  await post(url, { name: "Ada" });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  const requests = page.getByRole("list", { name: "The last requests" }).getByRole("button");
  await expect(requests).toHaveText(['Ran{"name":"Ada"}sample']);
  await post(url, { name: "Grace" });
  await expect(requests).toHaveText(['Ran{"name":"Grace"}sample', /^Ran\{"name":"Ada"\}/]);
  await requests.nth(1).click();
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  const step = page.getByRole("complementary", { name: "Step 2, First" });
  await expect(step).toContainText("Hello Ada");

  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  await page.getByRole("button", { name: "Type a body instead" }).click();
  await page.getByLabel("Body as JSON").fill('{"name": "Zoë"}');
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  await expect(step).toContainText("Hello Zoë");
});

test("who signs is asked for a secret that is never shown again, and then nobody else starts the zip", async ({ page, person }) => {
  const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { a: "1" })] });
  const stored = async () => (await person.ask<{ zip: { trigger: object } }>("query ($id: ID!) { zip(id: $id) { trigger { verifier secretCount settings } } }", { id })).zip.trigger;
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  const panel = page.getByRole("complementary", { name: "Trigger" });
  const save = panel.getByRole("button", { name: "Save" });
  await panel.getByLabel("Check").selectOption("Signature (HMAC)");
  await panel.getByLabel("Header with the signature").fill("X-Shop-Signature");
  await panel.getByLabel("Prefix").fill("sha256=");
  await save.click();
  await expect(panel.getByText(/^A signed webhook needs 1 to 5 secrets\./)).toBeVisible();
  expect(await stored()).toMatchObject({ verifier: "OPEN", secretCount: 0, settings: { signature: { header: "X-Signature", prefix: "" } } });

  await panel.getByLabel("Secret").fill(SECRET);
  await save.click();
  await expect(panel.getByText("1 stored; a secret is never shown again.")).toBeVisible();
  await expect(panel.getByLabel("Secret")).toHaveValue("");
  const digest = createHmac("sha256", SECRET).update(BODY).digest();
  const signature = digest.toString("hex");
  expect(await send(url)).toBe(401);
  expect(await send(url, `sha256=${signature.replace(/.$/, (last) => (last === "0" ? "1" : "0"))}`)).toBe(401);
  expect(await send(url, `sha256=${signature}`)).toBe(202);
  const requests = panel.getByRole("list", { name: "The last requests" }).getByRole("button");
  await expect(requests).toHaveCount(3);
  await expect(requests.filter({ hasText: "Bad signature" })).toHaveCount(2);

  // The rest of what is decided about a webhook, as its schema names it.
  await panel.getByRole("button", { name: "More options" }).click();
  await panel.getByRole("checkbox", { name: "POST" }).uncheck();
  await panel.getByLabel("Encoding").selectOption("Base64");
  await panel.getByLabel("Recognise repetitions by").selectOption("Header");
  await save.click();
  await expect(panel.getByLabel("Header with the key")).toHaveAttribute("aria-invalid", "true");
  expect(await stored()).toMatchObject({ settings: { methods: ["POST", "PUT", "PATCH"], dedupeFrom: "standard" } });
  await panel.getByLabel("Header with the key").fill("X-Order");
  await save.click();
  await expect(panel.getByLabel("Header with the key")).not.toHaveAttribute("aria-invalid");
  expect(await stored()).toMatchObject({
    verifier: "HMAC",
    secretCount: 1,
    settings: { methods: ["PUT", "PATCH"], dedupeFrom: "header", dedupeHeader: "X-Order", ratePerSecond: null, signature: { header: "X-Shop-Signature", prefix: "sha256=", encoding: "base64", timestampHeader: null } },
  });

  await panel.getByRole("button", { name: "Give it a new address" }).click();
  await expect(panel).toContainText("The old address stops at once.");
  await panel.getByRole("button", { name: "Keep it" }).click();
  await expect(panel.getByText(url, { exact: true })).toBeVisible();
  await panel.getByRole("button", { name: "Give it a new address" }).click();
  await panel.getByRole("button", { name: "New address" }).click();
  await expect(panel.getByText(url, { exact: true })).toHaveCount(0);
  const renewed = await panel.locator("p.mono", { hasText: "/hooks/" }).innerText();
  const signed = `sha256=${digest.toString("base64")}`;
  // What is good for the door a moment longer, a request as it was before, starts nothing there either.
  expect(await send(url, `sha256=${signature}`)).toBe(404);
  expect(await send(renewed, signed)).toBe(405);
  expect(await send(renewed, signed, "PUT")).toBe(202);
  await expect(requests).toHaveCount(4);
  await page.reload();
  await page.getByRole("button", { name: /^Step 1, Webhook/ }).click();
  await expect(panel.getByLabel("Encoding")).toHaveValue("base64");
  expect(await page.content()).not.toContain(SECRET);
});
