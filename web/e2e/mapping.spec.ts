import type { Page } from "@playwright/test";
import { expect, makeZip, setFields, stepsOf, test, type Person } from "./support";

const ADA = { name: "Ada", amount: 12.5, items: [{ sku: "x-1" }], "a key": "<b>bold</b><script>document.title='taken'</script>" };

/** A draft whose one field is `text`, opened in its panel, with Ada's request as the sample. */
async function openField(page: Page, person: Person, text: string, body: unknown = ADA) {
  const { id, url } = await makeZip(person, { steps: [setFields("one", "First", { a: text })], publish: false });
  await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, First/ }).click();
  const field = page.getByRole("textbox", { name: "Value of a" });
  await expect(field.locator(".cm-line").or(field.and(page.locator(".cm-content"))).first()).toBeVisible();
  const saved = async () => {
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    return ((await stepsOf(person, id))[0]?.input.fields as { a?: unknown }).a;
  };
  return { field, saved, picker: page.getByRole("region", { name: "Data of earlier steps" }), panel: page.getByRole("complementary", { name: /^Step 2/ }) };
}

test("a value is picked from real data, shown as a chip, and stored as its expression", async ({ page, person }) => {
  const { field, saved, picker, panel } = await openField(page, person, "Hello ");
  await field.click();
  await page.keyboard.press("End");
  await picker.getByRole("option", { name: "name: Ada" }).click();
  await page.keyboard.type("!");

  await expect(field.getByRole("img", { name: "Step 1, Webhook › body.name: Ada" })).toBeVisible();
  await expect(panel).toContainText("Hello Ada!");
  await expect.poll(saved).toBe("Hello {{ trigger.body.name }}!");
  await field.getByRole("img").hover();
  await expect(page.getByRole("tooltip")).toContainText("Ada");
});

test("an expression typed by hand, braces and all, is the one that was typed", async ({ page, person }) => {
  const { field, saved, panel } = await openField(page, person, "");
  await field.click();
  for (const typed of ["{{ trigger.body.name | upper }}, and ", "{{trigger.body.amount}}", " {{ zip.name }}!"]) await page.keyboard.type(typed);

  await expect(field.getByRole("img")).toHaveCount(3);
  await expect(panel).toContainText("ADA, and 12.5");
  await expect.poll(saved).toBe("{{ trigger.body.name | upper }}, and {{ trigger.body.amount }} {{ zip.name }}!");
});

test("by keyboard a value is searched, taken, read, edited as text, deleted and brought back", async ({ page, person }) => {
  const { field, saved, picker } = await openField(page, person, "");
  await field.focus();
  await page.keyboard.type("=sku");
  await expect(picker.getByRole("option", { selected: true })).toHaveAccessibleName("body.items[0].sku: x-1");
  await page.keyboard.press("Enter");
  const chip = field.getByRole("img", { name: /body\.items\[0\]\.sku: x-1/ });
  await expect(chip).toBeVisible();

  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("tooltip")).toContainText("x-1");
  await expect(page.getByRole("status").filter({ hasText: "Enter edits it as text" })).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(field).toContainText("{{ trigger.body.items[0].sku }}");
  await page.keyboard.type(" | upper");
  await page.keyboard.press("Escape");
  await expect(field.getByRole("img", { name: /upper/ })).toBeVisible();

  await page.keyboard.press("Backspace");
  await expect(field.getByRole("img")).toHaveCount(0);
  await page.keyboard.press("ControlOrMeta+z");
  await expect(field.getByRole("img", { name: /upper/ })).toBeVisible();
  await expect.poll(saved).toBe("{{ trigger.body.items[0].sku | upper }}");
});

test("filters are applied by the server, and a value that is not there is said in its field", async ({ page, person }) => {
  const { field, panel, saved } = await openField(page, person, "{{ trigger.body.name | upper }}");
  await expect(panel.getByText("ADA", { exact: true })).toBeVisible();
  await field.fill("{{ trigger.body.nobody }} and {{ trigger.body.nobody | default(\"none\") }}");

  await expect(panel).toContainText("Step 1 had no “body.nobody” the last time");
  await expect(field.getByRole("img", { name: /not there/ })).toHaveCount(1);
  await expect.poll(saved).toBe("{{ trigger.body.nobody }} and {{ trigger.body.nobody | default(\"none\") }}");
});

