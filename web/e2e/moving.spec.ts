import { expect, makeZip, setFields, test } from "./support";

test("a card that is moved again and again stays in view, and so it does when that is undone", async ({ page, person }) => {
  const { id } = await makeZip(person, { steps: Array.from({ length: 12 }, (_, n) => setFields(`step_${n}`, `Moved ${n}`, { a: "1" })), publish: false });
  await page.goto(`/zips/${id}`);
  const card = page.locator('[data-step="step_0"]');
  const times = async (count: number, key: string, name: RegExp) => {
    for (let time = 0; time < count; time++) await page.keyboard.press(key);
    await expect(card).toHaveAccessibleName(name);
    await expect(card).toBeFocused();
    await expect(card).toBeInViewport({ ratio: 1 });
  };
  await card.focus();

  await times(11, "Alt+ArrowDown", /^Step 13, Moved 0/);
  await times(11, "Control+z", /^Step 2, Moved 0/);
});
