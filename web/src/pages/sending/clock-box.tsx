// The portal's clock with its precision, the time left to the opening, and what else must work for sending.

import { useEffect, useState } from "preact/hooks";
import { connection } from "../../api/connection";
import { serverClock, serverNow } from "../../clock/clock";
import { Countdown } from "../../components/countdown";
import { Icon } from "../../components/icon";
import { announce } from "../../components/live";
import { clockTime, clockTimeWithSeconds, long, milliseconds } from "../../dates/instant";
import { inWords } from "../../dates/left";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { sending as texts } from "../../texts/it/sending";
import type { Phase } from "./phase";

/** The precision is never said to be better than this: an answer takes its way, and a screen its time. */
const BEST_PRECISION = 10;

const inSeconds = (ms: number) => {
  const digits = ms < 95 ? 2 : 1;
  return (Math.ceil(ms / 10 ** (3 - digits)) / 10 ** digits).toFixed(digits).replace(".", ",");
};

/** The portal's time as this very drawing shows it, drawn anew at each second: never a time from before the clock was known. */
function useSecond(offsetMs: number): number {
  const [, draw] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const time = serverNow() + offsetMs;
      draw((count) => count + 1);
      timer = setTimeout(tick, 1000 - (((time % 1000) + 1000) % 1000) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, [offsetMs]);
  return serverNow() + offsetMs;
}

/** When the session ends, where the API says it. */
function sessionEnd(): number | null {
  const now = session.value;
  if (now.state !== "signed-in") return null;
  const { rests_until, ends_at } = now.view as { rests_until?: string; ends_at?: string };
  const ends = [rests_until, ends_at].flatMap((text) => (text ? [milliseconds(text) ?? Number.POSITIVE_INFINITY] : []));
  return ends.length > 0 ? Math.min(...ends) : null;
}

function Checks() {
  const network = connection.value;
  const ends = sessionEnd();
  return (
    <ul class="sending-checks" aria-label={texts.clock.checks}>
      <li>
        <Icon name={network === "good" ? "check-circle" : "warning-circle"} />
        <span>
          {texts.clock.network} {texts.clock.networks[network]}
        </span>
      </li>
      <li>
        <Icon name="check-circle" />
        <span>
          {texts.clock.session} {ends === null ? texts.clock.sessionActive : texts.clock.sessionUntil(clockTime(ends))}
        </span>
      </li>
    </ul>
  );
}

/** Shown above everything that can be pressed. */
export function ClockBox({ phase, offsetMs }: { phase: Phase; offsetMs: number }) {
  const now = useSecond(offsetMs);
  const known = serverClock.value;
  const opensAt = "opensAt" in phase ? phase.opensAt : null;
  const howLong = () =>
    announce(opensAt === null ? texts.clock.opensNow : it.time.speak(inWords(opensAt - (serverNow() + offsetMs))));
  return (
    <section class="band sending-clock" aria-labelledby="sending-clock-title">
      <div>
        <h2 id="sending-clock-title">{texts.clock.title}</h2>
        <p>
          <span role="timer" class="countdown-figures">
            {clockTimeWithSeconds(now)}
          </span>{" "}
          {it.time.zone}
          {known && <>, {it.time.precision(inSeconds(Math.max(known.precision, BEST_PRECISION)))}</>}
        </p>
        {!known && <p>{texts.clock.unknown}</p>}
        <Checks />
      </div>
      <div>
        {opensAt !== null && (
          <>
            <p>{texts.openings.opens(long(opensAt))}</p>
            <Countdown until={opensAt} label={texts.clock.opensIn} isOpening offsetMs={offsetMs} />
            <button type="button" class="btn btn-outline-primary" onClick={howLong}>
              <Icon name="clock" />
              {it.time.howLong}
            </button>
          </>
        )}
        {phase.name === "open" && <p>{phase.until ? texts.openings.openUntil(long(phase.until, "end")) : texts.openings.open}</p>}
      </div>
    </section>
  );
}
