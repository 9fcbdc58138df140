// The states of an application by their codes, in the order of the procedure.

import states from "virtual:states";

/** All states, in order. */
export const allStates = states;

/** A state as people read it; a code that is newer than these pages stays as it is. */
export function labelOf(code: string): string {
  return states.find((state) => state.code === code)?.label ?? code;
}
