/** Runs inside the page, before its own scripts: waits for pictures, and collects what the browser tells of inputs. */
export function inPage() {
  const found = { events: [], tasks: [] };
  new PerformanceObserver((list) => {
    // Letting go of a key changes nothing, and would count until whatever picture comes next.
    for (const entry of list.getEntries()) if (entry.interactionId && entry.name !== "keyup") found.events.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: false });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) found.tasks.push(entry.duration);
  }).observe({ type: "longtask", buffered: false });

  const picture = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const table = () => document.querySelector('table[aria-label="Runs"]');
  const states = () => [...(table()?.querySelectorAll("tbody a[data-row]") ?? [])].map((link) => link.textContent ?? "");
  const zips = () => new Set([...(table()?.querySelectorAll("tbody tr td:nth-child(2)") ?? [])].map((cell) => cell.textContent));
  const query = (name) => new URLSearchParams(location.search).get(name);

  /** Milliseconds from the act to the first picture in which `holds` is true. */
  async function timed(act, holds) {
    await picture();
    const begun = performance.now();
    act();
    do await picture();
    while (!holds() && performance.now() - begun < 30_000);
    if (!holds()) throw new Error(`it did not happen within 30 s, at ${location.href}: ${document.querySelector("main")?.innerText.slice(0, 400)}`);
    return performance.now() - begun;
  }

  /** What does it, by its word. */
  function act(word) {
    if (word === "open") return () => document.querySelector('nav a[href="/runs"]').click();
    if (word === "brush") return brush;
    if (word.startsWith("zip ")) {
      return () => {
        const select = [...document.querySelectorAll("select")].find((one) => one.closest("label")?.textContent?.startsWith("Zip"));
        Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(select, word.slice(4));
        select.dispatchEvent(new Event("change", { bubbles: true }));
      };
    }
    return () => [...document.querySelectorAll('[role="radio"]')].find((one) => one.textContent === word).click();
  }

  /** Drags over four of the chart's 96 parts, as a mouse would. */
  function brush() {
    const plot = document.querySelector("[data-brush]");
    const box = plot.getBoundingClientRect();
    const fire = (type, share) =>
      plot.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, button: 0, isPrimary: true, clientX: box.left + box.width * share, clientY: box.top + 20 }));
    plot.setPointerCapture = () => undefined; // there is no real pointer to capture
    fire("pointerdown", 0.751);
    fire("pointermove", 0.78);
    return setTimeout(() => fire("pointerup", 0.78));
  }

  const axis = () => [...document.querySelectorAll('section[aria-label="Runs over time"] caption')].map((one) => one.textContent).join("");

  /** Whether the list shows what it was narrowed to. */
  const settled = {
    All: () => states().length >= 50 && !states().every((text) => text.startsWith("Failed")) && zips().size > 1 && axis().includes("24 hours"),
    Failed: () => states().length >= 50 && states().every((text) => text.startsWith("Failed")),
    Zip: () => states().length >= 50 && zips().size === 1,
    Time: () => query("from") !== null && states().length >= 50 && changedSince(),
    Span: () => axis().includes("7 days"),
  };
  let firstRow = "";
  const first = () => table()?.querySelector("tbody a[data-row]")?.getAttribute("href") ?? "";
  const changedSince = () => first() !== firstRow;

  window.bench = {
    until: (what, selector) => timed(what, () => document.querySelector(selector) !== null),
    filtered: (word, done) => {
      firstRow = first();
      return timed(act(word), settled[done]);
    },
    begin: () => {
      found.events.length = 0;
      found.tasks.length = 0;
    },
    end: async () => {
      await picture();
      await new Promise((done) => setTimeout(done, 100)); // observers are told a moment later
      return { events: [...found.events], tasks: [...found.tasks] };
    },
    /** When a row reads so, in milliseconds since the epoch. */
    shown: async (selector, words) => {
      const begun = performance.now();
      while (!document.querySelector(selector)?.textContent?.includes(words)) {
        if (performance.now() - begun > 30_000) throw new Error(`${selector} was not shown within 30 s`);
        await picture();
      }
      return Date.now();
    },
  };
}
