// Until when a draft is to be completed: it can be sent from the opening on, and places go by the order of arrival.

import { useEffect } from "preact/hooks";
import type { ApplicationView } from "../../api/generated";
import { serverClock, serverNow, setServerClock } from "../../clock/clock";
import { long, toTheMinute } from "../../dates/instant";
import { useCampaign } from "../../facts/facts";
import { sendingStanding } from "../../sending/moments";
import { texts as all } from "../../texts/it/applications";

const texts = all.one;

/** Nothing where the decree's calendar cannot be read or has no opening left: the rest of the page says what is possible. */
export function SendingOpens({ application }: { application: ApplicationView }) {
  const fact = useCampaign(application.campaign);
  useEffect(() => void setServerClock(1), []);
  void serverClock.value;
  const campaign = fact.state === "ready" ? fact.data : null;
  const model = campaign?.models.find(({ id }) => id === application.model);
  if (!campaign || !model) return null;
  const standing = sendingStanding(model, serverNow() + campaign.clock_offset_ms);
  if (standing.state === "opens") return <p>{texts.completeBefore(long(standing.at))}</p>;
  return standing.state === "open" ? <p>{texts.completeNow(standing.until ? toTheMinute(standing.until, "end") : null)}</p> : null;
}
