// What a browser may fill in by itself: only what belongs to who sits before it, never data of workers.

import type { Field } from "../../form/schema";

/** By the role that the schema gives the field; everything else is `off`. */
const OWN: Readonly<Record<string, string>> = {
  "filer-email": "email",
  "filer-phone": "tel",
};

/** The value of the control's `autocomplete`. */
export function ownData(field: Field): string {
  return OWN[field.role ?? ""] ?? "off";
}
