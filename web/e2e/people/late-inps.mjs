// Scenario 7: INPS answers late. Its values arrive by themselves, and the application is ready without a press.

import { answerAll, becomesReady } from "./form.mjs";
import { journey, newApplication, openSection, signIn } from "./people.mjs";
import { employer } from "./population.mjs";

const MODEL = "c-stag-agricoltura";

await journey("INPS is late", async (me) => {
  const { page, hands, look, reached } = me;
  const who = employer({ behaviour: "late", scope: "factsLater" });
  await signIn(me, who);
  await newApplication(me, { model: MODEL, company: who.company, pec: who.pec });
  await openSection(me, "Azienda");
  const number = page.locator("#employer_inps_number");
  await number.getByText("Arriva dall'INPS").waitFor();
  await look("awaited");
  await hands.press(page.locator("main form").getByRole("link", { name: "Tutte le sezioni" }));
  await page.getByText("Attendiamo: INPS").first().waitFor();
  await answerAll(me, MODEL);
  reached("all answered");
  await becomesReady(me);
  reached("ready");
  await page.locator("main", { hasText: /Matricola INPS\s*\d{10}/ }).waitFor();
}, { widths: ["390"] });
