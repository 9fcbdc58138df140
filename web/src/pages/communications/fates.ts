// What became of a letter, as a colour: the same wherever it is shown.

import type { Tone } from "../../components/messages";

/** How a fate looks. */
export const FATES: Partial<Record<string, Tone>> = { waiting: "neutral", accepted: "info", delivered: "success", failed: "danger", superseded: "neutral" };
