// Scenario 28: the phone sleeps while the sending opens. What was pressed before leaves as soon as it wakes.

import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

await journey("asleep at the opening", async (me) => {
  const { page, context, hands, look, reached } = me;
  await signIn(me, "employer");
  const name = await decree("--opens-in", "75s");
  const hasOpened = Date.now() + 75_000;
  let posts = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/submissions/batch")) posts += 1;
  });
  const press = page.getByRole("button", { name: "Invia domande" });
  await until("the calendar shows the decree", async () => {
    await page.goto(`${PORTAL}/invio/${name}/c-stag-agricoltura`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page.getByText("click day odierno: 3").waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  await hands.press(press);
  await page.getByText("tieni aperta questa pagina").waitFor();
  const cdp = await context.newCDPSession(page);
  // Nothing of the page runs, as on a phone in a pocket.
  await cdp.send("Debugger.enable");
  await cdp.send("Debugger.pause");
  await pause(hasOpened - Date.now() + 3_000);
  if (posts > 0) throw new Error(`${posts} requests while asleep`);
  await cdp.send("Debugger.resume");
  await cdp.send("Debugger.disable");
  const wokenAt = Date.now();
  await page.getByText("Arrivate 3 di 3").waitFor({ timeout: 30_000 });
  reached(`sent ${((Date.now() - wokenAt) / 1000).toFixed(1)} s after waking,`);
  await look("sent");
}, { widths: ["390"] });
