// Scenarios 17 and 18: an operator with 900 drafts, 300 of them ready, of which an employer blocks one («Non sono stato io»): the
// radar counts the others and names the blocked one, one press sends the others and no more, and the list stays quick.

import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

const MODEL = "c-stag-agricoltura";

/** The longest interaction while something is done, in milliseconds, as Chromium counts it for INP. */
async function longest(page, act) {
  await page.evaluate(() => {
    globalThis.slow = [];
    globalThis.watcher = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.interactionId) globalThis.slow.push(entry.duration);
    });
    globalThis.watcher.observe({ type: "event", durationThreshold: 16 });
  });
  await act();
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(Math.max(0, ...globalThis.slow)), 0))));
}

await journey("900 drafts", async (me) => {
  const { page, hands, look, reached, device } = me;
  const name = await decree("--drafts", "900");
  reached("made");
  await signIn(me, "operator");
  const model = encodeURIComponent(`${name}/${MODEL}`);
  await until("the list shows the decree", async () => {
    await page.goto(`${PORTAL}/domande?stato=to-send&modello=${model}`);
    return page.locator("main tbody tr, main .data-table li").first().waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  await look("list");
  const chosen = await longest(page, () => hands.press(page.getByLabel("Scegli tutte le domande di questa pagina")));
  await hands.press(page.getByRole("link", { name: "Salta l'elenco" }));
  const next = await longest(page, () => hands.press(page.getByRole("link", { name: "Pagina successiva" })));
  reached(`list, interactions of ${Math.round(chosen)} and ${Math.round(next)} ms`);
  const one = page.locator('main a[href^="/domande/app_"]').first();
  await one.waitFor();
  const id = /app_[a-z0-9]+/.exec(await one.getAttribute("href"))[0];

  const employer = await device();
  await signIn(employer, "employer");
  await employer.page.goto(`${PORTAL}/domande/${id}/blocco`);
  await employer.hands.press(employer.page.getByRole("button", { name: "Blocca la domanda" }));
  await employer.page.getByText("è avvisato").first().waitFor();
  reached("blocked");

  await page.goto(`${PORTAL}/domande/pronte`);
  const toSending = page.locator(`main a[href*="/invio/${name}/"]`).first();
  await toSending.waitFor({ timeout: 60_000 });
  await page.locator("main").getByText("299 pronte su 900").waitFor();
  reached("radar");
  await look("radar");
  // With a mouse: by keyboard the rows of what is not ready would be skipped list by list.
  await toSending.click();
  await page.getByText("Totale domande da inviare: 299").waitFor({ timeout: 60_000 });
  await hands.press(page.getByRole("button", { name: "Invia domande" }));
  await page.getByText("Arrivate 299 di 299").waitFor({ timeout: 120_000 });
  reached("sent");
  await look("sent");
  await page.goto(`${PORTAL}/domande/${id}`);
  await page.getByText("La domanda è bloccata").waitFor();
  if ((await page.locator("main", { hasText: "Codice ricevuta" }).count()) > 0) throw new Error("the blocked one was sent");
}, { widths: ["1280"] });
