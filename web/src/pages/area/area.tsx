// The personal area: what presses, what others do, the services, who is signed in and for whom.

import type { ApplicationList, ApplicationView, SessionView } from "../../api/generated";
import { waitsForAnswer } from "../../applications/actions";
import { searchFor } from "../../applications/search";
import { useReading } from "../../api/reading";
import { labelOf } from "../../applications/states";
import { openByNumber, READY, statesWithTerms, tasks, waitingForOthers, type Count, type Task } from "../../applications/to-do";
import { Code } from "../../components/code";
import { Icon } from "../../components/icon";
import { SummaryList, type Row } from "../../components/lists";
import { Callout, StateBadge, toneOf } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Rich } from "../../components/rich";
import { Empty } from "../../components/states";
import { toTheMinute } from "../../dates/instant";
import { ifThere, to } from "../../routing/pages";
import { menuOf } from "../../session/services";
import { session, signInLink } from "../../session/session";
import { texts } from "../../texts/it/area";
import { texts as listTexts } from "../../texts/it/applications";
import { nameOf, withoutWorker } from "../applications/frame";
import { SignOutEverywhere } from "./sign-out-everywhere";
import { WaitingTickets } from "./waiting-tickets";

/** More would hide what presses. */
const MOST_TASKS = 20;
const PAGE = 100;

interface Overview {
  counts: Partial<Record<string, number>>;
  applications: ApplicationView[];
  message: string | null;
}

/** The newest hundred, and all that have a term where there are more. */
async function readOverview(signal: AbortSignal): Promise<Overview> {
  const first = await searchFor({ limit: PAGE }, signal);
  const counts = first.counts ?? countsOf(first);
  const found = new Map(first.applications.map((one) => [one.id, one]));
  if (first.next) {
    for (const state of statesWithTerms(counts)) {
      const more = await searchFor({ state, limit: PAGE }, signal);
      for (const one of more.applications) found.set(one.id, one);
    }
  }
  return { counts, applications: [...found.values()], message: first.message ?? null };
}

