// The calendar of one application's model, at this moment of its decree.

import { useEffect } from "preact/hooks";
import type { ApplicationView } from "../api/generated";
import { serverClock, serverNow, setServerClock } from "../clock/clock";
import { useCampaign, type Campaign, type Model } from "../facts/facts";

/** What the calendar says; `loading` until it was read, `absent` where it cannot be or has no such model. */
export type ModelNow = { state: "loading" | "absent" } | { state: "ready"; campaign: Campaign; model: Model; now: number };

/** Read inside a component, which is drawn anew when the portal's clock becomes known. */
export function useModelNow({ campaign: name, model: id }: Pick<ApplicationView, "campaign" | "model">): ModelNow {
  const fact = useCampaign(name);
  useEffect(() => void setServerClock(1), []);
  void serverClock.value;
  if (fact.state === "loading") return { state: "loading" };
  const campaign = fact.state === "ready" ? fact.data : null;
  const model = campaign?.models.find((one) => one.id === id);
  return campaign && model ? { state: "ready", campaign, model, now: serverNow() + campaign.clock_offset_ms } : { state: "absent" };
}
