// A list from which people choose: fifty rows at a time stand on the page, so that nine hundred are as quick as nine.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ArmedRow } from "../../armed/rows";
import { Code } from "../../components/code";
import { DataTable, PagerInPlace, type Column } from "../../components/lists";
import { StateBadge, type Tone } from "../../components/messages";
import { toTheMillisecond } from "../../dates/instant";
import { to } from "../../routing/pages";
import { texts } from "../../texts/it/armed";

const AT_ONCE = 50;

/** How rows are chosen. */
export interface Choice {
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
}

interface Props {
  id: string;
  title: string;
  text: ComponentChildren;
  /** Those that fit what was typed, of so many. */
  rows: readonly ArmedRow[];
  of: number;
  /** Null where there is nothing to be done with them. */
  choice: Choice | null;
  /** The opening at which what is armed has arrived; null before it. */
  openedAt: string | null;
  /** Above the table: what is done with the chosen ones. */
  children?: ComponentChildren;
}

type Shown = keyof typeof texts.states;

const TONES: Record<Shown, Tone> = { ready: "info", notArmed: "danger", armed: "success", underWay: "info", sent: "success" };

function shownAs({ state, refused }: ArmedRow, openedAt: string | null): Shown {
  if (state === "ready") return refused ? "notArmed" : "ready";
  return state === "armed" && openedAt ? "underWay" : state;
}

function StateCell({ row, openedAt }: { row: ArmedRow; openedAt: string | null }) {
  const shown = shownAs(row, openedAt);
  const arrival = row.arrival ?? (shown === "underWay" ? openedAt : null);
  const whose = <span class="visually-hidden">{texts.rows.of(row.worker ?? row.id)}</span>;
  return (
    <>
      <StateBadge label={texts.states[shown]} tone={TONES[shown]} />
      {row.receiptCode && (
        <p>
          {texts.sent.code}{" "}
          <span class="code" translate={false}>
            {row.receiptCode}
          </span>
        </p>
      )}
      {arrival && <p>{texts.arrival(toTheMillisecond(arrival))}</p>}
      {row.state === "sent" && (
        <p>
          <a href={to("/domande/:id/ricevuta", { id: row.id })}>
            {texts.sent.open}
            {whose}
          </a>
        </p>
      )}
      {row.refused && (
        <>
          <p>{row.refused}</p>
          <p>
            <a href={to("/domande/:id", { id: row.id })}>
              {texts.openIt}
              {whose}
            </a>
          </p>
        </>
      )}
    </>
  );
}

function columnsOf(choice: Choice | null, openedAt: string | null): Column<ArmedRow>[] {
  const name = (row: ArmedRow) => (row.worker === null ? texts.rows.noName : <span translate={false}>{row.worker}</span>);
  const change = (id: string, isChosen: boolean) => {
    const next = new Set(choice?.chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    choice?.onChoose(next);
  };
  return [
    {
      key: "worker",
      title: texts.rows.worker,
      isHeader: true,
      cell: (row) =>
        choice && row.canChange ? (
          <div class="choice">
            <input id={`row-${row.id}`} type="checkbox" checked={choice.chosen.has(row.id)} onChange={(event) => change(row.id, event.currentTarget.checked)} />
            <label for={`row-${row.id}`}>{name(row)}</label>
          </div>
        ) : (
          name(row)
        ),
    },
    { key: "employer", title: texts.rows.employer, cell: (row) => <span translate={false}>{row.employer ?? "–"}</span> },
    {
      key: "application",
      title: texts.rows.application,
      cell: (row) => <Code text={row.id} />,
    },
    { key: "state", title: texts.rows.state, cell: (row) => <StateCell row={row} openedAt={openedAt} /> },
  ];
}

/** The list under its heading. */
export function PickList({ id, title, text, rows, of, choice, openedAt, children }: Props) {
  const [asked, setAsked] = useState(0);
  const heading = useRef<HTMLHeadingElement>(null);
  const pages = Math.max(1, Math.ceil(rows.length / AT_ONCE));
  const page = Math.min(asked, pages - 1);
  const go = (next: number) => {
    setAsked(next);
    heading.current?.focus();
    heading.current?.scrollIntoView();
  };
  const chooseAll = (isChosen: boolean) => {
    const next = new Set(choice?.chosen);
    for (const row of rows) {
      if (isChosen && row.canChange) next.add(row.id);
      else next.delete(row.id);
    }
    choice?.onChoose(next);
  };
  const whose = <span class="visually-hidden">: {title}</span>;
  return (
    <section class="sending-rows" aria-labelledby={id}>
      <h2 id={id} ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p>{text}</p>
      {children}
      {choice && rows.length > 1 && (
        <div class="buttons">
          <button type="button" class="btn btn-outline-primary" onClick={() => chooseAll(true)}>
            {texts.rows.chooseAll}
            {whose}
          </button>
          <button type="button" class="btn btn-outline-primary" onClick={() => chooseAll(false)}>
            {texts.rows.chooseNone}
            {whose}
          </button>
        </div>
      )}
      {rows.length === 0 ? (
        <p>{texts.rows.none}</p>
      ) : (
        <DataTable caption={texts.rows.shown(rows.length, of)} columns={columnsOf(choice, openedAt)} items={rows.slice(page * AT_ONCE, (page + 1) * AT_ONCE)} keyOf={(row) => row.id} />
      )}
      {pages > 1 && <PagerInPlace page={page} of={pages} list={title} onGo={go} />}
    </section>
  );
}
