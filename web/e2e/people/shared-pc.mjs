// Scenario 26: a computer that others use, too. After «Esci» nothing of the one before is left, not even behind «Indietro».

import { journey, newApplication, openSection, PORTAL, signIn } from "./people.mjs";
import { employer } from "./population.mjs";

/** All that a browser keeps for the portal. */
const kept = (page) => page.evaluate(async () => ({
  local: { ...localStorage },
  session: { ...sessionStorage },
  databases: (await indexedDB.databases()).map(({ name }) => name),
  caches: await caches.keys(),
}));

await journey("shared computer", async (me) => {
  const { page, hands, context, look } = me;
  const who = employer();
  await signIn(me, who);
  const id = await newApplication(me, { company: who.company, pec: who.pec });
  await openSection(me, "Lavoratore");
  await context.setOffline(true);
  await hands.type(page.locator("#worker_surname"), "Segretissimo");
  await page.getByText("Non salvato").first().waitFor();
  await context.setOffline(false);
  await page.getByText("Salvato alle").waitFor();
  await hands.press(page.getByRole("button", { name: "Esci" }));
  await page.getByRole("link", { name: "Accedi", exact: true }).waitFor();
  const left = await kept(page);
  if (JSON.stringify(left) !== JSON.stringify({ local: {}, session: {}, databases: [], caches: [] })) throw new Error(`left behind: ${JSON.stringify(left)}`);
  const cookies = (await context.cookies(PORTAL)).map(({ name }) => name);
  if (cookies.length > 0) throw new Error(`cookies: ${cookies}`);

  await page.goBack();
  await page.getByRole("link", { name: "Entra con SPID" }).waitFor();
  const shown = await page.locator("body").innerText();
  for (const word of ["Segretissimo", who.surname, who.company]) if (shown.includes(word)) throw new Error(`«${word}» is still shown`);
  await look("back after «Esci»");

  const next = employer();
  await signIn(me, next);
  await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
  await page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  await page.getByText("Non abbiamo trovato ciò che cerchi").first().waitFor();
  await look("another person's application");
  await hands.press(page.getByRole("navigation", { name: "Percorso di navigazione" }).getByRole("link", { name: "Riepilogo domande" }));
  await page.getByRole("link", { name: "Compila domande" }).first().waitFor();
}, { widths: ["1280"] });
