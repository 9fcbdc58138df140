// Until when a draft is to be completed: it can be sent from the opening on, and places go by the order of arrival; when no
// opening is left, it never will be.

import type { ApplicationView } from "../../api/generated";
import { useModelNow } from "../../applications/model-now";
import { long, toTheMinute } from "../../dates/instant";
import type { Model } from "../../facts/facts";
import { sendingStanding } from "../../sending/moments";
import { texts as all } from "../../texts/it/applications";

const texts = all.one;

/** By when the draft is to be complete, at an instant of the decree; null for a model that is never sent from here. */
export function whenToComplete(model: Model, now: number): string | null {
  const standing = sendingStanding(model, now);
  if (standing.state === "opens") return texts.completeBefore(long(standing.at));
  if (standing.state === "open") return texts.completeNow(standing.until ? toTheMinute(standing.until, "end") : null);
  return standing.since === null ? null : texts.completeOver;
}

/** Nothing where the decree's calendar cannot be read: the rest of the page says what is possible. */
export function SendingOpens({ application }: { application: ApplicationView }) {
  const known = useModelNow(application);
  const text = known.state === "ready" ? whenToComplete(known.model, known.now) : null;
  return text === null ? null : <p>{text}</p>;
}
