// How the opening stands, as far as the page looks different. Pure.

import { milliseconds } from "../../dates/instant";
import type { Model } from "../../facts/facts";
import { HOLD_MS } from "../../sending/machine";
import { sendingStanding, SHOWN_BEFORE } from "../../sending/moments";

/** From `last-minute` on a press is taken; `far` shows no list yet. */
export type Phase =
  | { name: "far" | "before" | "last-minute"; opensAt: number }
  | { name: "open"; until: string | null }
  | { name: "over"; since: string | null };

/** The phase at an instant of the decree. */
export function phaseOf(model: Model, now: number): Phase {
  const stands = sendingStanding(model, now);
  if (stands.state === "open") return { name: "open", until: stands.until };
  if (stands.state === "over") return { name: "over", since: stands.since };
  const opensAt = milliseconds(stands.at) ?? Number.POSITIVE_INFINITY;
  const left = opensAt - now;
  return { name: left > SHOWN_BEFORE ? "far" : left > HOLD_MS ? "before" : "last-minute", opensAt };
}

/** Whether two are alike. */
export const isSame = (one: Phase, other: Phase) => JSON.stringify(one) === JSON.stringify(other);
