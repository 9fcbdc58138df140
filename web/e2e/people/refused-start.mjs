// Scenario 6: who does not represent the company, who has no PEC, and a registry that is down.

import { activationCode, giveCode, journey, PORTAL, signIn, toSummary } from "./people.mjs";
import { employer } from "./population.mjs";

const press = ({ page, hands }) => hands.press(page.getByRole("button", { name: "Verifica utenza e invia PEC" }));

await journey("not representative", async (me) => {
  const { page, hands, look } = me;
  const who = employer();
  const other = employer();
  await signIn(me, who);
  await toSummary(me, { company: other.company });
  await press(me);
  await page.getByText("Rappresentanza non confermata").first().waitFor();
  await look("not representative");
  await hands.press(page.getByRole("link", { name: "Torna indietro" }));
  const company = page.getByLabel("Codice fiscale dell'impresa");
  if ((await company.inputValue()) !== other.company) throw new Error("what was typed is lost");
  await hands.type(company, who.company);
  await hands.press(page.getByRole("button", { name: "Continua" }));
  await press(me);
  await page.getByRole("heading", { name: "La domanda è iniziata" }).waitFor();
});

await journey("no PEC", async (me) => {
  const { page, look } = me;
  const who = employer({ behaviour: "noAddress", scope: "address" });
  await signIn(me, who);
  await toSummary(me, { company: who.company });
  await press(me);
  await page.getByText(/[Dd]omicilio digitale/).first().waitFor();
  await page.locator("main", { hasText: "INI-PEC" }).waitFor();
  await look("no PEC");
}, { widths: ["390"] });

await journey("registry down", async (me) => {
  const { page, hands, look, context } = me;
  const who = employer({ behaviour: "downTwice", scope: "representation" });
  await signIn(me, who);
  await toSummary(me, { company: who.company });
  await press(me);
  await page.getByRole("heading", { name: "La verifica è in coda" }).waitFor();
  await look("queued");
  await hands.press(page.getByRole("link", { name: "Vai al riepilogo domande" }));
  await page.locator("main").getByText("Da validare").first().waitFor();
  // The registry answers later, and the PEC leaves by itself.
  const code = await activationCode(context, who.pec);
  await page.goto(`${PORTAL}/domande`);
  await hands.press(page.locator("main").getByRole("link", { name: /[Cc]odice/ }).first());
  await giveCode(me, code);
  await page.locator(".task-list").waitFor();
}, { widths: ["390"] });
