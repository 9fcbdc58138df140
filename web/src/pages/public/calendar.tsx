// When each model can be begun, filled in and sent.

import { useEffect } from "preact/hooks";
import { serverClock, serverNow, setServerClock } from "../../clock/clock";
import { Countdown } from "../../components/countdown";
import { StateBadge } from "../../components/messages";
import { Page } from "../../components/page";
import { Rich } from "../../components/rich";
import { toTheMinute } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { contains, currentOrNext, shown, standing } from "../../facts/calendar";
import { useFact, type Campaign, type Model, type Window } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { CampaignDates, ModelDates, WindowLine } from "../../facts/views";
import { MODELS, to } from "../../routing/pages";
import { texts as factTexts } from "../../texts/it/facts";
import { calendar as texts } from "../../texts/it/public";
import { ArmedBox } from "./armed-box";
import { FactFailed } from "./fact-failed";
import { OpenNow } from "./open-now";

function Live({ campaign, model, now }: { campaign: Campaign; model: Model; now: number }) {
  const here = now + campaign.clock_offset_ms;
  if (model.off_quota && contains(model.off_quota, here)) return <p><StateBadge label={texts.alwaysOpen} tone="success" /></p>;
  if (model.submit.length === 0) return null;
  const stands = standing(model.submit, here);
  if (stands.state === "opens") return <Countdown until={stands.at} label={texts.opensIn} isOpening offsetMs={campaign.clock_offset_ms} />;
  if (stands.state === "open") return <OpenNow until={stands.until} />;
  return <p><StateBadge label={texts.over} tone="neutral" /></p>;
}

// What is over would only hide what is to come.
function lines(what: string, windows: readonly Window[], here: number) {
  return windows.filter((window) => currentOrNext([window], here) !== null).map((window) => (
    <WindowLine key={what + window.from} what={what} from={toTheMinute(window.from)} until={window.until && toTheMinute(window.until, "end")} />
  ));
}

function ModelCard({ campaign, model, now }: { campaign: Campaign; model: Model; now: number }) {
  const here = now + campaign.clock_offset_ms;
  const hasPage = (MODELS as readonly string[]).includes(model.id);
  return (
    <ModelDates
      label={model.label}
      source={model.source}
      windows={
        <>
          {lines(factTexts.start, model.start, here)}
          {lines(factTexts.edit, model.edit, here)}
          {lines(factTexts.submit, model.submit, here)}
          {model.off_quota && lines(factTexts.offQuota, [model.off_quota], here)}
          {lines(factTexts.readClosed, model.read_closed, here)}
        </>
      }
      live={
        <>
          <Live campaign={campaign} model={model} now={now} />
          {hasPage && (
            <p>
              <a href={to("/modelli/:model", { model: model.id })}>
                {texts.form}
                <span class="visually-hidden">: {model.label}</span>
              </a>
            </p>
          )}
        </>
      }
    />
  );
}

/** The page. */
export default function Calendar() {
  useEffect(() => void setServerClock(1), []);
  const fact = useFact("calendar.json");
  void serverClock.value;
  const now = serverNow();
  const campaigns = fact.state === "ready" ? shown(fact.data.campaigns, now) : [];
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url={CALENDAR} />
    ) : campaigns.length > 0 ? (
      campaigns.map((campaign) => (
        <CampaignDates
          key={campaign.campaign}
          title={campaign.title}
          law={campaign.law}
          more={campaign.order === "armed" && campaign.models.some(({ submit }) => currentOrNext(submit, now + campaign.clock_offset_ms)) && <ArmedBox />}
          models={campaign.models.map((model) => (
            <ModelCard key={model.id} campaign={campaign} model={model} now={now} />
          ))}
        />
      ))
    ) : (
      <p>{factTexts.noCalendar}</p>
    );
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <FactsRegion name="calendar" live={live} without={factTexts.noCalendarWithoutScript} lines={12} />
      <h2>{texts.explained}</h2>
      <ul>
        {texts.explanations.map((text) => (
          <li key={text}>
            <Rich text={text} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
