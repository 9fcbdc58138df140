// The privacy notice, in the version that an application or a registration names.

import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { Loading } from "../../components/states";
import { plainDate } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { useFact, useFile, type Campaign, type PrivacyNotice } from "../../facts/facts";
import { shown } from "../../facts/calendar";
import { FactsRegion } from "../../facts/region";
import { PrivacySection } from "../../facts/views";
import { place } from "../../routing/location";
import { to, type PageProps } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as factTexts } from "../../texts/it/facts";
import { privacy as texts } from "../../texts/it/public";
import { FactFailed } from "./fact-failed";

/** The campaign whose notice is meant: by version and `?decreto=`, else the first that is shown. */
function campaignOf(campaigns: readonly Campaign[], version: string | undefined, wanted: string | null): Campaign | null {
  const withText = campaigns.filter((one) => one.privacy !== null);
  const fitting = version === undefined ? shown(withText, Date.now()) : withText.filter((one) => one.privacy?.version === version);
  return fitting.find((one) => one.campaign === wanted) ?? fitting[0] ?? null;
}

function Notice({ url, version }: { url: string; version: string }) {
  const fact = useFile<PrivacyNotice>(url);
  if (fact.state === "loading") return <Loading lines={12} />;
  if (fact.state === "failed") return <FactFailed url={url} />;
  if (fact.state === "absent") return <Unknown />;
  return (
    <>
      <p class="field-help">
        {texts.version(plainDate(version))} – {fact.data.law}
      </p>
      {fact.data.sections.map((section) => (
        <PrivacySection
          key={section.point}
          title={section.title}
          paragraphs={section.paragraphs.map((text) => (
            <p key={text}>{text}</p>
          ))}
        />
      ))}
    </>
  );
}

function Unknown() {
  return (
    <Callout tone="warning" title={it.notFound.title}>
      <p>{texts.unknown}</p>
      <p>
        <a href={to("/privacy")}>{texts.current}</a>
      </p>
    </Callout>
  );
}

/** The page. */
export default function Privacy({ params }: PageProps) {
  const fact = useFact("calendar.json");
  const version = params["version"];
  const wanted = new URLSearchParams(place.value.search).get("decreto");
  const campaign = fact.state === "ready" ? campaignOf(fact.data.campaigns, version, wanted) : null;
  const live =
    fact.state === "loading" ? null : fact.state === "failed" ? (
      <FactFailed url={CALENDAR} />
    ) : campaign?.privacy ? (
      <Notice url={campaign.privacy.url} version={campaign.privacy.version} />
    ) : version === undefined ? (
      <p>{factTexts.noPrivacy}</p>
    ) : (
      <Unknown />
    );
  return (
    <Page title={texts.title} lead={texts.lead} {...(version === undefined ? {} : { crumbs: [{ label: it.shell.privacy, href: to("/privacy") }] })}>
      <FactsRegion name="privacy" live={live} without={factTexts.noPrivacy} lines={12} />
      <h2>{texts.cookies}</h2>
      <p>{texts.cookiesText}</p>
    </Page>
  );
}
