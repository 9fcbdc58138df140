// What can be said of a form before it is sent, in the API's own words where it would say the same. Pure.

import { refusals } from "../../texts/it/refusals";
import { texts } from "../../texts/it/account";
import { emailAddress } from "../../form/email-address";
import { isDay } from "../../form/calendar-day";
import type { Mistake } from "../../components/messages";

const shared = texts.shared;
const SHORTEST = 8;
const LONGEST = 128;

/** A field that is wrong, or nothing. */
function at(field: string, message: string | null): Mistake[] {
  return message === null ? [] : [{ field, message }];
}

/** A name or surname. */
export function name(field: "given_name" | "family_name", typed: string): Mistake[] {
  return at(field, typed.trim() === "" ? (field === "given_name" ? shared.needGivenName : shared.needFamilyName) : null);
}

/** A date of birth: whether it is plausible is the API's to say. */
export function birthDate(typed: string): Mistake[] {
  if (/^[/\s]*$/.test(typed)) return at("birth_date", shared.needBirthDate);
  return at("birth_date", isDay(typed) ? null : refusals.date.wrong);
}

/** One address. */
export function address(typed: string, field = "email"): Mistake[] {
  const read = emailAddress(typed);
  return at(field, "message" in read ? read.message : null);
}

/** An address that is typed twice; case does not count, as for the API. */
export function addressTwice(first: string, second: string): Mistake[] {
  const found = address(first);
  if (found.length > 0) return found;
  return at("email_repeated", first.trim().toLowerCase() === second.trim().toLowerCase() ? null : shared.emailDiffers);
}

/** The word that closes an account, with or without the signs around it. */
export function closingWord(typed: string): Mistake[] {
  return at("confirm", typed.replaceAll(/\P{L}/gu, "").toUpperCase() === "CHIUDI" ? null : texts.closing.needWord);
}

/** A new password that is typed twice: all that is wrong with it. */
export function passwordTwice(first: string, second: string): Mistake[] {
  if (first === "") return at("password", shared.needPassword);
  const length = [...first.normalize("NFC")].length;
  return [
    ...at("password", length < SHORTEST ? shared.tooShort : length > LONGEST ? shared.tooLong : null),
    ...at("password", /[0-9]/.test(first) ? null : shared.noDigit),
    ...at("password_repeated", second === "" ? shared.needRepeated : first === second ? null : shared.passwordDiffers),
  ];
}
