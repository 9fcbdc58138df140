// Scenario 19: on the day after the last one, who wants to start an application reads why it cannot be and since when.

import { journey, PORTAL, signIn, until } from "./people.mjs";
import { employer } from "./population.mjs";
import { decree } from "./seed.mjs";

/** As the page writes an hour ago. */
const DATE = /(lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica) \d{1,2}º? [a-z]+ \d{4}, ore \d\d:\d\d/;

await journey("a day too late", async (me) => {
  const { page, hands, look } = me;
  const name = await decree("--start-ended", "1h");
  await signIn(me, employer());
  const closed = page.locator("main li", { hasText: "Prova del click day" }).filter({ hasText: "il periodo per iniziare è finito" }).first();
  await until("the calendar shows the decree", async () => {
    await page.goto(`${PORTAL}/area`);
    await hands.press(page.getByRole("link", { name: /Compila/ }).first());
    await page.getByRole("heading", { name: "Quale domanda vuoi fare?" }).waitFor();
    return closed.waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  const told = await closed.innerText();
  if (!DATE.test(told)) throw new Error(`no date: ${told}`);
  if ((await page.locator(`input[type=radio][value^="${name}/"]`).count()) > 0) throw new Error("what is over can be chosen");
  await look("told");
}, { widths: ["390"] });
