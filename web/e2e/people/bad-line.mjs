// Scenarios 14 to 16: drafts that an operator filed are counted for the employer, and as many are sent; the portal answers 503
// twice, then the line is cut after it has stored them: one receipt each.

import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

await journey("503 twice, then a cut line", async (me) => {
  const { page, hands, look, reached } = me;
  const name = await decree("--drafts", "6");
  await signIn(me, "employer");
  const toSending = page.locator(`main a[href*="/invio/${name}/"]`).first();
  await until("the decree is in the radar", async () => {
    await page.goto(`${PORTAL}/domande/pronte`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return toSending.waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  await look("ready");
  await hands.press(toSending);
  await page.getByText("Totale domande da inviare: 2").waitFor();
  let asked = 0;
  let stored = null;
  await page.route("**/api/submissions/batch", async (route) => {
    asked += 1;
    if (asked <= 2) {
      return route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ type: "/problemi/servizio-non-disponibile", title: "Servizio non disponibile", status: 503, detail: "L'archivio non ha risposto.", request_id: "prova" }) });
    }
    if (asked === 3) {
      stored = await (await route.fetch()).json();
      return route.abort("connectionreset");
    }
    return route.continue();
  });
  await hands.press(page.getByRole("button", { name: "Invia domande" }));
  await page.getByText("Stiamo riprovando").first().waitFor();
  await look("tried again");
  await page.getByText("Arrivate 2 di 2").waitFor({ timeout: 60_000 });
  reached("sent");
  const first = stored.outcomes.map(({ receipt }) => JSON.parse(receipt).receipt.code).sort();
  const text = await page.locator("main").innerText();
  if (first.length !== 2 || !first.every((code) => text.includes(code))) throw new Error(`receipts ${first}, shown: ${text}`);
  await page.goto(`${PORTAL}/domande/pronte`);
  await page.getByRole("heading", { level: 1 }).waitFor();
});
