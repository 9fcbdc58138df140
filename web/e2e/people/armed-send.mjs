// NEW-1: an employer books the sending of an application, cannot change it, undoes the booking, and books it again on a telephone.
// After the opening it goes by itself and has arrived at the opening, while an operator presses another by hand.

import { readFileSync } from "node:fs";
import { fieldSaved, journey, PORTAL, signIn, until } from "./people.mjs";
import { decree } from "./seed.mjs";

const MODEL = "c-stag-agricoltura";
/** Long enough for all that is done before the opening, on a busy machine. */
const OPENS_IN = "90s";
/** send-armed begins a minute after the opening and runs each minute; then it is written, and read. */
const SENT_WITHIN = 150_000;

const sleepUntil = (instant) => new Promise((done) => setTimeout(done, instant - Date.now()));

/** Asks the API as the page of this person does, without its console. */
async function ask({ context }, path, body) {
  const answer = await context.request.fetch(PORTAL + path, body ? { method: "POST", data: body, headers: { origin: PORTAL } } : {});
  return { status: answer.status(), data: await answer.json() };
}

const read = async (me, id) => (await ask(me, `/api/applications/${id}`)).data;

/** The ready applications of the decree that the person's list shows. */
async function ready({ page }, name) {
  const links = page.locator('main a[href^="/domande/app_"]');
  await until("the list shows the decree", async () => {
    await page.goto(`${PORTAL}/domande?stato=to-send&modello=${encodeURIComponent(`${name}/${MODEL}`)}`);
    return links.first().waitFor({ timeout: 15_000 }).then(() => true, () => false);
  });
  return new Set((await links.evaluateAll((all) => all.map((one) => one.getAttribute("href")))).map((href) => /app_[a-z0-9]+/.exec(href)[0]));
}

/** «09:00:00,123», as pages end an arrival. */
const timeOf = (instant) => new Date(instant).toLocaleTimeString("it-IT", { timeZone: "Europe/Rome", hour12: false, fractionalSecondDigits: 3, hour: "2-digit", minute: "2-digit", second: "2-digit" });

