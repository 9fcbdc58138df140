// Addresses of e-mail and certified e-mail (PEC) as mail systems accept them: ASCII, `local@domain`, no name, no quotes.

import { refusals } from "../texts/it/refusals";
import { asciiSmall, characters, trimmed, visible } from "./typed-text";
import type { Code } from "./vat-number";

const LONGEST_ADDRESS = 254;
const LONGEST_LOCAL_PART = 64;
const ALLOWED = /[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.@]/;
const LABEL = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/;

/** The address with its domain in small letters. */
export function emailAddress(text: string): Code {
  const typed = trimmed(visible(text));
  const all = characters(typed);
  if (all.length === 0) return { message: refusals.email.empty };
  if (all.length > LONGEST_ADDRESS) return { message: refusals.email.tooLong(all.length) };
  const wrong = all.findIndex((character) => !ALLOWED.test(character));
  if (wrong >= 0) return { message: refusals.email.character(wrong + 1) };
  const [local = "", domain, ...more] = typed.split("@");
  if (domain === undefined || more.length > 0) return { message: refusals.email.atSign };
  if (local.length > LONGEST_LOCAL_PART || local.split(".").includes("")) return { message: refusals.email.localPart };
  return isDomain(domain) ? { code: `${local}@${asciiSmall(domain)}` } : { message: refusals.email.domain };
}

function isDomain(domain: string): boolean {
  const labels = domain.split(".");
  const top = labels.at(-1) ?? "";
  return labels.length > 1 && labels.every((label) => LABEL.test(label)) && top.length >= 2 && /[A-Za-z]/.test(top);
}
