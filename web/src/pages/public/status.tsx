// What works and what does not, with the official clock.

import { useEffect, useState } from "preact/hooks";
import { serverClock, serverNow, setServerClock } from "../../clock/clock";
import { StateBadge } from "../../components/messages";
import { Page } from "../../components/page";
import { Loading } from "../../components/states";
import { clockTimeWithSeconds, day, long } from "../../dates/instant";
import { useFact } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { StatusPart } from "../../facts/views";
import { it } from "../../texts/it";
import { texts as factTexts } from "../../texts/it/facts";
import { status as texts } from "../../texts/it/public";
import { FactFailed } from "./fact-failed";
import { MaintenanceList } from "./maintenance-list";

const inSeconds = (ms: number) => (ms / 1000).toFixed(1).replace(".", ",");

function Clock() {
  const [now, setNow] = useState<number | null>(null);
  const known = serverClock.value;
  useEffect(() => {
    void setServerClock();
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const time = serverNow();
      setNow(time);
      timer = setTimeout(tick, 1000 - (time % 1000) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  if (now === null || known === null) return <Loading lines={2} />;
  const difference = Math.abs(Date.now() - now);
  return (
    <>
      <p class="clock">
        <span role="timer" class="countdown-figures">
          {clockTimeWithSeconds(now)}
        </span>{" "}
        {it.time.zone}, {it.time.precision(inSeconds(Math.max(known.precision, 100)))}
      </p>
      <p>{day(now)}</p>
      <p>{difference > Math.max(2000, known.precision * 2) ? texts.difference(inSeconds(difference)) : texts.same}</p>
    </>
  );
}

/** The page. */
export default function Status() {
  const fact = useFact("status.json");
  const parts = fact.state === "ready" ? fact.data.parts : [];
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url="/facts/status.json" />
    ) : parts.length > 0 ? (
      <ul class="cards">
        {parts.map((part) => (
          <StatusPart
            key={part.part}
            label={part.label}
            state={<StateBadge label={part.works ? factTexts.works : factTexts.stopped} tone={part.works ? "success" : "warning"} />}
            since={long(part.since)}
            text={part.text}
          />
        ))}
      </ul>
    ) : (
      <p>{factTexts.noStatus}</p>
    );
  return (
    <Page title={texts.title} lead={texts.lead}>
      <h2>{texts.clock}</h2>
      <p>{texts.clockText}</p>
      <Clock />
      <h2>{texts.parts}</h2>
      <FactsRegion name="status" live={live} without={factTexts.noStatus} lines={4} />
      <h2>{texts.maintenance}</h2>
      <MaintenanceList />
    </Page>
  );
}
