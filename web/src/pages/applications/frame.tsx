// What the lists of applications share: their navigation, the cells of a row.

import type { ApplicationView } from "../../api/generated";
import { doings, laterSending, nextStep, waitings, waitsForAnswer } from "../../applications/actions";
import { deadlineOf } from "../../applications/to-do";
import { Code } from "../../components/code";
import { Icon } from "../../components/icon";
import { Details, StateBadge, toneOf } from "../../components/messages";
import { SectionNav } from "../../components/section-nav";
import { short } from "../../dates/instant";
import type { Campaign } from "../../facts/facts";
import { ifThere, to } from "../../routing/pages";
import { session, signInLink } from "../../session/session";
import { texts } from "../../texts/it/applications";
import { models as modelTexts } from "../../texts/it/models";

/** Rows on one page of a list. */
export const PAGE = 100;

/** The lists, side by side. */
export function ListNav() {
  const links = [
    { href: to("/domande"), label: texts.tabs.all },
    { href: to("/domande/ricerca"), label: texts.tabs.search },
    { href: to("/domande/inviate"), label: texts.tabs.sent },
    { href: to("/domande/pronte"), label: texts.tabs.ready },
  ];
  return <SectionNav label={texts.nav} links={links} />;
}

/** The models of a calendar as choices: `df-2026/b2020`. By their short names: a list cuts what is long, and so what tells two apart. */
export function modelChoices(campaigns: readonly Campaign[]) {
  return campaigns.flatMap((campaign) =>
    campaign.models
      .filter((model) => model.can_be_filled_in)
      .map(({ id, label }) => {
        const name = modelTexts[id]?.name ?? label;
        return { value: `${campaign.campaign}/${id}`, label: campaigns.length > 1 ? `${name} – ${campaign.title}` : name };
      }),
  );
}

/** Who an application is about, in words. */
export function nameOf({ worker, employer, activation, id }: Pick<ApplicationView, "worker" | "employer" | "activation" | "id">): string {
  return worker ?? employer ?? activation?.employer_code ?? id;
}

/** What stands where no worker's name does: a new application has none yet; a password and a closed section show none. */
export function withoutWorker({ state, allowed, closed }: Pick<ApplicationView, "state" | "allowed" | "closed">): string {
  const mayRead = !closed && allowed.some((each) => each.action === "read-form" && !each.closed);
  return mayRead || state === "to-validate" ? texts.list.noWorker : texts.list.hiddenNames;
}

/** The worker's name; where there is none, words, and the number that tells the row apart. */
export function WhoTitle({ row }: { row: Pick<ApplicationView, "id" | "worker" | "state" | "allowed" | "closed"> }) {
  const { id, worker } = row;
  const href = to("/domande/:id", { id });
  if (worker) {
    return (
      <a class="row-name" href={href} translate={false}>
        {worker}
      </a>
    );
  }
  return (
    <>
      <a class="row-name" href={href}>
        {withoutWorker(row)}
      </a>
      <span class="row-note">
        {texts.list.number} <Code text={id} />
      </span>
    </>
  );
}

/** Who a row is about, and what somebody has to know about it. */
export function WhoCell({ row }: { row: ApplicationView }) {
  return (
    <>
      <WhoTitle row={row} />
      {!row.worker && <span class="row-note">{texts.list.started(short(row.created))}</span>}
      {row.attention && (
        <span class="row-attention">
          <Icon name="warning-circle" />
          {row.attention}
        </span>
      )}
    </>
  );
}

/** The employer; before the form is open, the code that was asked for. */
export function EmployerCell({ row }: { row: ApplicationView }) {
  if (row.employer) return <span translate={false}>{row.employer}</span>;
  if (row.activation?.employer_code) {
    return (
      <>
        {texts.list.code}{" "}
        <span class="code whole" translate={false}>
          {row.activation.employer_code}
        </span>
      </>
    );
  }
  return <>–</>;
}

