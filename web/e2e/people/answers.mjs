// Scenarios 11 and 12: one bad value among good ones, and a registry's value that is wrong.

import { fieldSaved, journey, newApplication, openSection, PORTAL, signIn } from "./people.mjs";
import { employer } from "./population.mjs";

await journey("a bad value, a correction", async (me) => {
  const { page, hands, look } = me;
  const who = employer();
  await signIn(me, who);
  const id = await newApplication(me, { company: who.company, pec: who.pec });
  await openSection(me, "Luogo di lavoro");
  await hands.type(page.locator("#workplace_street"), "Contrada Incoronata");
  await hands.type(page.locator("#workplace_postal_code"), "7112");
  const all = fieldSaved(page, "workplace_municipality");
  await hands.type(page.locator("#workplace_municipality"), "Foggia");
  await hands.leave(page.locator("#workplace_municipality"));
  await all;
  await page.locator("#workplace_postal_code-error").waitFor();
  await look("a bad value");
  const elsewhere = await me.device();
  await signIn(elsewhere, who);
  await elsewhere.page.goto(`${PORTAL}/domande/${id}/compila/workplace`);
  const value = (tab, key) => tab.locator(`#workplace_${key}`).inputValue();
  await elsewhere.page.locator("#workplace_street").waitFor();
  const saved = [await value(elsewhere.page, "street"), await value(elsewhere.page, "municipality"), await value(elsewhere.page, "postal_code")].join("/");
  if (saved !== "Contrada Incoronata/Foggia/") throw new Error(`saved: ${saved}`);
  if ((await value(page, "postal_code")) !== "7112") throw new Error("what was typed is gone");

  await hands.press(page.locator("main form").getByRole("link", { name: /sezioni/ }));
  await openSection(me, "Azienda");
  await hands.press(page.getByRole("button", { name: "Richiedi correzione Partita IVA" }));
  await hands.type(page.getByLabel("Che cosa è sbagliato"), "La partita IVA è cambiata a ottobre.");
  await look("what is wrong");
  await hands.press(page.getByRole("button", { name: "Invia la richiesta" }));
  await page.locator("#employer_vat_number").getByText(/richiesta/i).first().waitFor();
  await look("asked");
}, { widths: ["390"] });
