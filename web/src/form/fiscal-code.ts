// Fiscal codes of persons and companies, with omocodia and provisional codes (DM 23 December 1976); the same verdict and the
// same words as the server's.

import { refusals } from "../texts/it/refusals";
import { dayOf } from "./calendar-day";
import { asciiCapitals, characters, compact } from "./typed-text";
import { elevenDigits, withoutPrefix } from "./vat-number";
import type { Code } from "./vat-number";

/** What each position holds: a letter, a digit or the letter that stands for it, the month's letter. */
const SHAPE = "LLLLLLDDMDDLDDDL";
/** The letters of January to December. */
const MONTHS = "ABCDEHLMPRST";
/** The letters that stand for 0 to 9 where two people would have the same code; each of seven digits may be one. */
const OMOCODIA = "LMNPQRSTUV";
/** The value of a character at an odd position; digits count as the letters A to J. */
const ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
/** Added to the day of birth of women. */
const FEMALE = 40;

/** The code of a person: sixteen characters, or the eleven digits of the provisional one. */
export function personCode(text: string): Code {
  const code = compact(text);
  const { length } = characters(code);
  if (length === 11) return elevenDigits(code);
  return length === 16 ? sixteen(code) : { message: refusals.fiscalCode.neitherLength(length) };
}

/** The fiscal code of a company or body, eleven digits, or that of a sole trader. */
export function companyCode(text: string): Code {
  const code = withoutPrefix(compact(text));
  const { length } = characters(code);
  if (length === 11) return elevenDigits(code);
  return length === 16 ? sixteen(code) : { message: refusals.fiscalCode.neitherLength(length) };
}

/** Whether a person born on that day may have this code; none where the code tells no day, as the provisional one. */
export function fitsBirth(text: string, birth: string): boolean | undefined {
  const code = personCode(text);
  if (!("code" in code) || code.code.length !== SHAPE.length) return undefined;
  return birthIn(code.code, Math.floor(Number(birth.slice(0, 4)) / 100) * 100) === birth;
}

function sixteen(typed: string): Code {
  const code = asciiCapitals(typed);
  const wrong = characters(code).findIndex((character, index) => !fits(character, SHAPE[index]));
  if (wrong >= 0) return { message: refusals.fiscalCode.character(wrong + 1) };
  // 29 February needs a leap year in one of the two centuries that living people were born in.
  if (birthIn(code, 1900) === undefined && birthIn(code, 2000) === undefined) return { message: refusals.fiscalCode.day };
  return checkCharacter(code.slice(0, 15)) === code[15] ? { code } : { message: refusals.fiscalCode.checkCharacter };
}

function fits(character: string, position: string | undefined): boolean {
  switch (position) {
    case "L":
      return /[A-Z]/.test(character);
    case "M":
      return MONTHS.includes(character);
    default:
      return /[0-9]/.test(character) || OMOCODIA.includes(character);
  }
}

function birthIn(code: string, century: number): string | undefined {
  const dayAndSex = numberAt(code, 9);
  const day = dayAndSex > FEMALE ? dayAndSex - FEMALE : dayAndSex;
  return dayOf(century + numberAt(code, 6), MONTHS.indexOf(code.charAt(8)) + 1, day);
}

/** The two digits from that position on, with the digits behind letters of omocodia. */
function numberAt(code: string, position: number): number {
  const digit = (character: string) =>
    OMOCODIA.includes(character) ? OMOCODIA.indexOf(character) : Number(character);
  return digit(code.charAt(position)) * 10 + digit(code.charAt(position + 1));
}

function checkCharacter(fifteen: string): string {
  let sum = 0;
  for (const [index, character] of characters(fifteen).entries()) {
    const value = /[0-9]/.test(character) ? Number(character) : character.charCodeAt(0) - 65;
    // Positions count from 1: the first one is odd.
    sum += index % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return String.fromCharCode(65 + (sum % 26));
}
