// Scenarios 9 and 27: the session ends in the middle of a section, and who enters again stands in the same field with the same
// text, in the same tab or in the one that the provider's app opened.

import { atProvider, fieldSaved, journey, newApplication, openSection, signIn, until } from "./people.mjs";
import { employer } from "./population.mjs";

/** Up to the question «La sessione è finita», with half an answer in a field; gives its id. */
async function endsWhileTyping(me, who) {
  const { page, hands, context, look } = me;
  await signIn(me, who);
  await newApplication(me, { company: who.company, pec: who.pec });
  await openSection(me, "Lavoratore");
  const first = fieldSaved(page, "worker_surname");
  await hands.type(page.locator("#worker_surname"), "Singh");
  await hands.leave(page.locator("#worker_surname"));
  await first;
  // As when the two hours without a touch are over, or somebody ended the session on another device.
  await context.clearCookies();
  await hands.type(page.locator("#worker_birth_place"), "Jalandh");
  await page.getByRole("dialog", { name: "La sessione è finita. I dati sono al sicuro." }).waitFor();
  await look("session over");
  await hands.press(page.getByRole("link", { name: "Entra di nuovo" }));
  await page.getByText("Dopo l'accesso torni alla pagina in cui eri.").waitFor();
}

async function isBack({ page, hands }) {
  const field = page.locator("#worker_birth_place");
  await until("the same field has the focus", () => field.evaluate((element) => element === document.activeElement).catch(() => false));
  if ((await field.inputValue()) !== "Jalandh") throw new Error(`«${await field.inputValue()}» stands in the field`);
  if ((await page.locator("#worker_surname").inputValue()) !== "Singh") throw new Error("the surname is lost");
  if (new URL(page.url()).search !== "") throw new Error(`the address keeps ${new URL(page.url()).search}`);
  const again = fieldSaved(page, "worker_birth_place");
  await hands.type(field, "Jalandhar");
  await hands.leave(field);
  await again;
}

await journey("session ends", async (me) => {
  const who = employer();
  await endsWhileTyping(me, who);
  await me.hands.press(me.page.getByRole("link", { name: "Entra con SPID" }));
  await atProvider(me, who);
  await isBack(me);
});

await journey("sign-in comes back in another tab", async (me) => {
  const { page, hands } = me;
  const who = employer();
  await endsWhileTyping(me, who);
  await hands.press(page.getByRole("link", { name: "Entra con SPID" }));
  await page.waitForURL("**/identity/**");
  const app = await me.tab();
  await app.page.goto(page.url());
  await page.close();
  await atProvider(app, who);
  await isBack(app);
}, { widths: ["390"] });