function held(what, holds, found) {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(found)}`);
}

await journey("armed send", async (me) => {
  const { page, hands, look, reached, device } = me;
  const phone = await device("390");
  const operator = await device();
  await signIn(me, "employer");
  await signIn(phone, "employer");
  await signIn(operator, "operator");
  reached("signed in");
  const name = await decree("--opens-in", OPENS_IN, "--order", "armed", "--drafts", "1");
  const opening = await until("the calendar has the decree", async () => {
    const { campaigns } = await (await fetch(`${PORTAL}/facts/calendar.json`)).json();
    return campaigns.find(({ campaign }) => campaign === name)?.models[0].submit[0].from;
  }, 60_000);
  const opensAt = Date.parse(opening);
  const sending = `${PORTAL}/invio/${name}/${MODEL}`;
  const [pressed] = await ready(operator, name);
  const [id, untouched] = [...(await ready(me, name))].filter((one) => one !== pressed);
  reached("made");

  // What booking means is read before it is done.
  await hands.press(page.locator(`main a[href="/domande/${id}"]`).first());
  await page.getByText("L'invio si può prenotare").waitFor();
  const form = await me.tab();
  await form.page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  const surname = form.page.locator("#worker_surname");
  await surname.waitFor();
  await page.bringToFront();
  await hands.press(page.locator("#main .btn-primary", { hasText: "Prenota invio" }));
  for (const words of ["partirà da sola all'apertura e risulterà arrivata in quell'istante", "prenotare prima o dopo non conta", "Puoi annullare fino all'apertura", "arriva dopo le domande prenotate"]) {
    await page.locator("main").getByText(words).waitFor();
  }
  await look("before booking");
  await hands.press(page.getByRole("button", { name: "Prenota l'invio di 1 domanda" }));
  await page.getByRole("group", { name: "1 domanda prenotata" }).waitFor();
  await look("booked");
  held("state", (await read(me, id)).state === "armed", await read(me, id));
  reached("booked");

  // The form that was open refuses, and so does the page that is opened now; both say what to do.
  await form.page.bringToFront();
  await form.hands.type(surname, "Singhania");
  await form.hands.leave(surname);
  await form.page.locator("main").getByText("Per modificarla, annulla prima la prenotazione.").first().waitFor();
  await form.look("not saved");
  await form.page.reload();
  await form.page.getByText("Per modificarle, annulla prima la prenotazione.").waitFor();
  held("typing", (await form.page.locator("#main form input:not([disabled])").count()) === 0, "fields");
  await form.look("nothing to change");
  await form.hands.press(form.page.getByRole("link", { name: "Annulla invio prenotato" }));
  await form.hands.press(form.page.getByRole("button", { name: "Annulla la prenotazione di 1 domanda" }));
  await form.page.getByRole("group", { name: "1 prenotazione annullata" }).waitFor();
  await form.look("undone");
  await form.page.goto(`${PORTAL}/domande/${id}/compila/worker`);
  const changed = fieldSaved(form.page, "worker_surname");
  await form.hands.type(surname, "Kaur");
  await form.hands.leave(surname);
  await changed;
  reached("undone and changed");

  await phone.page.goto(`${PORTAL}/domande/${id}`);
  await phone.page.getByText("L'invio si può prenotare").waitFor();
  await phone.look("application on the telephone");
  await phone.hands.press(phone.page.locator("#main .btn-primary", { hasText: "Prenota invio" }));
  await phone.hands.press(phone.page.getByRole("button", { name: "Prenota l'invio di 1 domanda" }));
  await phone.page.getByRole("group", { name: "1 domanda prenotata" }).waitFor();
  await phone.look("booked on the telephone");
  reached("booked again");

  // What is armed is in no list to press, and a press of it before the opening is refused.
  await page.bringToFront();
  await page.goto(sending);
  await page.getByText("1 domanda ha l'invio prenotato: parte da sola e non è in questo elenco.").waitFor();
  await page.locator("main").getByText(untouched).first().waitFor();
  held("listed", (await page.locator("main").getByText(id).count()) === 0, id);
  await look("page of sending");
  const press = () => ask(me, "/api/submissions/batch", { campaign: name, model: MODEL, applications: [id] });
  const early = await press();
  held("a press before the opening", early.status === 409 && early.data.type.endsWith("finestra-non-aperta"), early);
  await page.goto(`${PORTAL}/domande/${id}`);
  await page.getByText("Non devi fare altro. Per modificarla, annulla prima la prenotazione.").waitFor();
  await look("armed application");
  await operator.page.goto(sending);
  await operator.page.getByText("Totale domande da inviare").waitFor();
  held("in time", Date.now() < opensAt - 1000, { late: Date.now() - opensAt });
  reached("ready for the opening");

  await sleepUntil(opensAt - 1000);
  const before = await Promise.all([id, untouched, pressed].map((one) => read(me, one)));
  held("sent before the opening", before.map(({ state }) => state).join() === "armed,to-send,to-send" && before.every(({ receipt_code }) => !receipt_code), before.map(({ state }) => state));
  await sleepUntil(opensAt + 1000);
  await operator.page.bringToFront();
  await operator.hands.press(operator.page.getByRole("button", { name: "Invia domande" }));
  await operator.page.getByText("Arrivate 1 di 1").waitFor({ timeout: 30_000 });
  reached("the other is pressed");

  // The page that stayed open says it by itself; nothing of the armed one can be pressed or undone any more.
  await page.bringToFront();
  await page.getByText("La domanda risulta arrivata").waitFor();
  await look("under way");
  const late = await press();
  held("a press of what is armed", late.status === 200 && late.data.outcomes.map(({ outcome, receipt, problem }) => `${outcome} ${receipt ?? ""}${problem?.type.split("/").at(-1)}`).join() === "armed invio-prenotato", late);
  const undo = await ask(me, "/api/armed-sends/cancellations", { campaign: name, model: MODEL, applications: [id] });
  held("undone after the opening", undo.status === 409 && undo.data.type.endsWith("apertura-avvenuta"), undo);
  held("sent by the press", (await read(me, id)).state === "armed", await read(me, id));

  await until("the armed one is sent", async () => (await read(me, id)).receipt_code, SENT_WITHIN);
  reached("sent by itself");
  await page.reload();
  await page.getByText("Domanda inviata: la ricevuta è disponibile.").first().waitFor();
  await page.getByText("La posizione e il numero di protocollo non ci sono ancora").waitFor();
  await page.locator("main").getByText(`ore ${timeOf(opening)} (ora italiana)`).first().waitFor();
  await look("sent");
  await hands.press(page.locator(`#main a[href="/domande/${id}/ricevuta"]`).first());
  const download = page.waitForEvent("download");
  await hands.press(page.getByRole("button", { name: "Scarica ricevuta firmata", exact: true }));
  const file = readFileSync(await (await download).path());
  const { receipt } = JSON.parse(file);
  held("arrival", receipt.application === id && Date.parse(receipt.arrival) === opensAt, { receipt, opening });
  await hands.press(page.getByRole("link", { name: "Verifica una ricevuta" }));
  await hands.give(page.locator("input[type=file]"), { name: "ricevuta.json", mimeType: "application/json", buffer: file });
  await page.getByText("Ricevuta autentica").first().waitFor();
  await page.locator("main").getByText(`ore ${timeOf(opening)} (ora italiana)`).waitFor();
  await look("verified");
  reached("verified");

  const [other, left] = [await read(operator, pressed), await read(me, untouched)];
  held("the pressed one arrived later", Date.parse(other.arrival) > opensAt, other.arrival);
  held("nobody sent the third", left.state === "to-send" && !left.receipt_code, left.state);
}, { widths: ["1280"] });
