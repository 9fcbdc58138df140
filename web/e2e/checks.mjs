// What every page must pass in every state and width.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The violations that axe finds, in words; none in a good page. */
export async function axe(page) {
  // The policy admits no script of ours that is not in a file; the browser's own channel is not under it. Once for a loaded page:
  // it is half a megabyte.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    // Colours halfway from one to the other are nobody's contrast: what ends is waited for.
    const ending = document.getAnimations().filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime));
    await Promise.allSettled(ending.map((animation) => animation.finished));
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    });
    return violations.map(({ id, help, nodes }) => `${id}: ${help} — ${nodes.map((node) => node.target.join(" ")).slice(0, 5).join(" | ")}`);
  });
  return found;
}

/** Larger spacing between letters, words and lines (WCAG 1.4.12), with all that opens opened. */
export async function widely(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
    document.adoptedStyleSheets = [sheet];
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

/** What stands out of the page sideways. */
export async function sideways(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className} reaches ${Math.round(element.getBoundingClientRect().right)} of ${width}`);
  });
}

/** One h1, one main thing to do, a title, things to press that a thumb can hit. */
export async function house(page) {
  return page.evaluate(() => {
    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    const found = [];
    const headings = [...document.querySelectorAll("h1")].filter(isSeen);
    if (headings.length !== 1) found.push(`${headings.length} h1`);
    const main = [...document.querySelectorAll("main .btn-primary")].filter(isSeen);
    if (main.length > 1) found.push(`${main.length} primary buttons`);
    if (!document.title.includes(" – ")) found.push(`title: ${document.title}`);
    for (const control of document.querySelectorAll("button, .btn, select, input:not([type=file]):not([type=hidden]), summary, .menu a")) {
      if (!isSeen(control)) continue;
      const box = (control.matches("input[type=radio], input[type=checkbox]") ? control.labels?.[0] ?? control : control).getBoundingClientRect();
      if (box.height < 43.5) found.push(`${control.tagName.toLowerCase()} «${control.textContent?.trim().slice(0, 30)}» is ${Math.round(box.height)} px high`);
    }
    return found;
  });
}

/**
 * The page on paper: nothing that only leads elsewhere, the words that matter, nothing cut at the side. Throws what is wrong;
 * with PAPER, a folder, writes the sheet as a picture.
 */
export async function onPaper({ page }, name, words) {
  const before = page.viewportSize();
  await page.emulateMedia({ media: "print" });
  // A4 at 96 points an inch, less the margins.
  await page.setViewportSize({ width: 718, height: 1000 });
  try {
    const wrong = await page.evaluate((wanted) => {
      const isSeen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
      const useless = [...document.querySelectorAll("nav, header.site-header, footer, button, .btn, input, select")].filter(isSeen);
      const text = document.querySelector("main").innerText;
      return [
        ...useless.slice(0, 5).map((element) => `${element.tagName.toLowerCase()} «${element.textContent.trim().slice(0, 30)}» is printed`),
        ...wanted.filter((word) => !text.includes(word)).map((word) => `«${word}» is not printed`),
      ];
    }, words);
    wrong.push(...(await sideways(page)));
    if (process.env.PAPER) await page.screenshot({ path: `${process.env.PAPER}/${name}.png`, fullPage: true });
    if (wrong.length > 0) throw new Error(`${name} on paper: ${wrong.join("; ")}`);
  } finally {
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize(before);
  }
}

/** The longest interaction of an act, as Chromium counts it for INP, in milliseconds. */
export async function measured(page, act) {
  await page.evaluate(() => {
    globalThis.slow = [];
    globalThis.watcher = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.interactionId) globalThis.slow.push(entry.duration);
    });
    globalThis.watcher.observe({ type: "event", durationThreshold: 16 });
  });
  await act();
  await page.waitForTimeout(1500);
  return page.evaluate(() => {
    globalThis.watcher.disconnect();
    return Math.max(0, ...globalThis.slow);
  });
}

/** The most that an interaction may take, in milliseconds, on a processor four times slower (INP: "good"). */
const QUICK = 200;

/**
 * The interactions of a list that are too slow. A machine that does other work says nothing about a page: only `TIMED=1`, on an
 * idle one, judges; the figures are printed always.
 */
export const tooSlow = (longest) => (process.env.TIMED ? Object.entries(longest).filter(([, ms]) => ms >= QUICK) : []);
