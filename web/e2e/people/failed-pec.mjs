// Scenario 20, the employer's side: the elected mailbox is full, and the employer is told what did not arrive and what to do.

import { send } from "./form.mjs";
import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

await journey("a PEC that fails", async (me) => {
  const { page, hands, look, reached } = me;
  const name = await decree("--full-mailboxes", "1");
  await signIn(me, "employer");
  await page.goto(`${PORTAL}/domande?stato=to-send&modello=${encodeURIComponent(`${name}/c-stag-agricoltura`)}`);
  const one = page.locator('main a[href^="/domande/app_"]').first();
  await one.waitFor();
  const id = /app_[a-z0-9]+/.exec(await one.getAttribute("href"))[0];
  await page.goto(`${PORTAL}/domande/${id}`);
  await send(me, id);
  reached("sent");
  await until("the failure is told", async () => {
    await page.goto(`${PORTAL}/domande/${id}/comunicazioni`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page.getByText("La comunicazione non è arrivata").first().waitFor({ timeout: 15_000 }).then(() => true, () => false);
  }, 120_000);
  await page.getByText(/casella .*piena/i).first().waitFor();
  await look("failed");
  await hands.press(page.getByRole("link", { name: "Domanda", exact: true }));
  await page.getByText("Comunicazione:").first().waitFor();
  await look("timeline");
  reached("told");
}, { widths: ["390"] });
