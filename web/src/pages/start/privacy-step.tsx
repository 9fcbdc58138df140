// Second step: the privacy notice in full, in the version that will be named, and a box that is never preset.

import { Tick } from "../../components/controls";
import { Callout } from "../../components/messages";
import { NoticeText } from "../../components/notice-text";
import { Loading } from "../../components/states";
import { plainDate } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { readFact, useFile, type Campaign, type PrivacyNotice } from "../../facts/facts";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/start";

const texts = all.privacy;

interface Props {
  campaign: Campaign;
  isRead: boolean;
  error: string | null;
  onRead: (isRead: boolean) => void;
}

/** The notice. */
export function PrivacyStep({ campaign, isRead, error, onRead }: Props) {
  const url = campaign.privacy?.url ?? null;
  const fact = useFile<PrivacyNotice>(url);
  return (
    <>
      <h2>{texts.title}</h2>
      {url !== null && fact.state === "loading" && <Loading lines={12} />}
      {(url === null || fact.state === "failed" || fact.state === "absent") && (
        <Callout tone="warning" title={texts.unreadable}>
          <p>
            <button type="button" class="btn-link" onClick={() => void readFact(url ?? CALENDAR, true)}>
              {it.state.retry}
            </button>
          </p>
        </Callout>
      )}
      {fact.state === "ready" && (
        <>
          <p class="field-help">{texts.version(plainDate(fact.data.version), fact.data.law)}</p>
          <NoticeText notice={fact.data} />
          <Tick id="privacy" label={texts.tick} error={error} isTicked={isRead} onChange={onRead} />
        </>
      )}
    </>
  );
}
