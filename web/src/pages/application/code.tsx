// «Verifica codice»: the code of the PEC opens the form; another one can be asked for after a while.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { ActivationView, ApplicationView } from "../../api/generated";
import { serverNow } from "../../clock/clock";
import { Code as Verbatim } from "../../components/code";
import { CodeField } from "../../components/controls";
import { Countdown, useLeft } from "../../components/countdown";
import { announce } from "../../components/live";
import { Callout, ErrorSummary } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { toTheMinute } from "../../dates/instant";
import { navigate } from "../../routing/location";
import { ifThere, to, type PageProps } from "../../routing/pages";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { texts as applicationTexts } from "../../texts/it/applications";
import { texts as all } from "../../texts/it/start";
import { MailboxesHint } from "../start/mailboxes";
import { ApplicationPage, useApplication } from "./frame";

const texts = all.code;
const applications = applicationTexts.one;

const afterwards = (id: string) => ifThere(`/domande/${encodeURIComponent(id)}/compila`) ?? to("/domande/:id", { id });

function NewCode({ id, nextAt, isMain, onAsked }: { id: string; nextAt: string | null; isMain: boolean; onAsked: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  // Asked too early: the button is back when the API lets it.
  const [refusedUntil, setRefusedUntil] = useState<number | null>(null);
  const left = useLeft(refusedUntil ?? nextAt ?? 0);
  const ask = async () => {
    setProblem(null);
    try {
      const { data } = await call((options) => api.askNewCode(id, options));
      setMessage(data.message);
      announce(data.message);
      onAsked();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      if (error.retryAfterMs) setRefusedUntil(serverNow() + error.retryAfterMs);
    }
  };
  return (
    <>
      {message && (
        <Callout tone="success" title={texts.asked}>
          <p>{message}</p>
        </Callout>
      )}
      {problem && <ErrorState problem={problem} isAnswer />}
      {left !== null && left > 0 ? (
        // The refusal counts down by itself.
        refusedUntil === null && nextAt && <Countdown until={nextAt} label={texts.againIn} />
      ) : (
        <p class="buttons">
          <button type="button" class={isMain ? "btn btn-primary" : "btn btn-outline-primary"} onClick={() => void ask()}>
            {texts.again}
          </button>
        </p>
      )}
    </>
  );
}

interface TypingProps {
  id: string;
  activation: ActivationView | null;
  attempts: number | null;
  onAttempts: (left: number) => void;
  onSpent: () => void;
}

function Typing({ id, activation, attempts, onAttempts, onSpent }: TypingProps) {
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const verify = async () => {
    setProblem(null);
    if (code.trim() === "") {
      setError(texts.missing);
      return;
    }
    setBusy(true);
    try {
      await call((options) => api.verifyCode(id, { code: code.trim() }, options));
      await navigate(afterwards(id));
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      const wrong = refusal.kind === "codice-errato" ? refusal.detail : refusal.messageFor("code");
      setError(wrong);
      if (!wrong) setProblem(refusal);
      const left = refusal.number("attempts_left");
      if (left !== null) onAttempts(left);
      if (refusal.kind === "codice-scaduto" || refusal.kind === "tentativi-esauriti") onSpent();
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void verify();
      }}
    >
      <ErrorSummary key={`${error}${attempts}`} mistakes={error ? [{ field: "code", message: error }] : []} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <CodeField id="code" label={texts.field} help={texts.help} size={16} autocomplete="one-time-code" value={code} onInput={setCode} error={error}>
        {attempts !== null && (!error || error === texts.missing) && <p class="field-help">{texts.attempts(attempts)}</p>}
        {activation?.expires_at && <p class="field-help">{texts.until(toTheMinute(activation.expires_at))}</p>}
      </CodeField>
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy}>
          {texts.go}
        </button>
      </p>
    </form>
  );
}

function Where({ activation }: { activation: ActivationView | null }) {
  const isOperator = session.value.state === "signed-in" && session.value.view.role === "operator";
  return (
    <>
      <p>
        {isOperator ? texts.operator : texts.lead} {activation?.masked_to && texts.sentTo(activation.masked_to)}
      </p>
      {activation?.fate_label && (
        <p>
          {texts.fate}: <strong>{activation.fate_label.toLowerCase()}</strong>
        </p>
      )}
      <MailboxesHint />
    </>
  );
}

/** Who has several must see which one the code is for; in few lines, so that the field stays in sight on a telephone. */
function Which({ application: { id, employer, activation } }: { application: ApplicationView }) {
  const whose = employer ?? activation?.employer_code;
  return (
    <p>
      {applications.id}: <Verbatim text={id} />
      {whose && (
        <>
          <br />
          {employer ? applications.employer : texts.employerCode}: <span translate={false}>{whose}</span>
        </>
      )}
    </p>
  );
}

function Content({ application, again }: { application: ApplicationView; again: () => void }) {
  const { id, state } = application;
  const activation = application.activation ?? null;
  const [typedAttempts, setTypedAttempts] = useState<{ of: string; left: number } | null>(null);
  // A new code brings new attempts.
  const version = activation?.expires_at ?? "";
  const attempts = typedAttempts?.of === version ? typedAttempts.left : (activation?.attempts_left ?? null);
  const end = activation?.expires_at ?? null;
  const left = useLeft(end ?? 0);
  if (state !== "to-validate") {
    const isOpen = state === "to-complete" || state === "to-send";
    return (
      <>
        <Callout tone={isOpen ? "success" : "info"} title={isOpen ? texts.open : texts.ended}>
          {isOpen && <p>{texts.openText}</p>}
        </Callout>
        <p class="buttons">
          <a class="btn btn-primary" href={isOpen ? afterwards(id) : to("/domande/:id", { id })}>
            {isOpen ? texts.fillIn : texts.see}
          </a>
        </p>
      </>
    );
  }
  if (activation && !activation.sent) {
    return (
      <Callout tone="info" title={texts.queued}>
        <p>{texts.queuedText}</p>
        <p>
          <a href={to("/domande")}>{it.list.toApplications}</a>
        </p>
      </Callout>
    );
  }
  const isSpent = attempts === 0;
  const isExpired = end !== null && left === 0;
  return (
    <>
      {isSpent || isExpired ? (
        <Callout tone="warning" title={isSpent ? texts.spent : texts.expired}>
          <p>{isSpent ? texts.spentText : texts.expiredText}</p>
        </Callout>
      ) : (
        <>
          <Where activation={activation} />
          <Typing id={id} activation={activation} attempts={attempts} onAttempts={(n) => setTypedAttempts({ of: version, left: n })} onSpent={again} />
        </>
      )}
      <NewCode id={id} nextAt={activation?.next_at ?? null} isMain={isSpent || isExpired} onAsked={again} />
    </>
  );
}

/** The page. */
export default function Code({ params }: PageProps) {
  const id = params["id"] ?? "";
  const application = useApplication(id);
  return (
    <ApplicationPage title={texts.title} id={id} of={application}>
      {(data) => (
        <>
          <Which application={data} />
          <Content application={data} again={application.again} />
        </>
      )}
    </ApplicationPage>
  );
}
