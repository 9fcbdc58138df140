// The public pages of the built site with canned facts: axe, sideways scroll, house rules, console, and whole without
// JavaScript. `PORTAL` names a running portal instead. Ends with 1 when something is wrong.

import { fileURLToPath } from "node:url";
import { serve } from "../tools/serve.mjs";
import { openPage, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { axe, house, sideways, widely } from "./checks.mjs";

/** The public pages, and what must stand on each. */
export const PUBLIC_PAGES = [
  ["/", "Chiedi il nulla osta"],
  ["/calendario", "Calendario"],
  ["/come-funziona", "Verifiche preliminari"],
  ["/modelli", "C-STAG agricoltura"],
  ["/modelli/a-bis", "Persona assistita"],
  ["/modelli/c-stag-agricoltura", "Luogo di lavoro"],
  ["/modelli/nessuno", "Modello non trovato"],
  ["/verifica-ricevuta", "Testo della ricevuta"],
  ["/stato", "Ora ufficiale"],
  ["/avvisi", "Novità"],
  ["/aiuto", "Help Desk"],
  ["/documenti", "Documenti e manuale"],
  ["/privacy", "Cookie"],
  ["/privacy/2025-10-23", "Chi tratta i tuoi dati"],
  ["/accessibilita", "Stato di conformità"],
  ["/note-legali", "Note legali"],
  ["/manutenzione", "Manutenzioni previste"],
  ["/questa/non-esiste", "Pagina non trovata"],
  ["/componenti", "Componenti"],
];

/** What the stored page holds of the canned facts, without JavaScript. */
const FACTS = {
  "/": "lunedì 12 gennaio 2026, ore 09:00:00",
  "/calendario": "domenica 7 dicembre 2025, ore 20:00:00",
  "/stato": "Le ricevute di consegna delle PEC arrivano regolarmente.",
  "/manutenzione": "domenica 6 dicembre 2026",
  "/avvisi": "Aperta la compilazione delle domande",
  "/documenti": "Linee operative",
  "/privacy": "Titolare del trattamento",
};

/** What is wrong with a page as it stands. */
export async function wrongWith(page, errors) {
  return [...(await axe(page)), ...(await sideways(page)), ...(await house(page)), ...errors.splice(0)];
}

let passed = 0;
const failures = [];

function tell(name, wrong) {
  if (wrong.length === 0) passed += 1;
  else failures.push(`✘ ${name}\n    ${wrong.join("\n    ")}`);
}

async function main() {
  const facts = fileURLToPath(new URL("facts", import.meta.url));
  const site = process.env.PORTAL ? { url: process.env.PORTAL, stop: async () => {} } : await serve({ facts });
  const browser = await startBrowser();
  try {
    for (const viewport of VIEWPORTS.filter(({ name }) => name !== "768")) {
      const { context, page, errors } = await openPage(browser, viewport);
      for (const [path, text] of PUBLIC_PAGES) {
        await visit(page, site.url + path);
        const wrong = await wrongWith(page, errors);
        if (!(await page.locator("main").innerText()).includes(text)) wrong.push(`«${text}» is missing`);
        tell(`${path} at ${viewport.name}`, wrong);
      }
      await context.close();
    }
    await otherEyes(browser, site.url);
    await withoutScript(browser, site.url);
    await behaviour(browser, site.url);
  } finally {
    await browser.close();
    await site.stop();
  }
  for (const failure of failures) console.log(failure);
  console.log(`${passed} passed, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}

/** Larger spacing between letters, words and lines (WCAG 1.4.12) at 320 px, and forced colours. */
async function otherEyes(browser, url) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[3], { forcedColors: "active", reducedMotion: "reduce" });
  for (const [path] of PUBLIC_PAGES) {
    await visit(page, url + path);
    await widely(page);
    tell(`${path} at 320 with wide text and all opened`, [...(await sideways(page)), ...(await axe(page)), ...errors.splice(0)]);
  }
  await context.close();
}

async function withoutScript(browser, url) {
  const { context, page } = await openPage(browser, VIEWPORTS[2], { javaScriptEnabled: false });
  // Until the script runs, nobody may read that a page is missing which is there.
  await page.goto(`${url}/domande`);
  const opening = await page.locator("main").innerText();
  tell("a page of the signed in without JavaScript", opening.includes("JavaScript") && !opening.includes("non trovata") ? [] : [`it says «${opening}»`]);
  for (const [path, text] of PUBLIC_PAGES) {
    // These are written by nobody beforehand, or by publish-facts as files of their own.
    if (["/modelli/nessuno", "/privacy/2025-10-23", "/questa/non-esiste", "/componenti"].includes(path)) continue;
    await page.goto(url + path);
    const shown = await page.locator("main").innerText();
    const menu = await page.getByRole("link", { name: "Calendario" }).first().isVisible();
    const fact = FACTS[path];
    tell(`${path} without JavaScript`, [
      ...(shown.includes(text) ? [] : [`«${text}» is missing`]),
      ...(!fact || shown.includes(fact) ? [] : [`the fact «${fact}» is missing`]),
      ...(menu ? [] : ["no menu"]),
      ...(await sideways(page)),
    ]);
  }
  await context.close();
}

/** The live content takes the place of what was written, once, and nothing jumps. */
async function takeOver(browser, url) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[2]);
  await page.addInitScript(() => {
    globalThis.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of ["/", "/calendario", "/stato", "/avvisi", "/documenti", "/privacy", "/manutenzione"]) {
    await visit(page, url + path);
    const left = await page.locator("[data-facts]").count();
    const shifts = await page.evaluate(() => globalThis.shifts);
    tell(`${path} is taken over`, [
      ...(left === 0 ? [] : [`${left} written regions are still there`]),
      ...(shifts < 0.05 ? [] : [`layout shift ${shifts.toFixed(3)}`]),
      ...errors.splice(0),
    ]);
  }
  await context.close();
}

/** A page that was taken over is the same as one that was made in the browser: the two markups have not drifted apart. */
async function sameBothWays(browser, url) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[0]);
  const markup = () =>
    page.locator("#app").evaluate((app) => app.innerHTML.replace(/\d\d:\d\d:\d\d/g, "time").replaceAll(' value=""', "").replace(/±[0-9,]+/g, "±").replace(/<div id="live-[\s\S]*?<\/div>/g, ""));
  for (const [path] of PUBLIC_PAGES.filter(([path]) => path !== "/componenti" && path !== "/note-legali")) {
    await visit(page, url + path);
    await page.waitForTimeout(path === "/stato" ? 3000 : 200);
    const takenOver = await markup();
    await page.getByRole("link", { name: "Note legali" }).click();
    await page.locator("h1", { hasText: "Note legali" }).waitFor();
    await page.goBack();
    await page.locator("h1:not(:text('Note legali'))").waitFor();
    await page.waitForTimeout(path === "/stato" ? 3000 : 200);
    const made = await markup();
    let n = 0;
    while (n < made.length && made[n] === takenOver[n]) n += 1;
    tell(`${path} is the same both ways`, [
      ...(made === takenOver ? [] : [`taken over «${takenOver.slice(n - 60, n + 60)}»`, `made «${made.slice(n - 60, n + 60)}»`]),
      ...errors.splice(0),
    ]);
  }
  await context.close();
}

const RECEIPT =
  '{"receipt":{"v":1,"code":"RIC-0W3G-E1R7-0W3G-E1R7-PJ","application":"app_01040g2081040g2081040g2081","campaign":"df-2026","campaign_version":3,"model":"c-stag-agricoltura","digest":"abababababababababababababababababababababababababababababababab","arrival":"2026-01-12T08:00:00.120Z","key_id":"d2576f104a4a4707"},"signature":"OLUCxXYrHIRQ-UzV8_Iw_Wo4F9GVGGvugPD6MzhuMTeRvkyasWiZdJ6zUghumWHUz_vwuaSAMgpFLr6wF4McBg"}';

async function behaviour(browser, url) {
  await takeOver(browser, url);
  await sameBothWays(browser, url);
  const { context, page, errors } = await openPage(browser, VIEWPORTS[2]);
  const expect = async (name, isSo) => tell(name, [...((await isSo()) ? [] : ["is not so"]), ...errors.splice(0)]);

  await visit(page, `${url}/`);
  await page.keyboard.press("Tab");
  await expect("the first Tab reaches the skip link", () => page.evaluate(() => document.activeElement?.getAttribute("href") === "#main"));
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("navigation", { name: "Menu principale" }).getByRole("link", { name: "Calendario" }).click();
  await page.locator("h1", { hasText: "Calendario" }).waitFor();
  await expect("a change of page focuses the h1 and sets the title", () =>
    page.evaluate(() => document.activeElement?.tagName === "H1" && document.title.startsWith("Calendario")),
  );
  await expect("the menu closes after a choice", async () => !(await page.locator("#menu-list").isVisible()));
  await page.goBack();
  await page.locator("h1", { hasText: "Chiedi il nulla osta" }).waitFor();
  await expect("back leads back", async () => page.url() === `${url}/`);

  await visit(page, `${url}/verifica-ricevuta`);
  await page.getByRole("button", { name: "Verifica" }).click();
  await expect("an empty check says what to do, at the field", () => page.evaluate(() => document.activeElement?.id === "ricevuta"));
  await page.getByLabel("Testo della ricevuta").fill(RECEIPT);
  await page.getByRole("button", { name: "Verifica" }).click();
  await page.getByRole("heading", { name: "Ricevuta autentica" }).waitFor();
  tell("an authentic receipt", await wrongWith(page, errors));
  await page.getByLabel("Testo della ricevuta").fill(RECEIPT.replace("00.120Z", "00.119Z"));
  await page.getByRole("button", { name: "Verifica" }).click();
  await page.getByRole("heading", { name: "Ricevuta alterata" }).waitFor();
  tell("an altered receipt", await wrongWith(page, errors));
  await visit(page, `${url}/stato`);
  await page.goto(`${url}/verifica-ricevuta#${encodeURIComponent(RECEIPT)}`);
  await page.getByRole("heading", { name: "Ricevuta autentica" }).waitFor();
  await expect("a receipt comes by the fragment of its QR code", async () => true);

  await visit(page, `${url}/aiuto`);
  await page.getByLabel("Cerca nelle risposte").fill("pec inad");
  await expect("help is searched", async () => (await page.locator("details").count()) === 1);
  await context.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
