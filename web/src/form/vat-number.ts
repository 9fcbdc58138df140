// VAT numbers (partita IVA), and the check digit that provisional fiscal codes and company codes share with them.

import { refusals } from "../texts/it/refusals";
import { asciiCapitals, bytes, characters, compact } from "./typed-text";

/** A code in its normal form, or what to do about it. */
export type Code = { readonly code: string } | { readonly message: string };

/** Leaves out invisible characters, white space and the prefix `IT`. */
export function vatNumber(text: string): Code {
  return elevenDigits(withoutPrefix(compact(text)));
}

/** The number without the `IT` that invoices write before it. */
export function withoutPrefix(text: string): string {
  const isPrefixed = asciiCapitals(text.slice(0, 2)) === "IT" && bytes(text.slice(2)) === 11;
  return isPrefixed ? text.slice(2) : text;
}

/** Eleven digits with the right check digit. */
export function elevenDigits(text: string): Code {
  const typed = characters(text);
  if (typed.length !== 11) return { message: refusals.elevenDigits.length(typed.length) };
  const wrong = typed.findIndex((character) => !/[0-9]/.test(character));
  if (wrong >= 0) return { message: refusals.elevenDigits.notADigit(wrong + 1) };
  // Zeros pass the sum; no business has this number.
  if (/^0+$/.test(text)) return { message: refusals.elevenDigits.onlyZeros };
  return checkDigit(text.slice(0, 10)) === Number(typed[10]) ? { code: text } : { message: refusals.elevenDigits.checkDigit };
}

/** The digit that makes ten digits a valid number: every second one is doubled, less 9 above 9. */
function checkDigit(ten: string): number {
  let sum = 0;
  for (const [index, digit] of Array.from(ten, Number).entries()) {
    sum += index % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return (10 - (sum % 10)) % 10;
}
