// The first page: what the portal is for, when sending opens, how it goes, what is new.

import { useEffect } from "preact/hooks";
import { serverNow, setServerClock, serverClock } from "../../clock/clock";
import { Countdown } from "../../components/countdown";
import { Icon } from "../../components/icon";
import { StateBadge } from "../../components/messages";
import { Page } from "../../components/page";
import { Rich } from "../../components/rich";
import { long } from "../../dates/instant";
import { domain } from "../../environment";
import { CALENDAR } from "../../facts/address";
import { openings, shown, type Opening } from "../../facts/calendar";
import { useFact } from "../../facts/facts";
import { FactsRegion } from "../../facts/region";
import { OpeningCard } from "../../facts/views";
import { ifThere } from "../../routing/pages";
import { texts as factTexts } from "../../texts/it/facts";
import { texts } from "../../texts/it/home";
import { FactFailed } from "./fact-failed";
import { MaintenanceNote } from "./maintenance-list";
import { NoticeLists } from "./notice-lists";
import { OpenNow } from "./open-now";

function Live({ opening: { standing, campaign } }: { opening: Opening }) {
  if (standing.state === "open") return <OpenNow until={standing.until} />;
  if (standing.state === "over") return <p><StateBadge label={texts.over} tone="neutral" /></p>;
  return <Countdown until={standing.at} label={texts.opensIn} isOpening offsetMs={campaign.clock_offset_ms} />;
}

function Openings() {
  const fact = useFact("calendar.json");
  // The clock that decides what is open is the server's, as soon as it is known.
  void serverClock.value;
  const now = serverNow();
  const all = fact.state === "ready" ? openings(shown(fact.data.campaigns, now), now) : [];
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url={CALENDAR} />
    ) : all.length > 0 ? (
      <ul class="cards">
        {all.map((opening) => {
          const at = opening.standing.state === "opens" ? opening.standing.at : (opening.model.click_day ?? "");
          return (
            <OpeningCard
              key={`${opening.campaign.campaign} ${opening.model.id}`}
              label={opening.model.label}
              campaign={opening.campaign.title}
              opening={long(at)}
              live={<Live opening={opening} />}
            />
          );
        })}
      </ul>
    ) : (
      <p>{factTexts.noCalendar}</p>
    );
  return <FactsRegion name="openings" live={live} without={factTexts.noCalendarWithoutScript} lines={12} />;
}

/** The page. */
export default function Home() {
  useEffect(() => void setServerClock(1), []);
  const signIn = ifThere("/accesso");
  return (
    <Page title={texts.title} lead={texts.lead} isWide hasBreadcrumb={false}>
      <MaintenanceNote />
      {signIn && (
        <>
          <p class="buttons">
            <a class="btn btn-primary" href={signIn}>
              <Icon name="user" />
              {texts.signIn}
            </a>
          </p>
          <p class="field-help">{texts.signInHelp}</p>
        </>
      )}
      <h2>{texts.openings}</h2>
      <Openings />
      <p>
        <a href="/calendario">{texts.allDates}</a>
      </p>
      <h2>{texts.stepsTitle}</h2>
      <ol class="steps-list">
        {texts.steps.map((step) => (
          <li key={step.title}>
            <h3>{step.title}</h3>
            <p>
              <Rich text={step.text} />
            </p>
          </li>
        ))}
      </ol>
      <p>
        <a href="/come-funziona">{texts.howItWorks}</a>
      </p>
      <NoticeLists most={3} isSideBySide />
      <p>
        <a href="/avvisi">{texts.allNotices}</a>
      </p>
      <div class="band columns">
        <section>
          <h2>{texts.helpTitle}</h2>
          <p>{texts.helpText}</p>
          <p>
            <a href="/aiuto">{texts.help}</a>
          </p>
        </section>
        <section>
          <h2>{texts.domainTitle}</h2>
          <p>
            <Rich text={texts.domainText(domain)} />
          </p>
        </section>
        <section>
          <h2>{texts.elsewhere}</h2>
          <p>
            <Rich text={texts.elsewhereText} />
          </p>
        </section>
      </div>
    </Page>
  );
}
