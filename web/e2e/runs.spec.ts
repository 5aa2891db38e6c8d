import type { Page } from "@playwright/test";
import { expect, makeZip, newContext, PHONE, post, runIs, runRows, setFields, signIn, test, type Person } from "./support";

const chart = (page: Page) => page.getByRole("region", { name: "Runs over time" });

/** A zip that has run so often; the address of its webhook. */
async function ran(person: Person, times: number): Promise<string> {
  const { url } = await makeZip(person, { name: "Counted", steps: [setFields("one", "One", { a: "1" })] });
  for (let time = 0; time < times; time++) await runIs(person, await post(url, { time }), "SUCCEEDED");
  return url;
}

async function drag(page: Page, from: number, to: number): Promise<void> {
  const box = await page.locator("[data-brush]").boundingBox();
  if (!box) throw new Error("there is no chart");
  const at = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at((from + to) / 2));
  await page.mouse.move(...at(to));
  await page.mouse.up();
}

test("dragging over the chart narrows the list to a time that is in the address, and back", async ({ page, person }) => {
  const url = await ran(person, 3);
  await page.goto("/runs?span=1h");
  await expect(runRows(page, /Succeeded/)).toHaveCount(3);
  await expect(chart(page)).toContainText("3 runs");
  await expect(chart(page)).toContainText("100 % succeeded");

  await drag(page, 0.1, 0.4);
  await expect(page).toHaveURL(/from=.*&to=/);
  await expect(page.getByText("No run matches")).toBeVisible();
  await expect(chart(page)).toContainText("0 runs");
  const chosen = page.url();
  await page.reload();
  await expect(page.getByText("No run matches")).toBeVisible();
  expect(page.url()).toBe(chosen);

  await page.getByRole("button", { name: /^Remove the filter Time/ }).click();
  await expect(runRows(page, /Succeeded/)).toHaveCount(3);
  await expect(page).toHaveURL(/runs\?span=1h$/);

  // A time that reaches now stays open: what begins later is in it.
  await drag(page, 0.3, 0.999);
  await expect(page).toHaveURL(/from=/);
  await expect(page).not.toHaveURL(/to=/);
  await expect(page.getByRole("button", { name: /^Remove the filter Time: .* to now$/ })).toBeVisible();
  await post(url, {});
  await expect(runRows(page, /Succeeded/)).toHaveCount(4);
  await expect(chart(page)).toContainText("4 runs");
});

test("the chart's time is chosen by keyboard, and its numbers are there as a table", async ({ page, person }) => {
  await ran(person, 2);
  await page.goto("/runs?span=1h");
  await expect(runRows(page, /Succeeded/)).toHaveCount(2);
  const numbers = page.getByRole("table", { name: "Runs over time in numbers" });
  await expect(numbers.getByRole("columnheader")).toHaveText(["Time", "Succeeded", "Failed", "Waiting", "Under way", "Cancelled"]);
  const succeeded = () => numbers.getByRole("row").evaluateAll((rows) => rows.slice(1).reduce((sum, row) => sum + Number(row.querySelector("td")?.textContent), 0));
  await expect.poll(succeeded).toBe(2);

  const end = page.getByRole("slider", { name: "End of the time" });
  await end.focus();
  await expect(end).toHaveAttribute("aria-valuetext", "now");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await expect(end).toHaveAttribute("aria-valuenow", "2");
  await expect(page).toHaveURL(/to=/);
  await expect(page.getByText("No run matches")).toBeVisible();
  await expect(end).toBeFocused();
  await page.keyboard.press("Escape");

  await expect(page).not.toHaveURL(/to=/);
  await expect(runRows(page, /Succeeded/)).toHaveCount(2);
});

test("a finger chooses a time on a phone", async ({ browser, person }) => {
  await ran(person, 1);
  const phone = await newContext(browser, { viewport: PHONE, hasTouch: true, isMobile: true });
  await signIn(phone, person);
  const touched = await phone.newPage();
  await touched.goto("/runs?span=1h");
  await expect(chart(touched)).toContainText("1 run");
  const box = await touched.locator("[data-brush]").boundingBox();
  if (!box) throw new Error("there is no chart");
  const finger = await phone.newCDPSession(touched);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", share?: number) =>
    finger.send("Input.dispatchTouchEvent", { type, touchPoints: share === undefined ? [] : [{ x: box.x + box.width * share, y: box.y + box.height / 2 }] });
  await touch("touchStart", 0.1);
  for (const share of [0.15, 0.2, 0.3]) await touch("touchMove", share);
  await touch("touchEnd");

  await expect(touched).toHaveURL(/from=.*&to=/);
  await expect(touched.getByText("No run matches")).toBeVisible();
  await touched.getByRole("button", { name: "Show all runs" }).click();
  await expect(runRows(touched, /Succeeded/)).toHaveCount(1);
  await phone.close();
});

test("runs are narrowed to a zip and to a status, both in the address", async ({ page, person }) => {
  await ran(person, 1);
  const { id, url } = await makeZip(person, { name: "Another", steps: [setFields("one", "One", { a: "1" })] });
  await runIs(person, await post(url, {}), "SUCCEEDED");
  await page.goto("/runs");
  await expect(runRows(page, /Succeeded/)).toHaveCount(2);
  await page.getByLabel("Zip", { exact: true }).focus();
  await page.getByLabel("Zip", { exact: true }).selectOption({ label: "Another" });

  await expect(page).toHaveURL(new RegExp(`zip=${id}`));
  await expect(runRows(page, /Succeeded/)).toHaveCount(1);
  await expect(chart(page)).toContainText("1 run");
  await page.getByRole("radio", { name: "Failed" }).click();
  await expect(page.getByText("There is none that is failed and is of this zip.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Zip", { exact: true })).toHaveValue(id);
  await page.getByRole("button", { name: "Show all runs" }).click();
  await expect(runRows(page, /Succeeded/)).toHaveCount(2);
});
