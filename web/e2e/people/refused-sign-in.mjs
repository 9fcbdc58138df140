// Scenarios 2 and 3: who cancels at the identity provider, and who comes back with level 1: a page in Italian each time, and the
// way to try again.

import { journey, signIn, toProvider } from "./people.mjs";

await journey("cancelled sign-in", async (me) => {
  const { page, hands, look } = me;
  await toProvider(me);
  await hands.press(page.getByRole("button", { name: "Annulla e torna al portale" }));
  await page.getByRole("heading", { name: "L'accesso non è riuscito", level: 1 }).waitFor();
  await page.getByText("Codice per l'Help Desk").waitFor();
  await look("cancelled");
  await hands.press(page.getByRole("link", { name: "Riprova ad accedere" }));
  await page.getByRole("link", { name: "Entra con SPID" }).waitFor();
});

await journey("level 1", async (me) => {
  const { page, look } = me;
  await signIn(me, "employer", "1");
  await page.getByRole("heading", { name: "L'accesso non è riuscito", level: 1 }).waitFor();
  await page.getByText("livello 2").first().waitFor();
  await look("level 1");
});
