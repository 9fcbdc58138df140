// What the page does by itself before an opening, each at an instant of its own. Pure.

import { clockAgain, listAgain, renewal, somewhereIn, type Stretch } from "./moments";

/** What is planned. */
export type Deed = "read-list" | "renew-session" | "compare-clock";

/** A deed, when it is due and from when on it is too late for it (the page slept). */
export interface Plan {
  deed: Deed;
  at: number;
  until: number;
}

const STRETCHES: readonly [Deed, (opensAt: number) => Stretch][] = [
  ["compare-clock", clockAgain],
  ["renew-session", renewal],
  ["read-list", listAgain],
];

/** The plans for an opening as seen at `now`; each deed has its own throw of the dice. */
export function plansFor(opensAt: number, now: number, random: () => number): Plan[] {
  return STRETCHES.flatMap(([deed, stretchOf]) => {
    const stretch = stretchOf(opensAt);
    const at = somewhereIn(stretch, now, random());
    return at === null ? [] : [{ deed, at, until: stretch.until }];
  });
}

/** Splits off what is due; what came too late is dropped. */
export function due(plans: readonly Plan[], now: number): { deeds: Deed[]; left: Plan[] } {
  return {
    deeds: plans.filter((plan) => plan.at <= now && now < plan.until).map((plan) => plan.deed),
    left: plans.filter((plan) => plan.at > now),
  };
}
