// The terms of a case: which of them ask the applicant for something. Pure.

import type { TermView } from "../api/generated";

/** How long what was granted is good. */
export const VALIDITY = "nulla-osta-validity";
/** Terms of the applicant's in which nothing is asked; the second is the time to think better of a renunciation. */
const NOTHING_ASKED = [VALIDITY, "renounce-undo"];

/** Whether something is asked of the applicant until it ends. */
export const asksApplicant = ({ kind, who_acts }: Pick<TermView, "kind" | "who_acts">) => who_acts === "applicant" && !NOTHING_ASKED.includes(kind);
