// Scenario 5: a family that hires for its own home by A-BIS is asked nothing about a company.

import { questions } from "./form.mjs";
import { activationCode, giveCode, journey, openSection, signIn, toCode } from "./people.mjs";
import { family } from "./population.mjs";

await journey("a family", async (me) => {
  const { page, hands, look, context } = me;
  const who = family();
  await signIn(me, who);
  await toCode(me, {
    model: "a-bis",
    look: async (where) => {
      if (where !== "checks" && where !== "summary") return;
      const asked = await page.locator("main form, main .summary-list").last().innerText();
      if (/impres[ae]|società/i.test(asked.replaceAll("Una società, un ente, un'associazione.", ""))) throw new Error(`asked at the ${where}: ${asked}`);
      await look(where);
    },
  });
  await giveCode(me, await activationCode(context, who.pec));
  await page.locator(".task-list").waitFor();
  const ofCompanies = questions("a-bis").filter(({ key }) => key === "in_business_register" || /^employer_(vat|legal_form|ateco|chamber|inps)/.test(key));
  for (const title of ["Verifiche preliminari", "Datore di lavoro", "Nucleo familiare e reddito"]) {
    await openSection(me, title);
    await page.locator("main form .field").first().waitFor();
    for (const { key, label } of ofCompanies) {
      if ((await page.locator(`[id="${key}"]`).count()) > 0) throw new Error(`a family is asked for «${label}»`);
    }
    await look(title);
    await hands.press(page.locator("main form").getByRole("link", { name: "Tutte le sezioni" }));
  }
});
