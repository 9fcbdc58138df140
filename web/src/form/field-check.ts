// Judges one value as the server will: its normal form, or why it is refused.

import { euro } from "../dates/money";
import { refusals } from "../texts/it/refusals";
import { boundOn, isDay, italian } from "./calendar-day";
import { readDocument, type StoredDocument } from "./document";
import { emailAddress } from "./email-address";
import { companyCode, personCode } from "./fiscal-code";
import type { Field, FieldType, Model, TableRow, Value } from "./schema";
import { asciiCapitals, bytes, characters, compact, singleSpaced, trimmed, visible } from "./typed-text";
import type { Code } from "./vat-number";
import { vatNumber } from "./vat-number";

/** The normal form, null where the field is cleared; or the code and the message of the refusal. */
export type Verdict = { readonly value: Value } | { readonly code: string; readonly message: string };

/** Most bytes of one value. */
const MOST_BYTES = 4096;

/** Only whole numbers of 64 bits travel as such. */
const LARGEST_NUMBER = 2 ** 63;

/** What becomes of a value that is written into that field. */
export function checkField(model: Model, field: Field, typed: unknown, today: string): Verdict {
  const size = bytes(typeof typed === "string" ? typed : (JSON.stringify(typed) ?? ""));
  if (size > MOST_BYTES) return { code: "too-long", message: refusals.tooLarge };
  return checkType(model, field.type, typed, today);
}

/** The same without the limit that every value has. */
export function checkType(model: Model, type: FieldType, typed: unknown, today: string): Verdict {
  const value = typeof typed === "string" ? visible(typed) : typed;
  if (value === null || value === undefined || (typeof value === "string" && trimmed(value) === "")) return { value: null };
  switch (type.kind) {
    case "text":
      return checkText(value, type);
    case "boolean":
      return typeof value === "boolean" ? { value } : wrongType(refusals.wrongType.boolean);
    case "must-be-true":
      // Unticking it clears it.
      return typeof value === "boolean" ? { value: value || null } : wrongType(refusals.wrongType.mustBeTrue);
    case "integer":
      return checkNumber(value, type, refusals.integer, String);
    case "money":
      return checkNumber(value, type, refusals.money, euro);
    case "date":
      return checkDate(value, type, today);
    case "choice": {
      const option = type.options.find((each) => each.value === value);
      return option ? { value: option.value } : { code: "unknown-choice", message: refusals.choice.unknown };
    }
    case "table-choice":
      return checkEntry(model, value, type, today);
    case "person-fiscal-code":
      return checkCode(value, personCode);
    case "company-fiscal-code":
      return checkCode(value, companyCode);
    case "vat-number":
      return checkCode(value, vatNumber);
    case "email":
    case "pec":
      return checkCode(value, emailAddress);
    case "postal-code": {
      const code = typeof value === "string" ? compact(value) : "";
      return /^[0-9]{5}$/.test(code) ? { value: code } : { code: "wrong-postal-code", message: refusals.postalCode };
    }
    case "file":
      return isDocument(value, type.maxBytes, type.formats) ? { value: value as Value } : wrongType(refusals.wrongType.file);
    case "unknown":
      return { value: typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null };
  }
}

/** Whether a row may be chosen on that day: the first day is included, the end is not. */
export function isValidOn(row: TableRow, day: string): boolean {
  return (row.validFrom === undefined || row.validFrom <= day) && (row.validUntil === undefined || day < row.validUntil);
}

/** The media type of each format that a form may name. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  p7m: "application/pkcs7-mime",
  jpg: "image/jpeg",
  png: "image/png",
};

/** A document that passed the checks, as the portal stores it: nobody types one. */
function isDocument(value: unknown, maxBytes: number, formats: readonly string[]): value is StoredDocument {
  const document = readDocument(value);
  if (!document) return false;
  const { bytes, media_type, sha256, upload } = document;
  return (
    Number.isInteger(bytes) &&
    bytes >= 1 &&
    bytes <= maxBytes &&
    formats.some((format) => MEDIA_TYPES[format] === media_type) &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    /^upl_[0-9a-hjkmnp-tv-z]{26}$/.test(upload)
  );
}

function wrongType(message: string): Verdict {
  return { code: "wrong-type", message };
}