function countsOf({ applications }: ApplicationList): Partial<Record<string, number>> {
  const counts: Partial<Record<string, number>> = {};
  for (const { state } of applications) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

/** Who a card is about; where nobody is named, words, and below them the number that tells it apart. */
function Title({ application }: { application: ApplicationView }) {
  const { id, worker, employer, activation } = application;
  const name = worker ?? employer;
  const code = activation?.employer_code;
  return (
    <>
      <h3>
        <a href={to("/domande/:id", { id })}>
          {name ? (
            <span translate={false}>{name}</span>
          ) : code ? (
            <>
              {texts.employerCode} <span translate={false}>{code}</span>
            </>
          ) : (
            withoutWorker(application)
          )}
        </a>
      </h3>
      {!name && !code && (
        <p>
          {listTexts.list.number} <Code text={id} />
        </p>
      )}
    </>
  );
}

function Due({ task: { application, step, until } }: { task: Task }) {
  const { term, activation } = application;
  return (
    <li class="card-box">
      <Title application={application} />
      <p>
        <StateBadge label={application.state_label} tone={toneOf(application.state)} />
      </p>
      <p>{application.model_label ?? application.model}</p>
      {term && until !== null && (
        <p class="term-line">
          {term.label}: entro <strong>{term.ends_in_words}</strong>
        </p>
      )}
      {!term && activation?.expires_at && (
        <p>
          {texts.codeUntil} <strong>{toTheMinute(activation.expires_at)}</strong>
        </p>
      )}
      {application.attention && <p>{application.attention}</p>}
      {step && (
        <p>
          <a href={step.href}>
            {step.label}
            <span class="visually-hidden">: {nameOf(application)}</span>
          </a>
        </p>
      )}
      {waitsForAnswer(application) && (
        <>
          <p>{listTexts.list.answerAsked}</p>
          <p>
            <a href={to("/domande/:id", { id: application.id })}>
              {listTexts.list.readCase}
              <span class="visually-hidden">: {nameOf(application)}</span>
            </a>
          </p>
        </>
      )}
    </li>
  );
}

/** How many there are, and the list of them; `href` where they have a page of their own. */
function Numbers({ counts, href }: { counts: readonly Count[]; href?: string }) {
  return (
    <ul class="task-list">
      {counts.map(({ state, number }) => (
        <li key={state}>
          <a href={href ?? `${to("/domande")}?stato=${state}`}>{texts.applications(number)}</a>
          <StateBadge label={labelOf(state)} tone={toneOf(state)} />
        </li>
      ))}
    </ul>
  );
}

function Work({ overview, canStart, isByPassword }: { overview: Overview; canStart: boolean; isByPassword: boolean }) {
  const all = tasks(overview.applications);
  const pressing = all.filter((task) => task.until !== null);
  const byNumber = openByNumber(overview.counts, pressing.slice(0, MOST_TASKS).map(({ application }) => application));
  const ready = byNumber.filter(({ state }) => state === READY);
  const open = byNumber.filter(({ state }) => state !== READY);
  const others = waitingForOthers(overview.counts);
  if (all.length === 0 && byNumber.length === 0 && others.length === 0) {
    // The API's words are to begin one.
    return (
      <>
        <h2>{texts.now}</h2>
        <Empty message={(canStart && overview.message) || listTexts.list.none}>{canStart && <Begin />}</Empty>
      </>
    );
  }
  return (
    <>
      <h2>{texts.now}</h2>
      {pressing.length === 0 && <p>{texts.nothingNow}</p>}
      {pressing.length > 0 && (
        <ul class="cards cards-text">
          {pressing.slice(0, MOST_TASKS).map((task) => (
            <Due key={task.application.id} task={task} />
          ))}
        </ul>
      )}
      {pressing.length > MOST_TASKS && (
        <p>
          <a href={to("/domande")}>{texts.more(pressing.length - MOST_TASKS)}</a>
        </p>
      )}
      {ready.length > 0 && (
        <>
          <h3>{texts.ready}</h3>
          <p>{isByPassword ? texts.readyByPassword : texts.readyText}</p>
          <Numbers counts={ready} href={to("/domande/pronte")} />
        </>
      )}
      {open.length > 0 && (
        <>
          <h3>{texts.open}</h3>
          <Numbers counts={open} />
        </>
      )}
      {canStart && <Begin />}
      <h2>{texts.waiting}</h2>
      {others.length > 0 ? <Numbers counts={others} /> : <p>{texts.nothingWaiting}</p>}
    </>
  );
}

function Begin() {
  return (
    <p class="buttons">
      <a class="btn btn-primary" href={to("/domande/nuova")}>
        <Icon name="plus-circle" />
        {texts.begin}
      </a>
    </p>
  );
}

function Services({ view }: { view: SessionView }) {
  const entries = menuOf(view).filter(({ href }) => href !== "/area");
  if (entries.length === 0) return null;
  return (
    <>
      <h2>{texts.services}</h2>
      <ul class="task-list">
        {entries.map(({ href, label, why }) => (
          <li key={href}>
            <div>
              {why === null ? <a href={href}>{label}</a> : <p class="service-closed">{label}</p>}
              {why !== null && <p>{why}</p>}
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Person({ view }: { view: SessionView }) {
  const isOperator = view.role === "operator" && view.organisation !== null;
  const rows: Row[] = [
    { name: texts.who, value: <span translate={false}>{`${view.given_name} ${view.family_name}`}</span> },
    { name: texts.role, value: texts.roles[view.role] ?? view.role },
    {
      name: texts.forWhom,
      value: view.organisation_name ?? view.organisation ?? texts.forYourself,
      ...(isOperator ? { change: { href: to("/utenza/non-lavoro-per-questo-ente"), label: texts.notForThem } } : {}),
    },
    { name: texts.level, value: view.level >= 2 ? texts.strong : texts.weak },
  ];
  return <SummaryList rows={view.role === "employer" || view.role === "operator" ? rows : rows.filter(({ name }) => name !== texts.forWhom)} />;
}

function Overviews({ view }: { view: SessionView }) {
  const overview = useReading("area", readOverview);
  const canStart = view.services.some(({ service, available }) => service === "start-application" && available) && ifThere("/domande/nuova") !== null;
  return (
    <Read of={overview} lines={10}>
      {(data) => <Work overview={data} canStart={canStart} isByPassword={view.level < 2} />}
    </Read>
  );
}

/** Who works in an office finds no pages for its cases yet. */
function Office() {
  return (
    <Callout title={texts.office}>
      <p>
        <a href={to("/aiuto")}>{texts.officeHelp}</a>
      </p>
    </Callout>
  );
}

/** The page. */
export default function Area() {
  const now = session.value;
  if (now.state !== "signed-in") return null;
  const { view } = now;
  const hasApplications = view.role === "employer" || view.role === "operator" || view.role === "organisation-contact";
  return (
    <Page title={texts.title} isWide>
      {view.organisation && (
        // Before the work: who works for several must not take one for the other.
        <p class="lead">
          {texts.forWhom}: <span translate={false}>{view.organisation_name ?? view.organisation}</span>
        </p>
      )}
      {hasApplications && view.level < 2 && (
        <p>
          <Rich text={texts.byPassword(signInLink())} />
        </p>
      )}
      <WaitingTickets account={view.account} />
      {hasApplications ? <Overviews view={view} /> : <Office />}
      <Services view={view} />
      <h2>{texts.person}</h2>
      <Person view={view} />
      <SignOutEverywhere />
    </Page>
  );
}