/** State, step and percent. */
export function StateCell({ row }: { row: ApplicationView }) {
  return (
    <>
      <StateBadge label={row.state_label} tone={toneOf(row.state)} />
      {row.step && <span class="row-note">{row.step}</span>}
      {typeof row.percent === "number" && row.percent < 100 && <span class="row-note">{texts.list.percent(row.percent)}</span>}
      {row.closed && <span class="row-note">{row.closed}</span>}
    </>
  );
}

/** Until when the person has to act. */
export function DeadlineCell({ row }: { row: ApplicationView }) {
  const until = deadlineOf(row);
  // A password is not told until when the code is good.
  if (row.state === "to-validate" && !row.activation) return <>–</>;
  return until === null ? <>{texts.list.noDeadline}</> : <span class="whole">{short(until, "end")}</span>;
}

/** States in which whoever files has to go on, which a password does not let them. */
const TO_GO_ON = ["to-validate", "to-complete", "to-send"];

const needsSignIn = ({ state, closed }: ApplicationView) =>
  !closed && TO_GO_ON.includes(state) && session.value.state === "signed-in" && session.value.view.level < 2;

/** One next step, and the others behind a press. */
export function ActionCell({ row }: { row: ApplicationView }) {
  const next = nextStep(row);
  const others = doings(row).filter((doing) => doing.href !== next?.href);
  // What is complete can still be changed, but what it waits for is the sending.
  const waiting = laterSending(row)?.sentence ?? (next ? undefined : waitings(row)[0]?.sentence);
  const isAsked = waitsForAnswer(row);
  const canUndo = row.state === "renouncing" && (row.term?.ms_left ?? 0) > 0;
  const mustEnter = !next && needsSignIn(row);
  const isIdle = !next && !waiting && !isAsked && !canUndo && !mustEnter;
  return (
    <>
      {waiting && <p>{waiting}</p>}
      {next && (
        <a class="row-next" href={next.href}>
          {next.label}
          <span class="visually-hidden">: {nameOf(row)}</span>
        </a>
      )}
      {mustEnter && (
        <a class="row-next" href={signInLink()}>
          {texts.list.enter}
          <span class="visually-hidden">: {nameOf(row)}</span>
        </a>
      )}
      {isAsked && <p>{texts.list.answerAsked}</p>}
      {canUndo && <p>{texts.list.canUndo}</p>}
      {(isAsked || canUndo || (isIdle && row.hold)) && (
        <a class="row-next" href={to("/domande/:id", { id: row.id })}>
          {texts.list.readCase}
          <span class="visually-hidden">: {nameOf(row)}</span>
        </a>
      )}
      {isIdle && !row.hold && <p class="row-note">{texts.list.nothing}</p>}
      {others.length > 0 && (
        <div class="row-more">
          <Details title={texts.list.others}>
            <ul>
              {others.map((doing) => (
                <li key={doing.href}>
                  <a href={doing.href}>
                    {doing.label}
                    <span class="visually-hidden">: {nameOf(row)}</span>
                  </a>
                </li>
              ))}
            </ul>
          </Details>
        </div>
      )}
    </>
  );
}

/** The columns of a list of applications. */
export const columns = [
  { key: "worker", title: texts.list.worker, isHeader: true, cell: (row: ApplicationView) => <WhoCell row={row} /> },
  { key: "employer", title: texts.list.employer, cell: (row: ApplicationView) => <EmployerCell row={row} /> },
  { key: "model", title: texts.list.model, cell: (row: ApplicationView) => row.model_label ?? row.model },
  { key: "state", title: texts.list.state, cell: (row: ApplicationView) => <StateCell row={row} /> },
  { key: "deadline", title: texts.list.deadline, cell: (row: ApplicationView) => <DeadlineCell row={row} /> },
  { key: "next", title: texts.list.next, cell: (row: ApplicationView) => <ActionCell row={row} /> },
];

/** Begins an application, where that page is there. */
export function BeginLink() {
  const href = ifThere("/domande/nuova");
  return href ? (
    <p class="buttons">
      <a class="btn btn-primary" href={href}>
        <Icon name="plus-circle" />
        {texts.list.begin}
      </a>
    </p>
  ) : null;
}
