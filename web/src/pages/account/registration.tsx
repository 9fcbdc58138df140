// Registering by e-mail (ACC-1, ACC-2): the form, then the wait for the letter, from which another one can be asked for.

import { useEffect, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { serverNow } from "../../clock/clock";
import { DateField, Tick } from "../../components/controls";
import { TextField } from "../../components/field";
import { announce } from "../../components/live";
import { Callout, Details, ErrorSummary, Told } from "../../components/messages";
import { NoticeText } from "../../components/notice-text";
import { Page } from "../../components/page";
import { ErrorState, Loading } from "../../components/states";
import { milliseconds, plainDate, toTheMinute } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { shown } from "../../facts/calendar";
import { readFact, useFact, useFile, type Campaign, type PrivacyNotice } from "../../facts/facts";
import { to } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as access } from "../../texts/it/access";
import { texts as all } from "../../texts/it/account";
import { address, addressTwice, birthDate, name, passwordTwice } from "./checks";
import { HumanCheckField, useHumanCheck } from "./human-check";
import { PasswordFields } from "./password-fields";
import { opensByPassword, usePasswordSignIn } from "./password-sign-in";
import { Enter, MailboxHint } from "./told";
import { useSending } from "./use-sending";
import { forgetWaiting, keepWaiting, keptWaiting, type Waiting } from "./waiting";

const texts = all.registration;
const shared = all.shared;

const EMPTY = { given_name: "", family_name: "", birth_date: "", email: "", email_repeated: "", password: "", password_repeated: "" };

/** The notice to consent to: that of a campaign in which the account opens something, else of one that is shown. */
function campaignOf(campaigns: readonly Campaign[]): Campaign | undefined {
  const withNotice = campaigns.filter(({ privacy }) => privacy !== null);
  return withNotice.find(opensByPassword) ?? shown(withNotice, serverNow())[0] ?? withNotice[0];
}

interface ConsentProps {
  campaign: Campaign | undefined;
  isGiven: boolean;
  error: string | null;
  onGive: (isGiven: boolean) => void;
}

function ConsentPart({ campaign, isGiven, error, onGive }: ConsentProps) {
  const url = campaign?.privacy?.url ?? null;
  const notice = useFile<PrivacyNotice>(url);
  return (
    <>
      <h2>{texts.consent}</h2>
      {url !== null && notice.state === "loading" && <Loading lines={3} />}
      {(url === null || notice.state === "failed" || notice.state === "absent") && (
        <Callout tone="warning" title={texts.unreadable}>
          <p>
            <button type="button" class="btn-link" onClick={() => void readFact(url ?? CALENDAR, true)}>
              {it.state.retry}
            </button>
          </p>
        </Callout>
      )}
      {notice.state === "ready" && (
        <>
          <Details title={texts.notice}>
            <p class="field-help">{texts.version(plainDate(notice.data.version), notice.data.law)}</p>
            <NoticeText notice={notice.data} />
          </Details>
          <Tick id="consent" label={texts.tick} error={error} isTicked={isGiven} onChange={onGive} />
        </>
      )}
    </>
  );
}

/** What concerns the notice stands at the consent; it is read anew, since it may have changed. */
const fieldOf = (field: string) => (field === "campaign" || field === "privacy_version" ? "consent" : field);