function checkCode(value: unknown, read: (text: string) => Code): Verdict {
  if (typeof value !== "string") return wrongType(refusals.wrongType.text);
  const code = read(value);
  return "code" in code ? { value: code.code } : { code: "wrong-code", message: code.message };
}

function checkText(value: unknown, { min, max, charset }: FieldType & { kind: "text" }): Verdict {
  if (typeof value !== "string") return wrongType(refusals.wrongType.text);
  const known = CHARSETS.get(charset);
  const text = known ? known.normal(value) : value;
  if (known && !known.admits(text)) return { code: "forbidden-character", message: known.message };
  const { length } = characters(text);
  if (length >= min && length <= max) return { value: text };
  if (min === max) return { code: "wrong-length", message: refusals.length.exactly(min) };
  return length < min
    ? { code: "too-short", message: refusals.length.atLeast(min) }
    : { code: "too-long", message: refusals.length.atMost(max) };
}

interface Charset {
  readonly normal: (text: string) => string;
  readonly admits: (text: string) => boolean;
  readonly message: string;
}

/** One spelling of the apostrophe, or two people would seem to be. */
const prose = (text: string) => singleSpaced(text).replaceAll("\u2019", "'");

const CHARSETS = new Map<string, Charset>([
  ["name", {
    normal: prose,
    // Latin letters with their accents; what looks like a letter among them and is none, such as ×, is refused.
    admits: (text) => characters(text).every((each) => /^[A-Za-z '.-]$|^(?=[\u00c0-\u024f\u1e00-\u1eff])\p{Alphabetic}$/u.test(each)),
    message: refusals.charset.name,
  }],
  ["line", { normal: prose, admits: (text) => !/[\p{Control}<>{}\\]/u.test(text), message: refusals.charset.line }],
  ["free", { normal: prose, admits: (text) => !/\p{Control}/u.test(text), message: refusals.charset.free }],
  ["document-number", {
    normal: (text) => asciiCapitals(compact(text).replace(/[-/.]/g, "")),
    admits: (text) => /^[A-Z0-9]*$/.test(text),
    message: refusals.charset["document-number"],
  }],
  ["digits", { normal: compact, admits: (text) => /^[0-9]*$/.test(text), message: refusals.charset.digits }],
  ["phone", {
    normal: (text) => compact(text).replace(/[-/.()]/g, ""),
    admits: (text) => /^\+?[0-9]*$/.test(text),
    message: refusals.charset.phone,
  }],
]);

function checkNumber(
  value: unknown,
  { min, max }: { min: number; max: number },
  what: string,
  shown: (number: number) => string,
): Verdict {
  const isWhole = typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= LARGEST_NUMBER;
  if (!isWhole) return wrongType(refusals.wrongType.number(what));
  return value >= min && value <= max
    ? { value }
    : { code: "out-of-range", message: refusals.range(what, shown(min), shown(max)) };
}

function checkDate(value: unknown, { min, max }: FieldType & { kind: "date" }, today: string): Verdict {
  const day = typeof value === "string" ? trimmed(value) : "";
  if (!isDay(day) || day < "1900-01-01") return { code: "wrong-date", message: refusals.date.wrong };
  const [first, last] = [min, max].map((bound) => (bound === undefined ? undefined : boundOn(bound, today)));
  if (first !== undefined && day < first) return { code: "too-early", message: refusals.date.tooEarly(italian(first)) };
  if (last !== undefined && day > last) return { code: "too-late", message: refusals.date.tooLate(italian(last)) };
  return { value: day };
}

function checkEntry(model: Model, value: unknown, type: FieldType & { kind: "table-choice" }, today: string): Verdict {
  const code = typeof value === "string" ? trimmed(value) : "";
  const row = model.tables.get(type.table)?.get(code);
  if (!row) return { code: "unknown-choice", message: refusals.choice.unknown };
  if (!type.ever && !isValidOn(row, today)) return { code: "expired-choice", message: refusals.choice.expired(row.label) };
  if (type.exceptTag !== undefined && row.tags.includes(type.exceptTag)) {
    return { code: "excluded-choice", message: type.exceptMessage ?? refusals.choice.excluded };
  }
  return { value: code };
}
