// An employer: sign in, area, a new application, the code from the PEC, the list, delete, sign out.

import { journey, newApplication, PORTAL, signIn } from "./people.mjs";
import { employer } from "./population.mjs";

await journey("new application", async (me) => {
  const { page, hands, look, reached } = me;
  const who = employer();
  await signIn(me, who);
  await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
  await page.getByRole("heading", { name: "Servizi" }).waitFor();
  await look("area");
  const id = await newApplication(me, { look, company: who.company, pec: who.pec });
  reached("the form");

  await page.goto(`${PORTAL}/domande?stato=to-complete`);
  await page.locator(`a[href="/domande/${id}"]`).first().waitFor();
  await look("list");
  await hands.press(page.locator(`a[href="/domande/${id}"]`).first());
  await page.getByRole("heading", { name: "Che cosa è successo" }).waitFor();
  await look("application");
  await hands.press(page.getByRole("link", { name: /Elimina/ }));
  await hands.press(page.getByRole("button", { name: "Elimina per sempre" }));
  await page.locator("#main").getByText("La domanda è eliminata").waitFor();
  await look("deleted");

  await hands.press(page.getByRole("button", { name: "Esci" }));
  await page.getByRole("link", { name: "Accedi", exact: true }).waitFor();
  await page.goto(`${PORTAL}/domande/${id}`);
  await page.getByRole("link", { name: "Entra con SPID" }).waitFor();
}, { widths: ["390"] });
