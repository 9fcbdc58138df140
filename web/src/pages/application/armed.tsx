// The armed send of one application: that it can be booked, that it is, or that it is being sent.

import { useState } from "preact/hooks";
import type { ApplicationView } from "../../api/generated";
import { doings } from "../../applications/actions";
import { useModelNow } from "../../applications/model-now";
import { armingStanding, canBeArmed } from "../../armed/standing";
import { Countdown } from "../../components/countdown";
import { Callout } from "../../components/messages";
import { long, toTheMillisecond } from "../../dates/instant";
import { texts as all } from "../../texts/it/applications";
import { texts } from "../../texts/it/armed-elsewhere";

/** Where the decree knows no armed sends or its calendar cannot be read, what is booked and the way to undo it, without the day. */
export function ArmedPart({ application }: { application: ApplicationView }) {
  const { state } = application;
  const known = useModelNow(application);
  // At the opening the part says by itself that the application has arrived: a count that stands at zero would worry people.
  const [, setOpened] = useState(false);
  const disarm = doings(application).find(({ action }) => action === "disarm");
  const undo = disarm && (
    <p>
      <a href={disarm.href}>{disarm.label}</a>
    </p>
  );
  if (known.state !== "ready" || !canBeArmed(known.campaign)) {
    return known.state === "loading" || !undo ? null : (
      <Callout tone="success" title={texts.one.title}>
        <p>{texts.one.unread}</p>
        {undo}
      </Callout>
    );
  }
  const { campaign, model, now } = known;
  const standing = armingStanding(model, now);
  if (state !== "armed") {
    return standing.state === "before" ? (
      <Callout title={texts.can}>
        <p>{texts.canText}</p>
      </Callout>
    ) : null;
  }
  if (standing.state === "opened") {
    return (
      <Callout title={texts.one.underWay}>
        <p>{texts.one.underWayText(toTheMillisecond(standing.openedAt))}</p>
      </Callout>
    );
  }
  return (
    <Callout tone="success" title={texts.one.title}>
      <p>{standing.state === "before" ? texts.one.before(long(standing.opensAt)) : texts.one.none}</p>
      {standing.state === "before" && <Countdown until={standing.opensAt} label={all.one.opensIn} isOpening offsetMs={campaign.clock_offset_ms} onEnd={() => setOpened(true)} />}
      {undo}
    </Callout>
  );
}