function Form({ campaign, onSent }: { campaign: Campaign | undefined; onSent: (waiting: Waiting) => void }) {
  const [typed, setTyped] = useState(EMPTY);
  const [isConsentGiven, setConsentGiven] = useState(false);
  const human = useHumanCheck();
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({
    fieldOf,
    heard: ({ errors }) => {
      if (!errors.some(({ field }) => fieldOf(field) === "consent")) return;
      setConsentGiven(false);
      void readFact(CALENDAR, true);
    },
  });
  const set = (field: keyof typeof EMPTY) => (value: string) => setTyped((before) => ({ ...before, [field]: value }));
  const wrong = () => [
    ...name("given_name", typed.given_name),
    ...name("family_name", typed.family_name),
    ...birthDate(typed.birth_date),
    ...addressTwice(typed.email, typed.email_repeated),
    ...passwordTwice(typed.password, typed.password_repeated),
    ...(isConsentGiven ? [] : [{ field: "consent", message: texts.needConsent }]),
  ];
  const register = () =>
    send(wrong(), async () => {
      const human_check = await human.prove();
      if (human_check === null || !campaign?.privacy) return;
      const body = { ...typed, email: typed.email.trim(), email_repeated: typed.email_repeated.trim(), consent: true, campaign: campaign.campaign, privacy_version: campaign.privacy.version, human_check };
      const { data } = await call((options) => api.register(body, options));
      onSent(data);
    });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void register();
      }}
    >
      <p>
        {texts.preferred} <a href={to("/accesso")}>{texts.preferredLink}</a>.
      </p>
      <ErrorSummary key={round} mistakes={mistakes} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <h2>{texts.who}</h2>
      <TextField id="given_name" label={shared.given_name} autocomplete="given-name" value={typed.given_name} onInput={set("given_name")} error={messageFor("given_name")} />
      <TextField id="family_name" label={shared.family_name} autocomplete="family-name" value={typed.family_name} onInput={set("family_name")} error={messageFor("family_name")} />
      <DateField id="birth_date" label={shared.birth_date} autocomplete="bday" value={typed.birth_date} onChange={(iso, isBlank, text) => set("birth_date")(isBlank ? "" : (iso ?? text))} error={messageFor("birth_date")} />
      <h2>{texts.access}</h2>
      <TextField id="email" label={shared.email} help={shared.emailHelp} type="email" inputMode="email" autocomplete="email" value={typed.email} onInput={set("email")} error={messageFor("email")} />
      <TextField id="email_repeated" label={shared.emailRepeated} type="email" inputMode="email" autocomplete="email" value={typed.email_repeated} onInput={set("email_repeated")} error={messageFor("email_repeated")} />
      <PasswordFields first={typed.password} second={typed.password_repeated} onFirst={set("password")} onSecond={set("password_repeated")} messageFor={messageFor} />
      <ConsentPart campaign={campaign} isGiven={isConsentGiven} error={messageFor("consent")} onGive={setConsentGiven} />
      <HumanCheckField
        check={human}
        error={messageFor("human_check")}
        address={address(typed.email).length === 0 ? typed.email.trim() : null}
        onNoAddress={() => void send(address(typed.email), async () => {})}
      />
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy || !campaign}>
          {human.percent === null ? texts.go : all.human.busy}
        </button>
      </p>
    </form>
  );
}

function Wait({ waiting, onRestart }: { waiting: Waiting; onRestart: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const again = async () => {
    setProblem(null);
    setAsked(null);
    try {
      const { data } = await call((options) => api.askAccountCode({ registration: waiting.registration }, options));
      setAsked(data.message);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    <>
      {waiting.message ? (
        <Told title={texts.sent}>
          <p>{waiting.message}</p>
          <p>{texts.until(toTheMinute(waiting.expires))}</p>
        </Told>
      ) : (
        <Callout tone="info" title={texts.waitingTitle}>
          <p>{texts.waitingText}</p>
          <p>{texts.until(toTheMinute(waiting.expires))}</p>
        </Callout>
      )}
      <MailboxHint />
      <h2>{texts.notArrived}</h2>
      <p>{texts.notArrivedText}</p>
      {asked && (
        <Told key={asked} title={texts.asked}>
          <p>{asked}</p>
        </Told>
      )}
      {problem && <ErrorState problem={problem} isAnswer />}
      <p class="buttons">
        <button type="button" class="btn btn-outline-primary" onClick={() => void again()}>
          {texts.again}
        </button>
        <button type="button" class="btn btn-link" onClick={onRestart}>
          {texts.restart}
        </button>
      </p>
    </>
  );
}

/** The page. */
export default function Registration() {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const standing = usePasswordSignIn();
  const fact = useFact("calendar.json");
  // What is kept may be over since yesterday.
  useEffect(() => setWaiting(keptWaiting((expires) => (milliseconds(expires) ?? 0) > serverNow())), []);
  return (
    <Page title={texts.title} crumbs={[{ label: access.title, href: to("/accesso") }]} lead={waiting || standing === "closed" ? "" : texts.lead}>
      {waiting ? (
        <Wait
          waiting={waiting}
          onRestart={() => {
            forgetWaiting();
            setWaiting(null);
          }}
        />
      ) : standing === "closed" ? (
        <Enter standing={standing} />
      ) : fact.state === "loading" ? (
        <Loading lines={10} />
      ) : (
        <Form
          campaign={fact.state === "ready" ? campaignOf(fact.data.campaigns) : undefined}
          onSent={(sent) => {
            keepWaiting(sent);
            setWaiting(sent);
            scrollTo(0, 0);
            announce(texts.sent);
          }}
        />
      )}
    </Page>
  );
}
