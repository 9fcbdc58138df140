// Scenarios 14 to 16: drafts that an operator filed are counted for the employer, and as many are sent; the portal answers 503,
// then keeps the arrival while its store takes nothing, then the line is cut after it has stored them: one receipt each, with
// the arrival that was kept.

import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

/** So many tries the function makes before it gives up. */
const TRIES = 4;

/** Lets the store refuse the next writes of an application, as it does when too many come at once. */
async function storeRefuses(id) {
  const order = { operation: "UpdateItem", contains: id, times: TRIES, fault: "throttle" };
  const answer = await fetch(`${process.env.STORE_PROXY_URL}/_faults`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(order) });
  if (!answer.ok) throw new Error(`the store's proxy refused the order: ${await answer.text()}`);
}

await journey("503, a kept arrival, a cut line", async (me) => {
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
  let kept = null;
  let stored = null;
  await page.route("**/api/submissions/batch", async (route) => {
    asked += 1;
    if (asked === 1) {
      return route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify({ type: "/problemi/servizio-non-disponibile", title: "Servizio non disponibile", status: 503, detail: "L'archivio non ha risposto.", request_id: "prova" }) });
    }
    if (asked === 2) {
      // The portal itself gives the tickets: its store takes no application for as long as the function tries.
      for (const id of route.request().postDataJSON().applications) await storeRefuses(id);
      const answer = await route.fetch();
      kept = await answer.json();
      return route.fulfill({ response: answer });
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
  await page.getByText(/Il tuo orario di arrivo .* è conservato/).first().waitFor();
  await page.getByText("Arrivate 2 di 2").waitFor({ timeout: 60_000 });
  reached("sent");
  const tickets = kept.outcomes.filter(({ outcome, arrival_ticket: ticket }) => outcome === "unavailable" && typeof ticket === "string");
  if (tickets.length !== 2) throw new Error(`no tickets: ${JSON.stringify(kept)}`);
  const receipts = stored.outcomes.map(({ receipt }) => JSON.parse(receipt).receipt);
  const late = receipts.filter(({ arrival }) => Date.parse(arrival) !== Date.parse(kept.arrival));
  if (late.length > 0) throw new Error(`arrived ${kept.arrival}, receipts of ${late.map(({ arrival }) => arrival)}`);
  const codes = receipts.map(({ code }) => code);
  const text = await page.locator("main").innerText();
  if (codes.length !== 2 || !codes.every((code) => text.includes(code))) throw new Error(`receipts ${codes}, shown: ${text}`);
});
