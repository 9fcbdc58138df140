// Text that people type or paste, one rule for all of it and the same as the server's: what cannot be seen is dropped, what
// cannot be printed is refused.

/** Zero-width characters, marks of direction, tags, variation selectors. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Format}]/gu;
const SPACE = /\p{White_Space}+/gu;
const OUTER_SPACE = /^\p{White_Space}+|\p{White_Space}+$/gu;
/** A lone half of a pair; no JSON text holds one, so it would stop the whole save. */
const BROKEN = /\p{Surrogate}/gu;

/** The text without what nobody sees. */
export function visible(text: string): string {
  return text.replace(BROKEN, "\ufffd").replace(INVISIBLE, "");
}

/** Without white space at either end; what a browser calls white space is not quite what the server does. */
export function trimmed(text: string): string {
  return text.replace(OUTER_SPACE, "");
}

/** An identifier as people paste it: without invisible characters and white space anywhere. */
export function compact(text: string): string {
  return visible(text).replace(SPACE, "");
}

/** One space between words. */
export function singleSpaced(text: string): string {
  return trimmed(text).replace(SPACE, " ");
}

/** Capitals of the letters a to z, and of no others: a sharp s would become two letters. */
export function asciiCapitals(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** Small letters of A to Z, and of no others. */
export function asciiSmall(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Characters as the server counts them, an emoji as one. */
export function characters(text: string): string[] {
  return Array.from(text);
}

/** Bytes on the way to the server. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
