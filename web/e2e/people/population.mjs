// The invented people of the local stack, as functions/simulate-registries/src/population.rs derives them from a number: anybody
// signs in at the simulated provider as «un'altra persona», and a code says how registries behave about it. So each scenario
// takes people whom nobody used before, and no limit of a year is ever reached.

import { createHash, randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How registries behave (behaviour.rs). */
export const BEHAVIOURS = { regular: 0, representativeDiffers: 3, noAddress: 4, down: 10, downTwice: 11, late: 40 };
/** About which questions (scope.rs). */
export const SCOPES = { everything: 0, representation: 1, address: 2, factsNow: 3, factsLater: 4 };

const SURNAMES = "Abbagnale,Bellini,Caruso,De Santis,Esposito,Ferrante,Gallucci,Iacobucci,Lombardi,Marchetti,Nardelli,Olivieri,Palumbo,Quaranta,Rinaldi,Santoro,Tedesco,Ungaro,Valentini,Zanetti,Bertolini,Colombini,D'Amico,Fontanesi,Giordani,Locatelli,Mancuso,Nicolosi,Pellegrini,Ravaglia,Spadafora,Trevisan".split(",");
/** The first half are women's. */
const FIRST_NAMES = "Amalia,Berenice,Carlotta,Delfina,Eleonora,Fabiola,Giuditta,Ilaria,Lavinia,Marisa,Noemi,Ornella,Priscilla,Rosalba,Serafina,Tosca,Aldo,Bruno,Cesare,Dario,Ettore,Fulvio,Gaetano,Ivano,Livio,Mauro,Nicola,Osvaldo,Pasquale,Renato,Saverio,Tiziano".split(",");
const SIZE = 1 << 20;
const FIRST_BIRTHDAY = Date.UTC(1952, 0, 7);
const DAY = 86_400_000;

const two = (number) => String(number).padStart(2, "0");

/** The numbers of these scenarios; the demo has those below 100,000, the tests in Rust those between (tests/harness/people.rs). */
const FIRST = 900_000;
const AFTER_LAST = 1_000_000;
const TAKEN = fileURLToPath(new URL("../../.local/people", import.meta.url));

/** Whom no demo and no test used before: a number is taken by making its file, which only one process can. */
export function anyNumber() {
  mkdirSync(TAKEN, { recursive: true });
  for (;;) {
    const number = randomInt(FIRST, AFTER_LAST);
    try {
      writeFileSync(join(TAKEN, String(number)), "", { flag: "wx" });
      return number;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

/** A natural person. */
export function person(number, { behaviour = "regular", scope = "everything" } = {}) {
  const mixed = (Math.imul(number, 668_265_261) >>> 0) % SIZE;
  const surname = SURNAMES[mixed % 32];
  const place = Math.floor(mixed / 32) % 32;
  const name = FIRST_NAMES[place];
  const birth = new Date(FIRST_BIRTHDAY + Math.floor(mixed / 1024) * 17 * DAY);
  const born = birth.toISOString().slice(0, 10);
  const day = birth.getUTCDate() + (place < 16 ? 40 : 0);
  const month = "ABCDEHLMPRST"[birth.getUTCMonth()];
  const code = withCheckLetter(`${letters(surname)}${nameLetters(name)}${born.slice(2, 4)}${month}${two(day)}W${SCOPES[scope]}${two(BEHAVIOURS[behaviour])}`);
  const serial = createHash("sha256").update(`${surname} ${name} ${born}`).digest().readUInt32BE() % 10_000_000;
  const local = `${name}.${surname}.${serial}`.toLowerCase().replaceAll(/[^a-z0-9.]/g, "");
  return { name, surname, born, code, pec: `${local}@pec.demo.invalid`, email: `${local}@posta.demo.invalid` };
}

/** A company of the business register with its legal representative, who signs in. */
export function employer({ number = anyNumber(), behaviour = "regular", scope = "everything" } = {}) {
  const representative = person(number);
  const digits = `${String(number).padStart(6, "0")}${SCOPES[scope]}9${two(BEHAVIOURS[behaviour])}`;
  return { ...representative, company: digits + checkDigit(digits), companyName: `Azienda agricola ${representative.surname} ${number} S.r.l.`, pec: `azienda-${number}@pec.demo.invalid` };
}

/** Who hires for the own home: no company. */
export const family = (demand) => person(anyNumber(), demand);

function consonantsAndVowels(text) {
  const all = text.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return [all.replaceAll(/[AEIOU]/g, ""), all.replaceAll(/[^AEIOU]/g, "")];
}

const letters = (text) => `${consonantsAndVowels(text).join("")}XXX`.slice(0, 3);

function nameLetters(text) {
  const [consonants] = consonantsAndVowels(text);
  return consonants.length > 3 ? consonants[0] + consonants.slice(2, 4) : letters(text);
}

/** DM 23 December 1976: characters at odd places count by this table, the others by their place in the alphabet. */
function withCheckLetter(code) {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
  const sum = [...code].reduce((all, letter, place) => {
    const value = /\d/.test(letter) ? Number(letter) : letter.charCodeAt(0) - 65;
    return all + (place % 2 === 0 ? odd[value] : value);
  }, 0);
  return code + String.fromCharCode(65 + (sum % 26));
}

/** The eleventh digit of a company's code. */
function checkDigit(ten) {
  const sum = [...ten].reduce((all, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2);
    return all + (value > 9 ? value - 9 : value);
  }, 0);
  return (10 - (sum % 10)) % 10;
}
