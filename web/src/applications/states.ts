// The states of an application by their codes, in the order of the procedure.

import states from "virtual:states";

/** All states, in order. */
export const allStates = states;

/** A state as people read it; a code that is newer than these pages stays as it is. */
export function labelOf(code: string): string {
  return states.find((state) => state.code === code)?.label ?? code;
}

/** Whether an application in this state was sent; of a code that is newer than these pages nothing is known. */
export const isSent = (code: string) => states.some((state) => state.code === code && state.isSent);
