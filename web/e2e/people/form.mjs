// Filling in a form as a person does: what stands there to be answered, section after section.

import { readFileSync } from "node:fs";
import { until } from "./people.mjs";

const fixture = (name) => JSON.parse(readFileSync(new URL(`../../src/form/fixtures/${name}.json`, import.meta.url), "utf8"));
const models = fixture("models");
const drafts = fixture("drafts").models;

const lines = (model, kind) => models.schemas.find(({ id }) => id === `${model}@1`)[kind].map((place) => models.lines[place]);

/** The questions of a model, in the order of its pages. */
export const questions = (model) => lines(model, "fields");

const letters = (count) => Array.from({ length: count }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join("");
const digits = (count) => Array.from({ length: count }, () => Math.floor(Math.random() * 10)).join("");

/** Answers that the form engine's tests hold for right, about a worker nobody has asked for yet. */
export function answersOf(model) {
  return {
    ...drafts[`${model}@1`].base,
    worker_surname: `Singh ${letters(6)}`,
    worker_passport_number: `Z${digits(8)}`,
    worker_fiscal_code: undefined,
    stamp_number: `01${digits(12)}`,
    declaration_asseveration: "protocol",
  };
}

/** Gives one answer. What comes from elsewhere, or is not asked, is left alone. */
export async function answer({ page, hands }, { key, type }, value) {
  const control = page.locator(`[id="${key}"]`);
  if (value === undefined || value === null || type.kind === "file" || (await control.count()) === 0) return;
  const tag = await control.evaluate((element) => (element.matches(".field-read") ? "read" : element.tagName));
  if (tag === "read") return;
  if (tag === "FIELDSET") return hands.choose(control.locator(`input[value="${value}"]`));
  if (tag === "SELECT") return hands.pick(control, await control.locator(`option[value="${value}"]`).innerText());
  if (type.kind === "must-be-true") return hands.choose(control);
  if (type.kind === "date") {
    const [year, month, day] = value.split("-");
    await hands.type(control, day);
    await hands.type(page.locator(`[id="${key}-month"]`), month);
    await hands.type(page.locator(`[id="${key}-year"]`), year);
    return hands.leave(page.locator(`[id="${key}-year"]`));
  }
  await hands.type(control, type.kind === "money" ? (value / 100).toFixed(2).replace(".", ",") : String(value));
  return hands.leave(control);
}

/** From the list of sections to «Controlla»: answers all that is asked, from the first gap on; `at` is told of each section. */
export async function answerAll(me, model, answers = answersOf(model), at = async () => undefined) {
  const { page, hands } = me;
  await hands.press(page.getByRole("link", { name: "Continua", exact: true }));
  for (;;) {
    await page.waitForURL(/\/compila\/[^/]+$/);
    const section = new URL(page.url()).pathname.split("/").at(-1);
    if (section === "controlla") return answers;
    await page.getByRole("heading", { level: 1, name: lines(model, "sections").find(({ key }) => key === section).title, exact: true }).waitFor();
    for (const field of questions(model).filter((each) => each.section === section)) await answer(me, field, answers[field.key]);
    await at(section);
    await hands.press(page.getByRole("button", { name: "Salva e continua" }));
    await page.waitForURL((url) => !url.pathname.endsWith(`/${section}`), { timeout: 15_000 }).catch(async (error) => {
      const summary = page.locator(".error-summary");
      throw (await summary.isVisible()) ? new Error(`${section}: ${await summary.innerText()}`) : error;
    });
  }
}

/** Waits on «Controlla» until the application is to be sent; nothing is pressed. */
export async function becomesReady({ page }) {
  await page.getByRole("heading", { name: "La domanda è da inviare" }).waitFor({ timeout: 90_000 }).catch(async (error) => {
    throw new Error(`not ready: ${(await page.locator("main").innerText()).slice(0, 400)}; ${error}`);
  });
}

/** The document that the model lets everybody add. */
export async function addDocument({ page, hands }) {
  await hands.give(page.locator("#durc_file"), { name: "durc.pdf", mimeType: "application/pdf", buffer: pdf() });
  await page.locator("form > .field", { hasText: "regolarità contributiva (DURC)" }).getByText("Documento caricato").waitFor({ timeout: 45_000 });
}

/** What is sent arrives: presses «Invia domande» for the application of this page alone, and waits for its receipt. */
export async function send({ page, hands }, id) {
  await hands.press(page.locator('#main a[href^="/invio/"]').first());
  await page.getByRole("button", { name: "Invia domande" }).waitFor();
  await until("one row is chosen", async () => (await page.locator("#main input[type=checkbox][id]:checked").count()) === 1);
  await hands.press(page.getByRole("button", { name: "Invia domande" }));
  await page.locator(`a[href="/domande/${id}/ricevuta"]`).first().waitFor({ timeout: 60_000 });
}

/** A document of one empty page. */
function pdf() {
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>`,
  ];
  let text = "%PDF-1.4\n";
  const places = objects.map((object, place) => {
    const at = text.length;
    text += `${place + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = text.length;
  const rows = places.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("");
  text += `xref\n0 ${places.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${places.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`;
  return Buffer.from(text, "latin1");
}
