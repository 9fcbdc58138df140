// The pages of «Compila» in a browser, against a portal with one draft: saving by itself, a reload in the middle of a word, a
// bad value, two people, a lost line; axe and house rules in each state. `SHOTS` names a folder for pictures, `ONLY` parts:
// `pages,moments,behaviour,armed,documents,models`.

import { fileURLToPath } from "node:url";
import { serve } from "../tools/serve.mjs";
import { openPage, startBrowser, VIEWPORTS, visit } from "./browser.mjs";
import { axe, house, sideways } from "./checks.mjs";
import { startDraftServer } from "./draft-server.mjs";

const LIST = "/domande/app_1/compila";
/** The parts named in ONLY, or all. */
const isWanted = (part) => process.env.ONLY === undefined || process.env.ONLY.split(",").includes(part);
let passed = 0;
const failures = [];

function tell(name, wrong) {
  if (wrong.length === 0) passed += 1;
  else failures.push(`✘ ${name}\n    ${wrong.join("\n    ")}`);
  if (process.env.TELL) console.log(wrong.length === 0 ? "✔" : "✘", name, wrong.join(" / ").slice(0, 300));
}

async function eventually(what, holds) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await holds()) return [];
    await new Promise((done) => setTimeout(done, 100));
  }
  return [what];
}

