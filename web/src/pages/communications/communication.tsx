// One communication: what it is, by which way, whether it arrived, why, and its documents.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { NoticeView } from "../../api/generated";
import { readReceipt, saveReceipt } from "../../applications/receipt";
import { Icon } from "../../components/icon";
import { Callout, Details, StateBadge } from "../../components/messages";
import { announce } from "../../components/live";
import { Rich } from "../../components/rich";
import { long } from "../../dates/instant";
import { ifThere, to } from "../../routing/pages";
import { texts as applications } from "../../texts/it/applications";
import { texts } from "../../texts/it/communications";
import { FATES } from "./fates";

/** A document's link is good for five minutes: a fresh one is asked for at the press. */
async function linkOf(application: string, of: NoticeView, kind: string): Promise<string | null> {
  const { data } = await call((options) => api.readCommunications(application, options));
  const fresh = data.communications.find((one) => one.kind === of.kind && one.n === of.n && one.copy === of.copy);
  return fresh?.attachments.find((one) => one.kind === kind)?.link ?? null;
}

const RECEIPT = "signed-receipt";
const CALENDAR = "calendar-file";

function Documents({ application, communication }: { application: string; communication: NoticeView }) {
  const [message, setMessage] = useState<string | null>(null);
  const open = async (kind: string) => {
    setMessage(null);
    try {
      if (kind === RECEIPT) {
        saveReceipt(await readReceipt(application));
        return;
      }
      const link = await linkOf(application, communication, kind);
      if (link) location.assign(link);
      else setMessage(texts.noLink);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setMessage(error.detail);
      announce(error.detail, "assertive");
    }
  };
  return (
    <>
      <p>{texts.documents}:</p>
      <ul class="plain">
        {communication.attachments.map((one) => (
          <li key={`${one.kind}-${one.version ?? ""}`}>
            {one.ready && one.kind !== CALENDAR ? (
              <button type="button" class="btn-link" onClick={() => void open(one.kind)}>
                <Icon name="download" />
                {texts.download(one.label)}
              </button>
            ) : (
              <>
                {one.label} ({one.kind === CALENDAR ? texts.inPec : texts.notReady})
              </>
            )}
          </li>
        ))}
      </ul>
      {message && <p class="field-message">{message}</p>}
    </>
  );
}

interface Props {
  communication: NoticeView;
  application: string;
}

/** The communication. */
export function CommunicationItem({ communication: one, application }: Props) {
  const answer = one.unanswered && one.page ? ifThere(one.page) : null;
  const isFailed = one.fate === "failed";
  // What is only sent has its time above.
  const fateAt = one.fate === "accepted" ? null : (one.delivered_at ?? one.failed_at ?? one.fate_at);
  const below = one.text ? texts.textBelow : one.attachments.length > 0 ? texts.documentsBelow : null;
  return (
    <article class={isFailed ? "communication communication-failed" : "communication"} id={`${one.kind}-${one.n}${one.copy ? "-copia" : ""}`}>
      <h2>{one.label}</h2>
      <p>
        {texts.from(one.channel === "pec" ? texts.pec : texts.mail)}
        {one.copy && ` (${texts.copy})`}, {long(one.created)}
      </p>
      <p class="with-badge">
        <StateBadge label={one.fate_label} tone={FATES[one.fate] ?? "neutral"} />
        {fateAt && <span>{long(fateAt)}</span>}
      </p>
      {one.to && (
        <p>
          {texts.to} <span translate={false}>{one.to}</span>
        </p>
      )}
      {isFailed && (
        <Callout tone="danger" title={texts.failed}>
          {one.failure && <p>{one.failure}</p>}
          <p>
            <Rich text={below ? `${texts.failedText} ${below}` : texts.failedText} />
          </p>
        </Callout>
      )}
      {one.reason && (
        <p>
          <strong>{texts.reason}:</strong> {one.reason}
        </p>
      )}
      {one.unanswered && (
        <p class="with-badge">
          <StateBadge label={texts.unanswered} tone="warning" />
          <a href={answer ?? to("/domande/:id", { id: application })}>{answer ? texts.answer : applications.list.readCase}</a>
        </p>
      )}
      {one.text && (
        <Details title={one.subject ? `${texts.text}: ${one.subject}` : texts.text}>
          <p class="communication-text">{one.text}</p>
        </Details>
      )}
      {one.attachments.length > 0 && <Documents application={application} communication={one} />}
      {one.receipts.length > 0 && (
        <Details title={texts.receipts}>
          <ul>
            {one.receipts.map((receipt) => (
              <li key={receipt.event + receipt.at}>
                {receipt.label}: {long(receipt.at)}
              </li>
            ))}
          </ul>
        </Details>
      )}
    </article>
  );
}
