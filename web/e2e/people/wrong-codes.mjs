// Scenario 4: five wrong codes, then a new one.

import { activationCode, giveCode, journey, signIn, toCode } from "./people.mjs";
import { employer } from "./population.mjs";

await journey("five wrong codes", async (me) => {
  const { page, hands, look, context } = me;
  const who = employer();
  await signIn(me, who);
  await toCode(me, { company: who.company });
  const right = await activationCode(context, who.pec);
  for (const left of ["4 tentativi", "3 tentativi", "2 tentativi", "un tentativo"]) {
    await giveCode(me, "AAAA-AAAA");
    await page.locator("#code-error", { hasText: left }).waitFor();
  }
  await look("a wrong code");
  await giveCode(me, "AAAA-AAAA");
  await page.getByText("I tentativi sono finiti").waitFor();
  await look("no attempt left");
  await hands.press(page.getByRole("button", { name: "Richiedi un nuovo codice" }));
  await page.getByLabel("Codice di attivazione").waitFor();
  const next = await activationCode(context, who.pec, [right]);
  await giveCode(me, right);
  await page.locator("#code-error", { hasText: "4 tentativi" }).waitFor();
  await giveCode(me, next);
  await page.locator(".task-list").waitFor();
});
