// Scenario 13: three applications are pressed in two tabs 20 seconds before the opening, and each has one receipt. What is heard
// in the first tab is the stored text.

import { listening } from "./heard.mjs";
import { journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

const codes = async ({ page }) => [...new Set((await page.locator("main").innerText()).match(/\b[A-Z]{2,4}(-[0-9A-Z]{4}){2,}(-[0-9A-Z]{2})?\b/g) ?? [])].sort();

await journey("press at T−20 s", async (me) => {
  const { page, hands, look, reached } = me;
  await signIn(me, "employer");
  const name = await decree("--opens-in", "75s");
  const heard = await listening(me, { decree: name }, "click-day");
  const here = `${PORTAL}/invio/${name}/c-stag-agricoltura`;
  await until("the calendar shows the decree", async () => {
    await page.goto(here);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page.getByText("click day odierno: 3").waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  const press = page.getByRole("button", { name: "Invia domande" });
  await press.waitFor({ timeout: 60_000 });
  await look("the last minute");
  await heard("the last minute");
  const other = await me.tab();
  await other.page.goto(here);
  const otherPress = other.page.getByRole("button", { name: "Invia domande" });
  await otherPress.waitFor();
  await page.bringToFront();
  await until("20 seconds are left", async () => {
    const left = /^00:00:(\d\d)$/.exec((await page.getByRole("timer").last().innerText()).trim())?.[1];
    return left !== undefined && Number(left) <= 20;
  }, 60_000);
  await hands.press(press);
  await page.getByText("tieni aperta questa pagina").waitFor();
  await look("held");
  await heard("held");
  await other.hands.press(otherPress);
  await other.page.getByText("tieni aperta questa pagina").waitFor();
  reached("held");
  await page.getByText("Arrivate 3 di 3").waitFor({ timeout: 60_000 });
  await other.page.getByText("Arrivate 3 di 3").waitFor({ timeout: 30_000 });
  reached("sent");
  await page.bringToFront();
  // A page in the background is late with its clock.
  await page.getByText("L'invio è aperto fino a").first().waitFor();
  await look("sent");
  await heard("sent");
  const [mine, others] = [await codes(me), await codes(other)];
  if (mine.length !== 3 || mine.join() !== others.join()) throw new Error(`receipts ${mine} and ${others}`);
  await page.goto(`${PORTAL}/domande/inviate`);
  for (const code of mine) await page.getByText(code).first().waitFor();
  await heard("end");
}, { widths: ["1280"] });
