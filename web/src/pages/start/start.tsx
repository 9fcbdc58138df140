// «Compila domande»: model, privacy notice, preliminary checks, summary; then where the code went.

import { useEffect, useRef, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { StartedView } from "../../api/generated";
import { serverNow } from "../../clock/clock";
import { Stepper, SummaryList, type Row } from "../../components/lists";
import { announce } from "../../components/live";
import { Callout, ErrorSummary, Told, type Mistake } from "../../components/messages";
import { Page } from "../../components/page";
import { modelName } from "../../components/rich";
import { ErrorState, Loading } from "../../components/states";
import { plainDate } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { shown } from "../../facts/calendar";
import { readFact, useFact, useFile, type Campaign } from "../../facts/facts";
import { navigate, place } from "../../routing/location";
import { to } from "../../routing/pages";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { texts } from "../../texts/it/start";
import { ChecksStep } from "./checks-step";
import { ModelChoice, offers, titleOf, type Offer } from "./model-choice";
import { PrivacyStep } from "./privacy-step";
import { Started } from "./started";
import { emptyWizard, FIELDS, keepWizard, keptWizard, requestOf, unanswered, type Asked, type Question, type Wizard } from "./wizard";

const MISSING: Record<Question, string> = {
  kind: texts.checks.kindMissing,
  register: texts.checks.registerMissing,
  applicant: texts.checks.applicantMissing,
  company: texts.checks.companyMissing,
};

/** What of a form these steps need to know. */
interface FormFact {
  fields?: { role?: string }[];
  schema?: { fields?: { role?: string }[] };
}

/** Whether the model asks for natural or legal persons; null while its form is being read. */
function useAsksKind(offer: Offer | null): boolean | null {
  const fact = useFile<FormFact>(offer?.model.form_url ?? null);
  if (!offer) return false;
  if (!offer.model.form_url || fact.state === "failed" || fact.state === "absent") return offer.model.id === "a-bis";
  if (fact.state === "loading") return null;
  return (fact.data.fields ?? fact.data.schema?.fields ?? []).some(({ role }) => role === "applicant-kind");
}

function stepOf(search: string): number {
  const step = Number(new URLSearchParams(search).get("passo"));
  return Number.isInteger(step) && step >= 1 && step <= 4 ? step - 1 : 0;
}

interface SendingProps {
  wizard: Wizard;
  asked: Asked;
  offer: Offer;
  isOneDecree: boolean;
  onChange: (wizard: Wizard) => void;
  onMistakes: (mistakes: Mistake[], step: number) => void;
  onStarted: (started: StartedView) => void;
}

/** The summary and the press. */
function Sending({ wizard, asked, offer, isOneDecree, onChange, onMistakes, onStarted }: SendingProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isKeyUsed, setKeyUsed] = useState(false);
  const link = (step: number) => ({ href: `${to("/domande/nuova")}?passo=${step}` });
  const yesNo = wizard.register === "yes" ? texts.checks.yes : texts.checks.no;
  const request = requestOf(wizard, asked);
  const rows: Row[] = [
    { name: texts.summary.model, value: modelName(titleOf(offer, isOneDecree)), change: link(1) },
    { name: texts.summary.privacy, value: texts.summary.read(plainDate(wizard.privacyVersion)), change: link(2) },
  ];
  if (request.applicant_kind) rows.push({ name: texts.checks.kind, value: wizard.kind === "natural" ? texts.checks.natural : texts.checks.legal, change: link(3) });
  if (request.ri_registered !== undefined) rows.push({ name: texts.checks.register, value: yesNo, change: link(3) });
  const code = (text: string) => <span class="code" translate={false}>{text}</span>;
  if (request.applicant_fiscal_code) rows.push({ name: texts.checks.applicant, value: code(request.applicant_fiscal_code), change: link(3) });
  if (request.company_fiscal_code) rows.push({ name: texts.checks.company, value: code(request.company_fiscal_code), change: link(3) });

  const refuse = (refusal: Problem) => {
    if (refusal.errors.some(({ field, code: word }) => field === "Idempotency-Key" && word === "gia-usato")) {
      setKeyUsed(true);
      onChange({ ...wizard, key: emptyWizard().key });
      return;
    }
    if (refusal.errors.some(({ field }) => field === "privacy_version" || field === "privacy_ack")) {
      void readFact(CALENDAR, true);
      onChange({ ...wizard, privacyVersion: "" });
      onMistakes([{ field: "privacy", message: texts.privacy.changed }], 2);
      return;
    }
    const ours = refusal.errors.flatMap(({ field, message }) => {
      const question = FIELDS[field];
      return question ? [{ field: question, message }] : [];
    });
    if (ours.length > 0) onMistakes(ours, 3);
    else setProblem(refusal);
  };
  const press = async () => {
    setBusy(true);
    setProblem(null);
    setKeyUsed(false);
    announce(texts.summary.busy);
    try {
      const { data } = await call((options) => api.startApplication(request, { idempotencyKey: wizard.key }, options));
      onStarted(data);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      refuse(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h2>{texts.summary.title}</h2>
      {isKeyUsed && (
        <Told tone="warning" title={texts.summary.usedTitle}>
          <p>{texts.summary.usedText}</p>
          <p>
            <a href={`${to("/domande")}?stato=to-validate`}>{texts.summary.usedLink}</a>
          </p>
        </Told>
      )}
      {problem && (
        <>
          <ErrorState problem={problem} isAnswer />
          <p>{problem.isPassing ? texts.summary.lost : texts.summary.kept}</p>
        </>
      )}
      <SummaryList rows={rows} />
      <p>{texts.summary.text}</p>
      <p class="buttons">
        <button type="button" class="btn btn-primary" disabled={isBusy} onClick={() => void press()}>
          {isBusy ? texts.summary.busy : texts.summary.go}
        </button>
        <a href={link(3).href}>{texts.back}</a>
      </p>
    </>
  );
}

function Steps({ campaigns }: { campaigns: readonly Campaign[] }) {
  const now = session.value;
  const [wizard, setWizard] = useState(keptWizard);
  const [told, setTold] = useState<{ step: number; mistakes: readonly Mistake[]; round: number }>({ step: 0, mistakes: [], round: 0 });
  const [started, setStarted] = useState<StartedView | null>(null);
  const top = useRef<HTMLDivElement>(null);
  const wanted = stepOf(place.value.search);
  const every = offers(campaigns);
  const isOneDecree = new Set(every.map(({ campaign }) => campaign.campaign)).size === 1;
  const offer = every.find(({ campaign, model }) => campaign.campaign === wizard.campaign && model.id === wizard.model) ?? null;
  const asksKind = useAsksKind(offer);
  const isOperator = now.state === "signed-in" && now.view.role !== "employer";
  const asked: Asked = { kind: asksKind === true, applicant: isOperator };
  // A step is open once those before it are answered: an address can be typed by hand.
  const furthest = offer === null ? 0 : wizard.privacyVersion === "" || wizard.privacyVersion !== offer.campaign.privacy?.version ? 1 : unanswered(wizard, asked).length > 0 ? 2 : 3;
  const step = Math.min(wanted, furthest);
  // At another step their fields are not there.
  const mistakes = told.step === step ? told.mistakes : [];
  const tell = (found: readonly Mistake[], at: number) => setTold({ step: at, mistakes: found, round: told.round + 1 });
  const messageFor = (field: string) => mistakes.find((mistake) => mistake.field === field)?.message ?? null;

  useEffect(() => keepWizard(started ? null : wizard), [wizard, started]);
  const shownStep = useRef(step);
  useEffect(() => {
    // Once it is begun, nobody is at a step any more: what came of it has the focus.
    if (started || shownStep.current === step) return;
    shownStep.current = step;
    announce(it.list.step(step + 1, texts.steps.length));
    // Their summary has the focus: the step was opened because of them.
    if (mistakes.length > 0) return;
    tell([], step);
    top.current?.scrollIntoView();
    top.current?.focus({ preventScroll: true });
  }, [step]);

  const change = (changes: Partial<Wizard>) => {
    const changed = { ...wizard, ...changes };
    // At once and not after the next picture: a reload may come sooner.
    keepWizard(changed);
    setWizard(changed);
  };
  const go = (next: number) => void navigate(`${to("/domande/nuova")}?passo=${next}`);
  const proceed = () => {
    const found: Mistake[] = [];
    if (step === 0 && !offer) found.push({ field: "model", message: texts.model.missing });
    if (step === 1 && furthest === 1) found.push({ field: "privacy", message: texts.privacy.missing });
    if (step === 2) for (const question of unanswered(wizard, asked)) found.push({ field: question, message: MISSING[question] });
    tell(found, step);
    if (found.length === 0) go(step + 2);
  };
  if (started) {
    return (
      <Started
        started={started}
        isOperator={isOperator}
        onAnother={() => {
          setWizard({ ...emptyWizard(), campaign: wizard.campaign, model: wizard.model });
          setStarted(null);
          go(1);
        }}
      />
    );
  }
  return (
    <div ref={top} tabIndex={-1} class="wizard">
      <Stepper steps={texts.steps} current={step} />
      {/* Anew with each press, so that it takes the focus again. */}
      <ErrorSummary key={told.round} mistakes={mistakes} />
      {step === 3 && offer ? (
        <Sending
          wizard={wizard}
          asked={asked}
          offer={offer}
          isOneDecree={isOneDecree}
          onChange={setWizard}
          onStarted={(view) => {
            setStarted(view);
            announce(view.message);
          }}
          onMistakes={(found, at) => {
            tell(found, at - 1);
            go(at);
          }}
        />
      ) : (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            proceed();
          }}
        >
          {step === 0 && (
            <ModelChoice
              all={every}
              chosen={offer ? `${wizard.campaign}/${wizard.model}` : ""}
              error={messageFor("model")}
              onChoose={(value) => {
                const [campaign = "", model = ""] = value.split("/");
                change({ campaign, model, ...(campaign === wizard.campaign ? {} : { privacyVersion: "" }) });
              }}
            />
          )}
          {step === 1 && offer && (
            <PrivacyStep
              campaign={offer.campaign}
              isRead={furthest > 1}
              error={messageFor("privacy")}
              onRead={(isRead) => change({ privacyVersion: isRead ? (offer.campaign.privacy?.version ?? "") : "" })}
            />
          )}
          {step === 2 && (asksKind === null ? <Loading lines={4} /> : <ChecksStep wizard={wizard} asked={asked} messageFor={messageFor} onChange={change} />)}
          <p class="buttons">
            <button type="submit" class="btn btn-primary">
              {texts.next}
            </button>
            {step > 0 && <a href={`${to("/domande/nuova")}?passo=${step}`}>{texts.back}</a>}
          </p>
        </form>
      )}
    </div>
  );
}

/** The page. */
export default function Start() {
  const fact = useFact("calendar.json");
  const now = session.value;
  const service = now.state === "signed-in" ? now.view.services.find((one) => one.service === "start-application") : undefined;
  const crumbs = [{ label: it.shell.myArea, href: to("/area") }];
  if (!service?.available) {
    return (
      <Page title={texts.title} crumbs={crumbs}>
        <Callout tone="warning">
          {/* Who never may, whatever is open, has no such service. */}
          <p>{service ? (service.why ?? it.state.levelTitle) : texts.notYours}</p>
          <p>
            <a href={service ? to("/accesso") : to("/aiuto")}>{service ? it.state.enter : it.notFound.help}</a>
          </p>
        </Callout>
      </Page>
    );
  }
  return (
    <Page title={texts.title} crumbs={crumbs}>
      {fact.state === "loading" && <Loading lines={8} />}
      {(fact.state === "failed" || fact.state === "absent") && <ErrorState problem={Problem.network()} onRetry={() => void readFact(CALENDAR, true)} />}
      {fact.state === "ready" && <Steps campaigns={shown(fact.data.campaigns, serverNow())} />}
    </Page>
  );
}
