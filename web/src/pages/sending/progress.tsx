// What became of the presses: totals, a kept arrival, what is ready since. The total is spoken every five seconds.

import { useEffect, useRef } from "preact/hooks";
import { connection } from "../../api/connection";
import { announce } from "../../components/live";
import { Callout } from "../../components/messages";
import { clockTimeWithMilliseconds } from "../../dates/instant";
import { keptArrival, progress, type Sending } from "../../sending/machine";
import { hasFailed } from "../../sending/reply";
import { sending as texts } from "../../texts/it/sending";
import { ifThere } from "../../routing/pages";

const SPOKEN_EVERY = 5000;

function keptText(state: Sending): string | null {
  if (state.tickets.size === 0) return null;
  const arrival = keptArrival(state);
  return arrival ? texts.progress.kept(clockTimeWithMilliseconds(arrival)) : texts.progress.keptUnknown;
}

/** The totals, what the portal failed at apart from what it refused. */
function totals(state: Sending) {
  const all = progress(state);
  const failed = [...state.rows.values()].filter(hasFailed).length;
  return { ...all, refused: all.refused - failed, failed };
}

/** Speaks the total while something is under way, and once at the end. */
function useSpoken(state: Sending): void {
  const latest = useRef(state);
  latest.current = state;
  const { underWay } = progress(state);
  const isUnderWay = underWay > 0;
  const wasUnderWay = useRef(isUnderWay);
  useEffect(() => {
    if (!isUnderWay) {
      if (wasUnderWay.current) {
        const { sent, refused, failed } = totals(latest.current);
        announce(texts.progress.done(sent, refused, failed));
      }
      wasUnderWay.current = false;
      return undefined;
    }
    wasUnderWay.current = true;
    const timer = setInterval(() => {
      const { sent, pressed, refused, failed } = totals(latest.current);
      announce(texts.progress.spoken(sent, pressed, refused, failed));
    }, SPOKEN_EVERY);
    return () => clearInterval(timer);
  }, [isUnderWay]);
  const kept = keptText(state);
  useEffect(() => {
    if (kept) announce(kept, "assertive");
  }, [kept]);
}

/** Above the list, once something was pressed. */
export function Progress({ state, takesFocus, onMore }: { state: Sending; takesFocus: boolean; onMore: (() => void) | null }) {
  useSpoken(state);
  const section = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed, or that would have undone it, is gone.
  useEffect(() => {
    if (!takesFocus) return;
    heading.current?.focus({ preventScroll: true });
    // On a telephone the button stood at the lower edge, and this stands further down.
    section.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const { pressed, sent, refused, failed, underWay } = totals(state);
  const kept = keptText(state);
  const isRetrying = [...state.rows.values()].some((row) => (row.step === "waiting" || row.step === "travelling") && row.tries > 0);
  const sentHref = ifThere("/domande/inviate");
  return (
    <section ref={section} aria-labelledby="sending-progress">
      <h2 id="sending-progress" ref={heading} tabIndex={-1}>{texts.progress.title}</h2>
      <p>
        <strong>{texts.progress.total(sent, pressed)}</strong>
        {refused > 0 && <>. {texts.progress.refused(refused)}</>}
        {failed > 0 && <>. {texts.progress.failed(failed)}</>}
        {underWay > 0 && <>. {texts.progress.underWay(underWay)}</>}.
      </p>
      {underWay > 0 && <progress max={pressed} value={sent + refused + failed} aria-labelledby="sending-progress" />}
      {kept && (
        <Callout tone="warning" title={kept}>
          <p>{texts.progress.keptMore}</p>
        </Callout>
      )}
      {!kept && isRetrying && <p>{connection.value === "offline" ? texts.progress.offline : texts.progress.retrying}</p>}
      {underWay === 0 && sent > 0 && (
        <p>
          {refused + failed === 0 && <>{texts.progress.all} </>}
          {sentHref ? <a href={sentHref}>{texts.progress.keep}</a> : texts.progress.keep}
        </p>
      )}
      {onMore && (
        <p>
          <button type="button" class="btn btn-outline-primary" onClick={onMore}>
            {texts.progress.more}
          </button>
        </p>
      )}
    </section>
  );
}
