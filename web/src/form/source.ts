// Who gives a value, and so whether a person may write it.

import type { Stored } from "./completeness";
import type { Field } from "./schema";

/** The source of a value that this registry gave, as on the wire. */
export function fromRegistry<Name extends string>(registry: Name): `registry:${Name}` {
  return `registry:${registry}`;
}

/** The registry that gave the value. */
export function givingRegistry(stored: Stored | undefined): string | undefined {
  return /^registry:(.+)$/.exec(stored?.source ?? "")?.[1];
}

/** Whether the registry said that it has no value, or a person has already typed one in its stead. */
export function isLeftToPerson(stored: Stored | undefined): boolean {
  if (!stored) return false;
  return stored.source === "person" || (givingRegistry(stored) !== undefined && stored.value === null);
}

/** Whether a person may write the field; a value from elsewhere is text on the page, and is corrected where it comes from. */
export function isWritable(field: Field, stored: Stored | undefined): boolean {
  switch (field.source.kind) {
    case "hand":
    case "upload":
    case "unknown":
      return true;
    case "registry":
      return field.handIfAbsent && isLeftToPerson(stored);
    default:
      return false;
  }
}
