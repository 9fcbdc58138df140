// What the privacy notice promises in the personal area: the file with all of one's data, and the closure of the account. By SPID
// with a draft, which goes; and with an account by e-mail, which opens nothing any more.

import { readFileSync } from "node:fs";
import { activationCode, journey, letters, PORTAL, signIn, toCode, until } from "./people.mjs";
import { employer } from "./population.mjs";

/** From the area to the file; gives what stands in it. */
async function exportsData({ page, hands, look }) {
  await hands.press(page.locator("main").getByRole("link", { name: "Esporta i miei dati" }));
  await page.getByRole("heading", { name: "Esporta i miei dati", level: 1 }).waitFor();
  const download = page.waitForEvent("download");
  await hands.press(page.getByRole("button", { name: "Esporta i miei dati" }));
  const file = readFileSync(await (await download).path(), "utf8");
  await page.getByText("Il file è tra i tuoi download").waitFor();
  await look("exported");
  return JSON.parse(file);
}

/** From the area to the end of the account. */
async function closesAccount({ page, context, hands, look }) {
  await page.goto(`${PORTAL}/area`);
  await hands.press(page.locator("main").getByRole("link", { name: "Chiudi l'utenza" }));
  await page.getByRole("heading", { name: "Che cosa si elimina" }).waitFor();
  await look("closing");
  const told = await page.locator("main").innerText();
  await hands.type(page.getByLabel("Scrivi CHIUDI"), "chiudi");
  await hands.press(page.getByRole("button", { name: "Chiudi l'utenza" }));
  await page.getByRole("heading", { name: "L'utenza è chiusa", level: 1 }).waitFor();
  await look("closed");
  const cookies = (await context.cookies(PORTAL)).map(({ name }) => name);
  if (cookies.length > 0) throw new Error(`cookies: ${cookies}`);
  return told;
}

/** The letter about it. */
const hearsOfIt = ({ context }, address) => until(`a letter to ${address}`, async () => (await letters(context, address)).some((text) => text.includes("La tua utenza è chiusa")), 60_000);

function expectIn(what, text, words) {
  for (const word of words) if (!text.includes(word)) throw new Error(`${what} does not have «${word}»`);
}

await journey("own data by SPID", async (me) => {
  const { page } = me;
  const who = employer();
  await signIn(me, who);
  const draft = await toCode(me, { company: who.company });
  const phone = await me.device("390");
  await signIn(phone, who);
  await phone.page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();

  await page.goto(`${PORTAL}/area`);
  const file = await exportsData(me);
  expectIn("the account in the file", JSON.stringify(file.account), [who.name, who.surname, who.code]);
  if (!file.applications.some(({ id }) => id === draft)) throw new Error("the draft is not in the file");
  expectIn("the page", await closesAccount(me), ["1 domanda non inviata", "Non hai domande inviate"]);
  await hearsOfIt(me, who.email);

  // The other device is signed out, too.
  await phone.page.goto(`${PORTAL}/area`);
  await phone.page.getByRole("link", { name: "Entra con SPID" }).waitFor();
  // Who comes back begins anew.
  await signIn(me, who);
  await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
  await page.locator("main [aria-busy]").first().waitFor({ state: "detached" });
  if ((await page.locator(`main a[href="/domande/${draft}"]`).count()) > 0) throw new Error("the draft is still there");
});

await journey("own data by e-mail", async (me) => {
  const { page, context, hands, look } = me;
  const who = employer();
  const password = "ombrello 7 lanterna";
  const field = (label) => page.getByLabel(label, { exact: true });
  const enter = async () => {
    await page.goto(`${PORTAL}/accesso?modo=email`);
    await hands.type(field("Indirizzo e-mail"), who.email);
    await hands.type(field("Password"), password);
    await hands.press(page.getByRole("button", { name: "Entra con e-mail e password" }));
  };

  await page.goto(`${PORTAL}/utenza/registrazione`);
  const [year, month, day] = who.born.split("-");
  for (const [label, text] of [["Nome", who.name], ["Cognome", who.surname], ["Giorno", day], ["Mese", month], ["Anno", year], ["Indirizzo e-mail", who.email], ["Ripeti l'indirizzo e-mail", who.email], ["Password", password], ["Ripeti la password", password]]) {
    await hands.type(field(label), text);
  }
  await hands.choose(page.getByLabel("Ho letto l'informativa"));
  await hands.press(page.getByRole("button", { name: "Invia la registrazione" }));
  await page.getByText("inviata con successo").first().waitFor({ timeout: 60_000 });
  const code = await activationCode(context, who.email);
  const [link] = (await letters(context, who.email)).flatMap((text) => text.match(/http\S+\/utenza\/attivazione#[\w-]+/g) ?? []);
  await page.goto(link);
  await hands.type(page.getByLabel("Codice di verifica"), code);
  await hands.press(page.getByRole("button", { name: "Attiva l'utenza" }));
  await page.getByText("L'utenza è attiva").first().waitFor();

  await enter();
  await page.getByRole("heading", { name: "Area personale", level: 1 }).waitFor();
  const file = await exportsData(me);
  expectIn("the account in the file", JSON.stringify(file.account), [who.name, who.surname, who.email, who.born]);
  await closesAccount(me);
  await hearsOfIt(me, who.email);
  await enter();
  await page.getByText("non sono corretti").first().waitFor();
  await look("a closed account");
}, { widths: ["390"] });
