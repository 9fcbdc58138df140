// Scenario 10: the same application in two tabs. Where both wrote, one is asked; all the rest is saved.

import { fieldSaved, journey, newApplication, openSection, PORTAL, signIn } from "./people.mjs";
import { employer } from "./population.mjs";

await journey("two tabs", async (me) => {
  const { page, hands } = me;
  const who = employer();
  await signIn(me, who);
  const id = await newApplication(me, { company: who.company, pec: who.pec });
  await openSection(me, "Lavoratore");
  const other = await me.tab();
  await other.page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  await other.page.locator("main form").waitFor();

  const first = fieldSaved(page, "worker_surname");
  await hands.type(page.locator("#worker_surname"), "Singh");
  await hands.leave(page.locator("#worker_surname"));
  await first;
  await other.page.bringToFront();
  await other.hands.type(other.page.locator("#worker_surname"), "Sing");
  await other.hands.type(other.page.locator("#worker_name"), "Gurpreet");
  await other.hands.leave(other.page.locator("#worker_name"));
  await other.page.getByText("Una risposta da scegliere").waitFor();
  await other.look("a conflict is told");
  await other.hands.press(other.page.getByRole("link", { name: "Scegli quale tenere" }));
  await other.page.getByRole("heading", { name: "Scegli quale risposta tenere" }).waitFor();
  await other.page.getByText("L'altra l'hai salvata tu, in un'altra scheda").waitFor();
  await other.look("the choice");
  await other.hands.press(other.page.getByRole("button", { name: "Tieni la risposta scelta" }));
  await other.page.locator(".error-summary").waitFor();
  await other.hands.choose(other.page.getByLabel("L'altra: SINGH"));
  await other.hands.press(other.page.getByRole("button", { name: "Tieni la risposta scelta" }));
  await other.page.locator(".task-list").waitFor();

  await page.bringToFront();
  await page.reload();
  await page.locator("#worker_surname").waitFor();
  const kept = [await page.locator("#worker_surname").inputValue(), await page.locator("#worker_name").inputValue()].join(" ").toUpperCase();
  if (kept !== "SINGH GURPREET") throw new Error(`saved: ${kept}`);
});
