// What a person hears who cannot see the page: the accessibility tree of the page's content at chosen moments, and everything
// that the two live regions said in between. It is compared with a stored text, in which what differs from run to run has a
// name in the place of its value. `HEARD=write` stores it anew.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

const FOLDER = new URL("heard/", import.meta.url);

/** What is never the same twice. */
const VARYING = [
  [/http:\S+(\/verifica-ricevuta)#\S+/g, "…$1#…"],
  [/"\{\\"receipt\\".*$/gm, "RICEVUTA"],
  [/\bapp_[a-z0-9]+/g, "app_…"],
  [/\b[A-Z]{2,4}(-[0-9A-Z]{4}){2,}(-[0-9A-Z]{2})?\b/g, "CODICE"],
  [/\b[0-9a-f]{16,}\b/g, "impronta"],
  [/(lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica) /g, ""],
  [/\b\d{1,2}(º|°)? (gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre|gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic) \d{4}/g, "GIORNO"],
  [/\b\d\d:\d\d(:\d\d([.,]\d{3})?)?/g, "ORA"],
  [/ – Campagna dimostrativa/g, ""],
  [/\bSingh [a-z]{6}\b/gi, "Singh …"],
  [/\b(Z\d{8}|01\d{12})\b/g, "NUMERO"],
  // A letter is on its way or has arrived, as it happens.
  [/- text: (Inviata|Consegnata)$/gm, "- text: Inviata o consegnata"],
  [/iscrizione numero [\d.]+ di [\d.]+/g, "iscrizione numero N di N"],
  [/precisione ±\S+ s/g, "precisione ±… s"],
  [/\d+ (ore|ora|minuti|minuto|secondi|secondo)( e \d+ (ore|ora|minuti|minuto|secondi|secondo))*/g, "TEMPO"],
];

/** Entries of a list that follow each other and read the same: how often a draft is saved depends on who types how fast. */
const REPEATED = /^( *- listitem:\n(?:(?! *- listitem:).*\n)+)\1+/gm;

/** Said whenever a registry happens to answer (scenario 7 is about it), and when a busy machine leaves a read without an answer. */
const BY_CHANCE = /^(È arrivato: |Il portale non risponde\. )/;

/**
 * Begins to listen; gives what notes a moment, and compares at the moment «end». Only at 1280: the content is the same at each
 * width, and at 390 nothing is noted. `own` are this run's words by what they are. What was said since the last moment can be
 * forgotten, where somebody tried again and again.
 */
export async function listening({ page, width }, own, name = "main-job") {
  if (width !== "1280") return Object.assign(async () => undefined, { forget: () => undefined });
  const notes = [];
  await page.exposeFunction("heardByTests", (how, text) => void notes.push([how, text]));
  await page.addInitScript(() => {
    const regions = { "live-polite": "said", "live-assertive": "interrupted" };
    const last = {};
    // Regions are found anew each time: the page may replace those that were written with the HTML.
    const look = () => {
      for (const [id, how] of Object.entries(regions)) {
        const text = document.getElementById(id)?.textContent ?? "";
        if (text !== (last[id] ?? "") && text !== "") globalThis.heardByTests(how, text.replaceAll("\u200b", "").trim());
        last[id] = text;
      }
    };
    new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
  });
  const lines = [];
  const words = Object.entries(own).sort(([, one], [, other]) => other.length - one.length);
  const even = (text) => {
    const named = words.reduce((all, [name, word]) => all.replaceAll(new RegExp(`(?<![\\p{L}\\d])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\d])`, "gu"), `‹${name}›`), text);
    return VARYING.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), named).replaceAll(REPEATED, "$1");
  };
  const heard = async (where) => {
    await page.locator("main [aria-busy]").first().waitFor({ state: "detached" });
    await page.getByText("Salvataggio in corso").waitFor({ state: "detached" });
    for (const [how, text] of notes.splice(0)) if (!BY_CHANCE.test(text)) lines.push(`${how}: ${even(text)}`);
    if (where !== "end") lines.push("", `## ${where}`, even(await page.locator("main").ariaSnapshot()));
    else compare(name, `${lines.join("\n").trim()}\n`);
  };
  return Object.assign(heard, { forget: () => void notes.splice(0) });
}

/** Compares with the stored text, or stores it. */
export function compare(name, text) {
  const file = new URL(`${name}.txt`, FOLDER);
  if (process.env.HEARD === "write") {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, text);
    return;
  }
  if (!existsSync(file)) throw new Error(`${file.pathname} is missing: HEARD=write stores it`);
  const [stored, now] = [readFileSync(file, "utf8").split("\n"), text.split("\n")];
  const place = now.findIndex((line, n) => line !== stored[n]);
  if (place >= 0 || stored.length !== now.length) {
    const at = place < 0 ? now.length : place;
    throw new Error(`heard otherwise than ${file.pathname} has it, line ${at + 1}: «${now[at]?.trim()}» in the place of «${stored[at]?.trim()}»; HEARD=write stores it anew`);
  }
}