test("what is pasted is plain text in one line; right-to-left text runs its own way; markup stays text", async ({ page, person, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { field, saved, picker } = await openField(page, person, "");
  await field.focus();
  await page.evaluate(() => navigator.clipboard.writeText("مرحبا\r\n<img src=x onerror=alert(1)> {{ trigger.body.name }}"));
  await page.keyboard.press("ControlOrMeta+v");

  await expect(field.locator(".cm-line")).toHaveCount(1);
  await expect(field.locator(".cm-line")).toHaveCSS("direction", "rtl");
  await expect(field.getByRole("img", { name: /body\.name: Ada/ })).toBeVisible();
  await expect.poll(saved).toBe("مرحبا <img src=x onerror=alert(1)> {{ trigger.body.name }}");
  await expect(picker.getByRole("option", { name: /^a key: <b>bold/ })).toBeVisible();
  await expect(page).toHaveTitle(/A zip/);
});

test("typing, undoing and redoing stay together with the draft", async ({ page, person }) => {
  const { field, saved, picker } = await openField(page, person, "one");
  await field.click();
  await page.keyboard.press("End");
  await page.keyboard.insertText(" two"); // At once: a pause between two letters would part them.
  await picker.getByRole("option", { name: "amount: 12.5" }).click();
  await expect(field.getByRole("img", { name: /12\.5/ })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+z");
  await expect(field).toHaveText("one two");
  await page.keyboard.press("ControlOrMeta+z");
  await expect(field).toHaveText("one");
  await page.keyboard.press("ControlOrMeta+Shift+Z");
  await page.getByRole("button", { name: "Redo" }).click();

  await expect.poll(saved).toBe("one two{{ trigger.body.amount }}");
  await expect(field.getByRole("img", { name: /12\.5/ })).toBeVisible();
});

test("a choice, a number, a switch and a list of names take a value from the data too", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: [{ id: "call", app: "http", action: "request", name: "Call", input: { url: "https://example.com" } }], publish: false });
  await page.goto(`/zips/${id}`);
  await page.getByRole("button", { name: /^Step 2, Call/ }).click();
  await page.getByRole("button", { name: "Method from data" }).click();
  await page.getByRole("textbox", { name: "Method" }).fill("{{ trigger.body.method }}");
  await page.getByRole("button", { name: "Headers from data" }).click();
  await page.getByRole("textbox", { name: "Headers" }).fill("{{ trigger.headers }}");
  await page.getByRole("button", { name: "More options" }).click();
  await page.getByRole("checkbox", { name: "Fail unless the answer is 2xx" }).uncheck();
  await page.getByRole("button", { name: "Follow redirects from data" }).click();
  await page.getByRole("textbox", { name: "Follow redirects" }).fill("{{ trigger.body.follow }}");
  await page.getByRole("button", { name: "Redirects at most from data" }).click();
  await page.getByRole("textbox", { name: "Redirects at most" }).fill("{{ trigger.body.most }}");
  await page.getByRole("textbox", { name: "Largest answer in bytes" }).fill("1.0");
  const input = async () => (await stepsOf(person, id))[0]?.input;
  await expect.poll(input).toEqual({
    url: "https://example.com",
    method: "{{ trigger.body.method }}",
    headers: "{{ trigger.headers }}",
    failOnError: false,
    followRedirects: "{{ trigger.body.follow }}",
    maxRedirects: "{{ trigger.body.most }}",
    maxBytes: 1,
  });
  await expect(page.getByRole("textbox", { name: "Largest answer in bytes" })).toHaveValue("1.0");

  await page.getByRole("button", { name: "Method from data" }).click();
  await page.getByRole("combobox", { name: "Method" }).selectOption("PUT");
  await expect.poll(async () => (await stepsOf(person, id))[0]?.input.method).toBe("PUT");
});
