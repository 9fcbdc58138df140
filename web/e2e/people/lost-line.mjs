// Scenario 8: a reload, a crash and a lost line in the middle of a word; each letter is in its field, or with the portal.

import { journey, newApplication, openSection, PORTAL, signIn, until } from "./people.mjs";
import { employer } from "./population.mjs";

await journey("reload, crash, offline", async (me) => {
  const { page, hands, look, context } = me;
  const who = employer();
  await signIn(me, who);
  const id = await newApplication(me, { company: who.company, pec: who.pec });
  await openSection(me, "Lavoratore");
  const stands = (tab, text) => until(`«${text}» stands in the field`, async () => (await tab.locator("#worker_surname").inputValue().catch(() => "")) === text);

  await hands.type(page.locator("#worker_surname"), "Sin");
  await page.reload();
  await stands(page, "Sin");

  await context.setOffline(true);
  await hands.type(page.locator("#worker_surname"), "Singh Kau");
  await page.getByText("Sei senza connessione").first().waitFor();
  await page.getByText("Non salvato").first().waitFor();
  await look("offline");
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => undefined);
  await crashed;
  await page.close();
  await context.setOffline(false);
  const again = await me.tab();
  await again.page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  await stands(again.page, "Singh Kau");
  await again.page.getByText("Salvato alle").waitFor();

  await context.setOffline(true);
  await again.hands.type(again.page.locator("#worker_surname"), "Singh Kaur");
  await again.page.getByText("Non salvato").first().waitFor();
  await context.setOffline(false);
  await again.page.getByText("Salvato alle").waitFor();
  const elsewhere = await me.device();
  await signIn(elsewhere, who);
  await elsewhere.page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  await stands(elsewhere.page, "Singh Kaur");
}, { widths: ["390"] });