async function looks(page, errors, name, { isWhole = true } = {}) {
  const wrong = [...(await axe(page)), ...(await sideways(page)), ...(await house(page)), ...errors.splice(0)];
  tell(`${name} looks right`, wrong);
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name.replace(/\W+/g, "-")}.png`, fullPage: isWhole });
}

async function lookAtEach(browser, url, portal, viewport) {
  const { context, page, errors } = await openPage(browser, viewport);
  await visit(page, url + LIST);
  await page.locator(".task-list").waitFor();
  await looks(page, errors, `sections ${viewport.name}`);
  for (const { key } of portal.model.schema.sections) {
    await visit(page, `${url}${LIST}/${key}`);
    await page.locator("form").waitFor();
    await looks(page, errors, `${key} ${viewport.name}`);
  }
  await visit(page, `${url}${LIST}/worker`);
  await page.getByRole("button", { name: "Salva e continua" }).click();
  await page.locator(".error-summary").waitFor();
  tell("the summary of errors has the focus", await eventually("no focus", () => page.locator(".error-summary").evaluate((box) => box === document.activeElement)));
  await looks(page, errors, `worker with errors ${viewport.name}`);
  await visit(page, `${url}${LIST}/controlla`);
  await page.locator(".summary-list").first().waitFor();
  await looks(page, errors, `review ${viewport.name}`);
  await context.close();
}

/** What happens while somebody fills in, each at one width and with a draft of its own. */
async function lookAtMoments(browser, viewport) {
  const portal = await startDraftServer();
  const site = await serve({ facts: fileURLToPath(new URL("facts", import.meta.url)), portal: portal.url });
  const { context, page, errors } = await openPage(browser, viewport);
  const open = async (end = "") => {
    await visit(page, `${site.url}${LIST}${end}`);
    await page.locator("main h2, main form, .field-read, .task-list").first().waitFor();
  };
  const says = (text) => page.locator("main").getByText(text).first().waitFor();
  const moment = (name) => looks(page, errors, `${name} ${viewport.name}`);
  const surname = page.locator("#worker_surname");
  const name = page.locator("#worker_name");

  await open("/worker");
  await surname.fill("CANARINO");
  await name.focus();
  await says("Salvato alle");
  await moment("saved");
  portal.isDown = true;
  await surname.fill("CANARINI");
  await name.focus();
  await says("Non salvato");
  await moment("not saved");
  portal.isDown = false;
  await says("Salvato alle");
  portal.over = "untold";
  await surname.fill("CANARINO");
  await name.focus();
  await says("Non salvato");
  await moment("not saved, the time is over");
  portal.over = null;
  await page.getByRole("button", { name: "Riprova" }).click();
  await says("Salvato alle");
  const stands = await page.evaluate(() => document.activeElement !== document.body);
  tell(`what has stopped is saved by «Riprova», which keeps the place ${viewport.name}`, stands && portal.values.worker_surname?.value === "CANARINO" ? [] : [String(stands)]);

  await open("/worker");
  portal.values.worker_name = { value: "GIULIETTA", source: "person", at: "2026-11-28T12:30:00+01:00" };
  portal.conflicts = { worker_name: "GIULIETTA" };
  await name.fill("GIUSEPPINA");
  await surname.focus();
  await says("Una risposta da scegliere");
  await moment("a conflict is told");
  await page.getByRole("link", { name: "Scegli quale tenere" }).click();
  await page.locator("fieldset#worker_name").waitFor();
  await moment("which answer to keep");
  await page.getByRole("button", { name: "Tieni la risposta scelta" }).click();
  await page.locator(".error-summary").waitFor();
  await moment("no answer chosen");
  await page.getByLabel("L'altra: GIULIETTA").check();
  await page.getByRole("button", { name: "Tieni la risposta scelta" }).click();
  await page.locator(".task-list").waitFor();
  portal.conflicts = {};

  await open("/employer");
  await page.getByRole("button", { name: "Richiedi correzione Partita IVA" }).click();
  await page.getByRole("dialog").waitFor();
  // A dialog is looked at as it stands on the screen.
  await looks(page, errors, `asking for a correction ${viewport.name}`, { isWhole: false });
  await page.getByLabel("Che cosa è sbagliato").fill("La partita IVA è cambiata.");
  await page.getByRole("button", { name: "Invia la richiesta" }).click();
  await says("La richiesta è registrata.");
  await moment("a correction is asked for");

  await open("/controlla");
  await says("Mancano ancora");
  const gap = page.getByRole("link", { name: /^Rispondi / }).first();
  const [href, first] = [await gap.getAttribute("href"), await page.getByRole("link", { name: "Vai alla prima risposta che manca" }).getAttribute("href")];
  tell(`what is missing leads to its field ${viewport.name}`, href === first && (await page.getByText("Nessuna risposta (facoltativa)").count()) > 0 ? [] : [`${href} and ${first}`]);
  await page.getByRole("button", { name: "Salva", exact: true }).click();
  await page.getByText("Salvato alle").nth(1).waitFor();
  await moment("saved on purpose");

  for (const field of portal.model.schema.fields) {
    const value = portal.base[field.key];
    if (value !== undefined && !(field.key in portal.values)) portal.values[field.key] = { value, source: "person", at: "2026-11-28T12:30:00+01:00" };
  }
  portal.percent = 100;
  await open("/controlla");
  await says("La domanda è da inviare");
  await moment("ready");
  portal.over = "told";
  await open();
  await says("il periodo previsto è terminato");
  await moment("sections, the time is over");
  portal.over = null;
  await visit(page, `${site.url}${LIST}/altro`);
  await page.locator("main .note").getByRole("link", { name: "Tutte le sezioni" }).waitFor();
  await moment("a section that the form has not");
  for (const [when, end, text] of [
    ["open", "", "Leggi tutte le risposte"],
    ["open", "/worker", "Sezione successiva"],
    ["open", "/controlla", "L'invio è prenotato"],
    ["late", "", "le risposte non si possono più cambiare"],
  ]) {
    portal.armed = when;
    await open(end);
    await says(text);
    const inputs = await page.locator("main input, main button, main select").count();
    tell(`armed ${when}${end} has nothing to type or save ${viewport.name}`, inputs === 0 ? [] : [`${inputs} controls`]);
    await moment(`armed ${when}${end}`);
  }
  await context.close();
  await site.stop();
  await portal.stop();
}

/** Each section of a model once, on a telephone. */
async function lookAtModel(browser, model) {
  const portal = await startDraftServer(model);
  const site = await serve({ portal: portal.url });
  const { context, page, errors } = await openPage(browser, VIEWPORTS[2]);
  for (const { key } of portal.model.schema.sections) {
    await visit(page, `${site.url}${LIST}/${key}`);
    await page.locator("form").waitFor();
    await looks(page, errors, `${model} ${key}`);
  }
  await context.close();
  await site.stop();
  await portal.stop();
}

async function behaves(browser, url, portal) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[0]);
  const saved = (key) => portal.values[key]?.value;
  await visit(page, `${url}${LIST}/worker`);
  await page.locator("#worker_surname").fill("CANARINO");
  await page.locator("#worker_name").focus();
  tell("a field that is left is saved", await eventually("not saved", () => saved("worker_surname") === "CANARINO"));
  await page.locator("#worker_birth_date").fill("1");
  await page.locator("#worker_birth_date-month").fill("maggio");
  await page.locator("#worker_birth_date-year").fill("1990");
  tell("a date by the month's name is saved after a pause", await eventually("not saved", () => saved("worker_birth_date") === "1990-05-01"));

  await visit(page, `${url}${LIST}/employer`);
  await page.getByRole("button", { name: "Richiedi correzione Partita IVA" }).click();
  await page.getByLabel("Che cosa è sbagliato").fill("La partita IVA è cambiata.");
  await looks(page, errors, "correction");
  await page.getByRole("button", { name: "Invia la richiesta" }).click();
  tell("a correction is asked for", await eventually("not said", async () => (await page.locator("main").innerText()).includes("La richiesta è registrata.")));
  const inputs = await page.locator("#employer_name input").count();
  tell("a value of a registry is text and no dead control", inputs === 0 ? [] : ["an input"]);

  await visit(page, `${url}${LIST}/contract`);
  await page.locator("#contract_monthly_pay").pressSequentially("1250,5");
  tell("an amount is not rewritten while it is typed", (await page.locator("#contract_monthly_pay").inputValue()) === "1250,5" ? [] : ["rewritten"]);
  await page.locator("#contract_monthly_pay").blur();
  tell("an amount is saved in cents and tidied", await eventually("not saved", async () => saved("contract_monthly_pay") === 125050 && (await page.locator("#contract_monthly_pay").inputValue()) === "1.250,50"));
  await page.locator("#contract_weekly_hours").fill("quaranta");
  await page.locator("#contract_weekly_hours").blur();
  tell("a number in words is told at once", await eventually("not told", async () => (await page.locator("#contract_weekly_hours-error").count()) === 1));
  await page.locator("#contract_weekly_hours").fill("");
  await page.locator("#contract_weekly_hours").blur();

  await visit(page, `${url}${LIST}/worker`);
  await page.locator("#worker_name").waitFor();
  portal.isDown = true;
  await page.locator("#worker_name").fill("GIU");
  await page.locator("#worker_birth_date").fill("31");
  await page.locator("#worker_birth_date-month").fill("feb");
  await page.locator("#worker_surname").focus();
  tell("a portal that is down is told", await eventually("not told", async () => (await page.locator("main").innerText()).includes("Non salvato")));
  await looks(page, errors, "a portal that is down");
  await page.reload();
  await page.locator("#worker_name").waitFor();
  const typed = () => page.locator("#worker_name").inputValue();
  tell("half a word survives a reload", await eventually("lost", async () => (await typed()) === "GIU"));
  tell("half a date survives a reload", (await page.locator("#worker_birth_date-month").inputValue()) === "feb" ? [] : ["lost"]);
  const kept = await page.evaluate(() => new Promise((done) => {
    const opening = indexedDB.open("unsent-input");
    opening.onsuccess = () => {
      const all = opening.result.transaction("kept").objectStore("kept").getAll();
      all.onsuccess = () => done(JSON.stringify(all.result.map((each) => (each.text ? new TextDecoder("latin1").decode(each.text) : each))));
    };
  }));
  tell("the lasting store holds no word in the clear", kept.includes("GIU") ? [kept] : []);
  // The tab is killed: another one of the same browser.
  const second = await context.newPage();
  await page.close();
  await visit(second, `${url}${LIST}/worker`);
  await second.locator("#worker_name").waitFor();
  tell("half a word survives a killed tab", (await second.locator("#worker_name").inputValue()) === "GIU" ? [] : ["lost"]);
  portal.isDown = false;
  tell("it is saved once the portal is back", await eventually("not saved", () => saved("worker_name") === "GIU"));

  portal.refuse = { worker_surname: "Il cognome non va bene." };
  await second.locator("#worker_surname").fill("X'");
  await second.locator("#worker_name").fill("GIULIA");
  await second.locator("#worker_birth_date").focus();
  tell("one bad value: the others are saved", await eventually("not saved", () => saved("worker_name") === "GIULIA"));
  tell("one bad value: its field says why", await eventually("not said", async () => (await second.locator("#worker_surname-error").innerText()).includes("Il cognome non va bene.")));
  portal.refuse = {};

  portal.values.worker_name = { value: "GIULIETTA", source: "person", at: "2026-11-28T12:30:00+01:00" };
  portal.conflicts = { worker_name: "GIULIETTA" };
  await second.locator("#worker_name").fill("GIUSEPPINA");
  await second.locator("#worker_surname").fill("ROSSI");
  await second.locator("#worker_birth_date").focus();
  tell("two people: the rest is saved", await eventually("not saved", () => saved("worker_surname") === "ROSSI"));
  await second.getByRole("link", { name: "Scegli quale tenere" }).click();
  await second.locator("fieldset#worker_name").waitFor();
  await second.getByRole("button", { name: "Tieni la risposta scelta" }).click();
  tell("two people: it is said who wrote the other one, and when", (await second.locator("fieldset#worker_name").innerText()).includes("L'altra l'ha salvata chi segue la domanda con te, 28 nov 2026, 12:30") ? [] : [await second.locator("fieldset#worker_name").innerText()]);
  await second.getByRole("button", { name: "Tieni la risposta scelta" }).click();
  tell("two people: a second press without a choice leads to what is missing, too", await eventually("no focus", () => second.locator(".error-summary").evaluate((box) => box === document.activeElement)));
  await looks(second, errors, "conflict");
  tell("two people: nothing is chosen beforehand", (await second.locator("input:checked").count()) === 0 ? [] : ["chosen"]);
  await second.getByLabel("La tua: GIUSEPPINA").check();
  await second.getByRole("button", { name: "Tieni la risposta scelta" }).click();
  tell("two people: one's own is saved knowingly", await eventually("not saved", () => saved("worker_name") === "GIUSEPPINA"));

  await visit(second, `${url}${LIST}/employer`);
  portal.values.employer_inps_number = { value: portal.base.employer_inps_number, source: "registry:inps", at: "2026-11-28T12:31:00+01:00" };
  tell("a late value arrives by itself", await eventually("not there", async () => (await second.locator("#employer_inps_number").innerText()).includes(portal.base.employer_inps_number)));
  tell("a late value is said", (await second.locator("#live-polite").innerText()).includes("È arrivato: Matricola INPS") ? [] : ["not said"]);

  portal.conflicts = {};
  await visit(second, `${url}${LIST}/worker`);
  await second.locator("#worker_name").waitFor();
  await context.setOffline(true);
  await second.locator("#worker_name").fill("GIUSEPPINA MARIA");
  await second.locator("#worker_surname").focus();
  tell("offline: it is told", await eventually("not told", async () => (await second.locator("main").innerText()).includes("Non salvato")));
  await context.setOffline(false);
  tell("offline: it is saved when the line is back", await eventually("not saved", () => saved("worker_name") === "GIUSEPPINA MARIA"));

  portal.isDown = true;
  await second.locator("#worker_name").fill("CANARINO");
  await second.locator("#worker_surname").focus();
  await eventually("", async () => (await second.locator("main").innerText()).includes("Non salvato"));
  const question = second.getByRole("dialog", { name: "Vuoi uscire adesso?" });
  await second.getByRole("navigation", { name: "Percorso di navigazione" }).getByRole("link", { name: "Riepilogo domande" }).click();
  await second.waitForURL(`${url}/domande`);
  await second.reload();
  await second.getByRole("button", { name: "Esci" }).click();
  await question.waitFor();
  tell("«Esci» on another page names it, too", (await question.innerText()).includes("Nome") ? [] : [await question.innerText()]);
  await question.getByRole("button", { name: "Resta" }).click();
  await second.goBack();
  await second.locator("#worker_name").waitFor();
  await second.getByRole("button", { name: "Esci" }).click();
  await question.waitFor();
  tell("«Esci» names what would be lost", (await question.innerText()).includes("Nome") ? [] : [await question.innerText()]);
  await looks(second, errors, "what «Esci» would lose");
  await question.getByRole("button", { name: "Esci lo stesso" }).click();
  await second.waitForURL(`${url}/`);
  const left = await second.evaluate(async () => [
    ...Object.keys(sessionStorage).filter((key) => key.startsWith("unsent:")),
    ...(await indexedDB.databases()).map(({ name }) => name),
  ]);
  tell("after «Esci» nothing is left", left);
  await context.close();
}

const pdf = (name, bytes = 1_000) => ({ name, mimeType: "application/pdf", buffer: Buffer.alloc(bytes, "x") });

/** A document in each state, at the width of a desk and of a telephone. */
/** What is armed cannot be changed; the page says why, and how to undo it while that is possible. */
async function armed(browser, url, portal) {
  const { context, page, errors } = await openPage(browser, VIEWPORTS[2]);
  const undo = page.getByRole("link", { name: "Annulla invio prenotato" });
  portal.armed = "open";
  await visit(page, `${url}${LIST}/worker`);
  await page.getByText("Per modificarle, annulla prima la prenotazione.").waitFor();
  const href = await undo.getAttribute("href");
  tell("what is armed leads to where it is undone", href === "/invio/2026/c-stag-agricoltura/prenotato?domanda=app_1" ? [] : [`it leads to ${href}`]);
  const fields = await page.locator("main input, main select, main button").count();
  tell("what is armed has nothing to type in", fields === 0 ? [] : [`${fields} fields`]);
  await looks(page, errors, "armed");
  portal.armed = "late";
  await visit(page, `${url}${LIST}`);
  await page.getByText("le risposte non si possono più cambiare").waitFor();
  tell("after the opening nothing leads there", (await undo.count()) === 0 ? [] : ["a link"]);
  await looks(page, errors, "armed, late");
  portal.armed = null;
  await context.close();
}

async function documents(browser, url, portal, viewport) {
  const { context, page, errors } = await openPage(browser, viewport);
  const at = (what) => `${what} ${viewport.name}`;
  const field = page.locator("form > .field", { hasText: "regolarità contributiva (DURC)" });
  const choose = (file) => page.locator("#durc_file").setInputFiles(file);
  const says = (text) => eventually(`not said: ${text}`, async () => (await field.innerText()).includes(text));
  const open = async () => {
    await visit(page, `${url}${LIST}/declarations`);
    await page.locator("#durc_file").waitFor({ state: "attached" });
  };
  Object.assign(portal, { uploads: [], attempts: 10, verdict: "awaited", isDown: false });
  delete portal.values.durc_file;
  await open();
  await choose({ name: "durc.docx", mimeType: "application/msword", buffer: Buffer.from("x") });
  tell(at("a wrong type is told before anything travels"), await says("Qui serve un file PDF o P7M"));
  await choose(pdf("grande.pdf", 2_000_001));
  tell(at("a large file is told before anything travels"), await says("qui il massimo è 2 MB"));
  tell(at("neither asked for anything"), portal.uploads.length === 0 ? [] : ["asked"]);
  await looks(page, errors, at("too large a file"));

  let release;
  portal.holdPut = new Promise((done) => (release = done));
  await choose(pdf("durc.pdf"));
  tell(at("a file that travels says so"), await says("Caricamento: "));
  await looks(page, errors, at("a file that travels"));
  await field.getByRole("button", { name: "Annulla" }).click();
  tell(at("a file that travels can be cancelled"), await says("Scegli un file"));
  release();

  portal.holdPut = new Promise((done) => (release = done));
  await choose(pdf("durc.pdf"));
  await says("Caricamento: ");
  await page.getByRole("navigation", { name: "Percorso di navigazione" }).getByRole("link", { name: "Riepilogo domande" }).click();
  await page.waitForURL(`${url}/domande`);
  await page.goBack();
  tell(at("a file goes on travelling while another page is seen"), await says("Caricamento: "));
  const asked = page.waitForEvent("dialog").then(async (dialog) => {
    await dialog.accept();
    return dialog.type();
  });
  await page.reload();
  tell(at("the browser asks before it loses the file"), (await asked) === "beforeunload" ? [] : ["another question"]);
  tell(at("a file that a reload has cut off has to be chosen again"), await says("scegli di nuovo il file"));
  await looks(page, errors, at("a file that a reload has cut off"));
  release();
  portal.holdPut = null;

  await choose(pdf("durc.pdf"));
  tell(at("a file that is being checked says so"), await says("Lo stiamo verificando"));
  await looks(page, errors, at("a file that is being checked"));
  await page.reload();
  await page.locator("#durc_file").waitFor({ state: "attached" });
  tell(at("a reload goes on asking"), await says("Lo stiamo verificando"));
  portal.verdict = ["Il PDF è protetto da una password: toglila.", "La firma non è valida: firma di nuovo."];
  tell(at("a refusal gives the first reason"), await says("toglila"));
  tell(at("a refusal gives every reason"), await says("firma di nuovo"));
  await looks(page, errors, at("a refused file"));
  portal.verdict = "accepted";
  await choose(pdf("durc.pdf", 341_000));
  tell(at("a file that passes is the answer"), await says("Documento caricato"));
  tell(at("its size and time are told"), await says("341 kB, 28 nov 2026, 12:23"));
  tell(at("its answer can be replaced"), await says("Sostituisci"));
  await looks(page, errors, at("an accepted file"));

  await context.setOffline(true);
  await choose(pdf("durc.pdf"));
  tell(at("offline is told"), await says("Sei senza connessione"));
  tell(at("the answer stays"), await says("341 kB"));
  tell(at("and it is said that it stays"), await says("Nella domanda resta il documento caricato prima (341 kB, 28 nov 2026, 12:23)"));
  await looks(page, errors, at("a file offline"));
  await context.setOffline(false);
  portal.putStatus = 500;
  await field.getByRole("button", { name: "Riprova" }).click();
  tell(at("a cut line is told"), await says("si è interrotto"));
  portal.putStatus = 200;
  await field.getByRole("button", { name: "Riprova" }).click();
  tell(at("the same file can be tried again"), await eventually("not sent", () => portal.uploads[0].isSent));
  tell(at("and is the answer"), await says("1 kB"));
  await field.getByRole("button", { name: "Togli" }).click();
  tell(at("the answer is taken out"), await eventually("still there", () => portal.values.durc_file === undefined));
  tell(at("and another can be chosen"), await says("Scegli un file"));
  portal.attempts = 0;
  await open();
  tell(at("exhausted attempts are told"), await says("Non puoi caricare altri file per questa domanda"));
  tell(at("and nothing can be chosen"), (await page.locator("#durc_file").isDisabled()) ? [] : ["it can"]);
  await looks(page, errors, at("exhausted attempts"));
  // The last one that is not sent yet ends soon, and then there is room.
  portal.uploads.unshift({ id: "upl_late", body: { purpose: "field:durc_file", bytes: 1 }, isSent: false, asked: "2026-11-28T12:23:00.000+01:00" });
  await page.evaluate(() => sessionStorage.setItem("upload:app_1:field:durc_file", ""));
  portal.until = new Date(Date.now() + 12_000).toISOString();
  await open();
  tell(at("it is told until when"), await says("Puoi sceglierne un altro dopo le"));
  await looks(page, errors, at("attempts exhausted for a while"));
  portal.attempts = 10;
  tell(at("and then a file can be chosen"), await eventually("not yet", () => page.locator("#durc_file").isEnabled()));
  portal.until = "2026-11-28T12:23:00.000+01:00";
  portal.attempts = 2;
  await open();
  tell(at("few attempts are told"), await says("Puoi caricare ancora 2 file"));
  await context.close();
}

async function main() {
  const portal = await startDraftServer();
  const site = await serve({ facts: fileURLToPath(new URL("facts", import.meta.url)), portal: portal.url });
  const browser = await startBrowser();
  try {
    const widths = VIEWPORTS.filter(({ name }) => process.env.SHOTS || name !== "768");
    if (isWanted("pages")) for (const viewport of widths) await lookAtEach(browser, site.url, portal, viewport);
    if (isWanted("moments")) for (const viewport of widths) await lookAtMoments(browser, viewport);
    if (isWanted("behaviour")) await behaves(browser, site.url, portal);
    if (isWanted("armed")) await armed(browser, site.url, portal);
    if (isWanted("documents")) for (const viewport of [VIEWPORTS[0], VIEWPORTS[2]]) await documents(browser, site.url, portal, viewport);
    if (isWanted("models")) for (const model of ["c-stag-turismo@1", "b2020@1", "a-bis@1"]) await lookAtModel(browser, model);
  } finally {
    await browser.close();
    await site.stop();
    await portal.stop();
  }
  for (const failure of failures) console.error(failure);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

await main();
