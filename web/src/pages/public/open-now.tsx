// A window that is open, and until when.

import { StateBadge } from "../../components/messages";
import { toTheMinute } from "../../dates/instant";
import { calendar as texts } from "../../texts/it/public";

/** The state of an open window; `until` null where it has no end. */
export function OpenNow({ until }: { until: string | null }) {
  return (
    <>
      <p>
        <StateBadge label={texts.openNow} tone="success" />
      </p>
      {until !== null && <p>{texts.openUntil(toTheMinute(until, "end"))}</p>}
    </>
  );
}
