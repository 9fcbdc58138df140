// One application: how it stands, what comes next and who acts, until when; its receipt, what happened, its answers.

import { api, call } from "../../api/client";
import type { ApplicationView as View, CommunicationView, EventView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { answersWithoutPage, doings, laterSending, nextStep, waitings } from "../../applications/actions";
import { isSent } from "../../applications/states";
import { asksApplicant } from "../../applications/terms";
import { moments } from "../../applications/timeline";
import { Countdown } from "../../components/countdown";
import { SummaryList, Timeline, type Happening } from "../../components/lists";
import { Callout, DeadlineBox, NoteText, StateBadge, TermBox } from "../../components/messages";
import { Read } from "../../components/read";
import { Rich } from "../../components/rich";
import { toTheMillisecond, toTheMinute } from "../../dates/instant";
import { navigate } from "../../routing/location";
import { ifThere, to, type PageProps } from "../../routing/pages";
import { session, signInLink } from "../../session/session";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/applications";
import { texts as communicationTexts } from "../../texts/it/communications";
import { FATES } from "../communications/fates";
import { About, Standing } from "./about";
import { ArmedPart } from "./armed";
import { AnswersSent } from "./answers-sent";
import { ApplicationPage, useApplication } from "./frame";
import { OfficeContact } from "./office";
import { SendingOpens } from "./sending-opens";

const texts = all.one;

/** What goes no further: it waits for no place any more, and nobody has anything to do. */
const GIVEN_UP = ["refused", "revoked", "renounced", "archived"];
/** Of these an officer has written why. */
const WITH_REASON = ["refused", "revoked"];

/** The term for confirming is over, and the office has not decided yet. */
const UNCONFIRMED = "expired-to-verify";

const isByPassword = () => session.value.state === "signed-in" && session.value.view.level < 2;

const isBlocked = ({ state }: View) => state === "blocked" || state === "blocked-after-sending";

/** Marked text. */
function whoActs(application: View, hasStep: boolean): string {
  const { id, term, state, allowed, place } = application;
  if (allowed.some(({ action, closed }) => action === "submit" && closed)) {
    if (!laterSending(application)) return texts.isComplete;
    return allowed.some(({ action, closed }) => action === "save" && !closed) ? `${texts.isForYouToSend} ${texts.isChangeable}` : texts.isForYouToSend;
  }
  if (state === "renouncing") return texts.renouncing;
  if (hasStep) return texts.youAct;
  if (term && asksApplicant(term)) return isByPassword() ? `${texts.notByYou} ${texts.enterFirst(signInLink())}` : texts.notByYou;
  if (GIVEN_UP.includes(state)) return WITH_REASON.includes(state) ? texts.reason(to("/domande/:id/comunicazioni", { id })) : texts.ended;
  if (state === "granted") return texts.consulateActs;
  if (state === "submitted" && !term) {
    if (!place) return texts.portalCounts;
    return place.in_quota ? texts.officeActs : texts.waitsForPlace;
  }
  if (state === UNCONFIRMED) return texts.unconfirmed;
  if (term?.who_acts === "office") return texts.officeActs;
  if (term?.who_acts === "portal") return texts.portalActs;
  return isSent(state) && !term ? texts.officeActs : texts.othersAct;
}

/** Over how an answer is given that has no page yet. */
function howTo({ allowed }: View, labels: readonly string[]): string {
  const titles = new Set(allowed.flatMap(({ action }) => texts.howTo[action] ?? []));
  const [title] = titles;
  return titles.size === 1 && title ? title : texts.answerToday(labels.join(" o "));
}

/** What the letter to the office holds that stands for the page. */
function whatToWrite({ allowed }: View): string {
  return allowed.flatMap(({ action }) => texts.whatToWrite[action] ?? [])[0] ?? texts.whatYouWant;
}

function StepLink({ id, href, label, isSending, isMain }: { id: string; href: string; label: string; isSending: boolean; isMain: boolean }) {
  return (
    <a
      class={isMain ? "btn btn-primary" : "btn btn-outline-primary"}
      href={href}
      onClick={(event) => {
        // Who sends from the page of one application sends this one; the others stand in the list, not chosen.
        if (!isSending || event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        void navigate(href, { state: { applications: [id] } });
      }}
    >
      {label}
    </a>
  );
}

function Next({ application }: { application: View }) {
  const step = nextStep(application);
  const waiting = waitings(application);
  const withoutPage = answersWithoutPage(application);
  const { term, hold, activation, attention, missing, state } = application;
  const hasStep = step !== null || withoutPage.length > 0;
  // A term that is over does not say any more until when an answer is taken.
  const answerUntil = term?.who_acts === "applicant" && term.ms_left > 0 ? term.ends_in_words : null;
  // Where the sending can be booked, that comes first.
  const toSending = step?.action === "arm" ? null : laterSending(application)?.href;
  return (
    <section>
      <h2>{texts.next}</h2>
      {application.closed && <Callout tone="neutral" title={application.closed} />}
      {isBlocked(application) && (
        <Callout tone="danger" title={texts.blocked}>
          {attention && <p>{attention}</p>}
          {hold && <p>{hold.text}</p>}
          {(hasStep || !hold) && <NoteText text={texts.officeDecides} />}
        </Callout>
      )}
      {!isBlocked(application) && hold && (
        // The state stands above, as a badge.
        <Callout tone="warning">
          <p>{hold.text}</p>
          <OfficeContact office={application.office} />
        </Callout>
      )}
      {!isBlocked(application) && attention && (
        <Callout tone="warning">
          <p>{attention}</p>
        </Callout>
      )}
      {/* What holds a case up says itself what to do. */}
      {!isBlocked(application) && (hasStep || !hold) && (
        <p>
          <Rich text={whoActs(application, hasStep)} />
        </p>
      )}
      {!isBlocked(application) && !hold && state === UNCONFIRMED && <OfficeContact office={application.office} />}
      {answerUntil && texts.withoutAnswer[state] && <p>{texts.withoutAnswer[state]}</p>}
      {(state === "armed" || application.allowed.some(({ action }) => action === "arm")) && <ArmedPart application={application} />}
      {term && term.who_acts !== "portal" && (
        <TermBox term={term}>{() => <Countdown until={term.ends_at} />}</TermBox>
      )}
      {!term && activation?.expires_at && (
        <DeadlineBox label={texts.code} endsInWords={toTheMinute(activation.expires_at)}>
          <Countdown until={activation.expires_at} />
        </DeadlineBox>
      )}
      {missing.length > 0 && (
        <>
          <p>{texts.missing}</p>
          <ul>
            {missing.map(({ field, label, section }) => (
              <li key={field}>{section ? `${section}: ${label}` : label}</li>
            ))}
          </ul>
        </>
      )}
      {state === "to-complete" && <SendingOpens application={application} />}
      {waiting.map(({ action, sentence, opensAt }) => (
        <div key={action}>
          <p>{sentence}</p>
          {opensAt && <Countdown until={opensAt} label={texts.opensIn} isOpening />}
        </div>
      ))}
      {withoutPage.length > 0 && (
        <Callout tone="info" title={howTo(application, withoutPage)}>
          <NoteText text={texts.noPage(whatToWrite(application), answerUntil)} />
          <OfficeContact office={application.office} />
        </Callout>
      )}
      {(step || toSending) && (
        <p class="buttons">
          {toSending && <StepLink id={application.id} href={toSending} label={texts.toSending} isSending isMain />}
          {step && <StepLink id={application.id} href={step.href} label={step.label} isSending={step.action === "submit"} isMain={!toSending} />}
        </p>
      )}
    </section>
  );
}

function Actions({ application }: { application: View }) {
  const step = nextStep(application);
  // The receipt has its own section above.
  const receipt = application.receipt_code ? to("/domande/:id/ricevuta", { id: application.id }) : null;
  // So has the armed send, with the way to undo it.
  const others = doings(application).filter(({ action, href }) => action !== "disarm" && href !== step?.href && href !== receipt);
  const communications = ifThere(`/domande/${encodeURIComponent(application.id)}/comunicazioni`);
  const links = [...others, ...(communications && !others.some(({ href }) => href === communications) ? [{ href: communications, label: communicationTexts.title }] : [])];
  return (
    <section class="no-print">
      <h2>{texts.actions}</h2>
      <ul class="task-list">
        {links.map(({ href, label }) => (
          <li key={href}>
            <a href={href}>{label}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Receipt({ application: { id, receipt_code, arrival } }: { application: View }) {
  if (!receipt_code || !arrival) return null;
  return (
    <section>
      <h2>{all.receipt.title}</h2>
      <SummaryList
        rows={[
          { name: all.sent.receipt, value: <strong class="code" translate={false}>{receipt_code}</strong> },
          { name: all.sent.arrival, value: toTheMillisecond(arrival) },
        ]}
      />
      <p class="no-print">
        <a href={to("/domande/:id/ricevuta", { id })}>{all.sent.open}</a>
      </p>
    </section>
  );
}

/** The final position and the place in quota; until then, that they are still to come. */
function Place({ application: { place, state } }: { application: View }) {
  // Later than that, no position means that the model has no quota.
  if (!place) {
    return state === "submitted" ? (
      <section>
        <h2>{texts.place.title}</h2>
        <p>{texts.place.notYet}</p>
      </section>
    ) : null;
  }
  const { ordinal, protocol, in_quota, line_label, since, moved_up } = place;
  return (
    <section>
      <h2>{texts.place.title}</h2>
      <SummaryList
        rows={[
          { name: texts.place.protocol, value: <strong class="code" translate={false}>{protocol}</strong> },
          { name: texts.place.ordinal, value: texts.place.nth(ordinal) },
          { name: texts.place.quota, value: in_quota ? texts.place.inQuota(line_label ?? "") : texts.place.notInQuota },
          ...(in_quota && since ? [{ name: texts.place.since, value: toTheMinute(since) }] : []),
        ]}
      />
      {in_quota && moved_up && <p>{texts.place.movedUp}</p>}
      {!in_quota && !GIVEN_UP.includes(state) && <p>{texts.place.whatThen}</p>}
    </section>
  );
}

/** Half of the timeline is worth showing where the other half cannot be read. */
async function readPast(id: string, signal: AbortSignal) {
  const [history, sent] = await Promise.allSettled([
    call((options) => api.readHistory(id, options), { signal }),
    call((options) => api.readCommunications(id, options), { signal }),
  ]);
  if (history.status === "rejected" && sent.status === "rejected") throw history.reason;
  return {
    events: history.status === "fulfilled" ? (history.value.data.events as EventView[]) : null,
    communications: sent.status === "fulfilled" ? (sent.value.data as CommunicationView).communications : null,
  };
}

function Past({ id, version }: { id: string; version: number }) {
  const past = useReading(`${id} ${version}`, (signal) => readPast(id, signal));
  return (
    <section>
      <h2>{texts.history}</h2>
      <Read of={past} lines={6}>
        {({ events, communications }) => (
          <>
            {(events === null || communications === null) && (
              <Callout tone="warning" title={events === null ? texts.noHistory : texts.noCommunications}>
                <p>
                  <button type="button" class="btn-link" onClick={past.again}>
                    {it.state.retry}
                  </button>
                </p>
              </Callout>
            )}
            <Timeline
              happenings={moments(events ?? [], communications ?? []).map((moment, n): Happening => {
                if ("event" in moment) {
                  const { event } = moment;
                  return { id: `event-${n}`, at: event.at, title: event.text, ...(event.who_label ? { who: event.who_label } : {}) };
                }
                const { communication } = moment;
                const label = communication.copy ? texts.copy(communication.label) : communication.label;
                const anchor = `${communication.kind}-${communication.n}${communication.copy ? "-copia" : ""}`;
                return {
                  id: `sent-${n}`,
                  at: communication.created,
                  title: texts.communication(label),
                  children: (
                    <p class="with-badge">
                      <StateBadge label={communication.fate_label} tone={FATES[communication.fate] ?? "neutral"} />
                      <a class="no-print" href={`${to("/domande/:id/comunicazioni", { id })}#${anchor}`}>
                        {texts.readIt}
                        <span class="visually-hidden">: {label}</span>
                      </a>
                    </p>
                  ),
                };
              })}
            />
          </>
        )}
      </Read>
    </section>
  );
}

function Content({ application }: { application: View }) {
  const canRead = application.allowed.some(({ action }) => action === "read-form") || isSent(application.state);
  const canWrite = application.allowed.some(({ action }) => action === "save");
  return (
    <>
      <Standing application={application} />
      <Next application={application} />
      <Receipt application={application} />
      <Place application={application} />
      <Actions application={application} />
      <section>
        <h2>{texts.about}</h2>
        <About application={application} />
      </section>
      <Past id={application.id} version={application.version} />
      {canRead && !canWrite && <AnswersSent application={application} />}
    </>
  );
}

/** The page. */
export default function ApplicationView({ params }: PageProps) {
  const id = params["id"] ?? "";
  const application = useApplication(id);
  return (
    <ApplicationPage title={texts.title} id={id} isBelow={false} of={application}>
      {(data) => <Content application={data} />}
    </ApplicationPage>
  );
}
