// The refusals of a sign-in by their stable words, as a test of the sign-in function writes them.

import told from "../../../../docs/sign-in-refusals.json";

/** By word. */
export const refusals: Partial<Record<string, { title: string; text: string }>> = told;
