// The list: choose, filter, and what became of each. Fifty rows at a time stand on the page, and they follow a press or a
// letter one frame later, so that nine hundred are as quick as nine; filter and choice are about all of them.

import { useMemo, useRef, useState } from "preact/hooks";
import { UNREADABLE } from "../../api/problem";
import { Code } from "../../components/code";
import { Field, TextField } from "../../components/field";
import { Icon } from "../../components/icon";
import { DataTable, PagerInPlace, type Column } from "../../components/lists";
import { announce } from "../../components/live";
import { StateBadge, type Tone } from "../../components/messages";
import { toTheMillisecond } from "../../dates/instant";
import { useAfterPaint } from "../../sending/after-paint";
import { fits, type Listed } from "../../sending/list";
import { isArmed, type Row, type Sending } from "../../sending/machine";
import { hasFailed } from "../../sending/reply";
import { ifThere, to } from "../../routing/pages";
import { sending as texts } from "../../texts/it/sending";

const AT_ONCE = 50;
/** The list follows when no letter came for so long. */
const TYPING_PAUSE = 200;

type Outcome = keyof typeof texts.outcomes;

const TONES: Record<Outcome, Tone> = { fresh: "info", held: "neutral", armed: "info", underWay: "neutral", kept: "warning", sent: "success", refused: "danger", failed: "warning" };

interface Props {
  rows: readonly Listed[];
  state: Sending;
  /** What a press would send. */
  chosen: readonly string[];
  /** Null while nothing can be chosen. */
  onChoose: ((chosen: ReadonlySet<string>) => void) | null;
}

function outcomeOf(id: string, row: Row | undefined, state: Sending, held: ReadonlySet<string>): Outcome {
  if (row?.step === "sent") return "sent";
  if (held.has(id)) return "held";
  if (row === undefined) return "fresh";
  if (hasFailed(row)) return "failed";
  if (row.step === "refused") return isArmed(row) ? "armed" : "refused";
  return state.tickets.has(id) ? "kept" : "underWay";
}

function download(text: string, fileName: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // Not at once: the browser still reads it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

interface Certified {
  code: string;
  arrival: string;
}

function certified(document: string): Certified | null {
  try {
    return (JSON.parse(document) as { receipt: Certified }).receipt;
  } catch {
    return null;
  }
}

function Receipt({ row, document }: { row: Listed; document: string }) {
  const receipt = useMemo(() => certified(document), [document]);
  const href = ifThere(`/domande/${row.id}/ricevuta`);
  const whose = <span class="visually-hidden">{texts.receipt.of(row.worker ?? row.id)}</span>;
  return (
    <>
      {receipt && (
        <p>
          {texts.receipt.code}{" "}
          <span class="code" translate={false}>
            {receipt.code}
          </span>
          <br />
          {toTheMillisecond(receipt.arrival)}
        </p>
      )}
      <button type="button" class="btn-link" onClick={() => download(document, texts.receipt.fileName(receipt?.code ?? row.id))}>
        <Icon name="download" />
        {texts.receipt.download}
        {whose}
      </button>
      {href && (
        <p>
          <a href={href}>
            {texts.receipt.open}
            {whose}
          </a>
        </p>
      )}
    </>
  );
}

function OutcomeCell({ row, state, outcome }: { row: Listed; state: Sending; outcome: Outcome }) {
  const now = state.rows.get(row.id);
  return (
    <>
      <StateBadge label={texts.outcomes[outcome]} tone={TONES[outcome]} />
      {now?.step === "sent" && <Receipt row={row} document={now.receipt} />}
      {now?.step === "refused" && ["refused", "failed", "armed"].includes(outcome) && (
        <>
          <p>{now.why.kind === UNREADABLE ? texts.unanswered : now.why.detail}</p>
          <p>
            <a href={to("/domande/:id", { id: row.id })}>
              {texts.open}
              <span class="visually-hidden">{texts.receipt.of(row.worker ?? row.id)}</span>
            </a>
          </p>
        </>
      )}
    </>
  );
}

function useShown(rows: readonly Listed[], outcomes: ReadonlyMap<string, Outcome>) {
  const [asked, ask] = useState<{ typed: string; only: Outcome | ""; page: number }>({ typed: "", only: "", page: 0 });
  const typed = useAfterPaint(asked.typed, TYPING_PAUSE);
  const { only, page } = useAfterPaint(asked);
  const shown = useMemo(() => {
    return rows.filter((row) => (only === "" || outcomes.get(row.id) === only) && (typed.trim() === "" || fits(row, typed)));
  }, [rows, outcomes, typed, only]);
  const pages = Math.max(1, Math.ceil(shown.length / AT_ONCE));
  const present = Math.min(page, pages - 1);
  const visible = useMemo(() => shown.slice(present * AT_ONCE, (present + 1) * AT_ONCE), [shown, present]);
  return { asked, ask, shown, pages, present, visible };
}

interface Shown {
  state: Sending;
  outcomes: ReadonlyMap<string, Outcome>;
  set: ReadonlySet<string>;
  canChoose: (id: string) => boolean;
  choose: (ids: readonly string[], isChosen: boolean) => void;
}

function columnsOf({ state, outcomes, set, canChoose, choose }: Shown): Column<Listed>[] {
  const name = (row: Listed) => (row.worker === null ? texts.rows.noName : <span translate={false}>{row.worker}</span>);
  return [
    {
      key: "worker",
      title: texts.rows.worker,
      isHeader: true,
      cell: (row) =>
        canChoose(row.id) ? (
          <div class="choice">
            <input
              id={`row-${row.id}`}
              type="checkbox"
              checked={set.has(row.id)}
              onChange={(event) => choose([row.id], event.currentTarget.checked)}
            />
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
    {
      key: "outcome",
      title: texts.rows.outcome,
      cell: (row) => <OutcomeCell row={row} state={state} outcome={outcomes.get(row.id) ?? "fresh"} />,
    },
  ];
}

/** The list with its filter. */
export function Rows({ rows: latestRows, state: latestState, chosen: latestChosen, onChoose }: Props) {
  const latest = useMemo(() => ({ rows: latestRows, state: latestState, chosen: latestChosen }), [latestRows, latestState, latestChosen]);
  const painted = useAfterPaint(latest);
  // A tick shows at once; what a press or an answer changes in many rows follows, and a press gives the rows a new order, too.
  const { rows, state, chosen } = painted.rows === latestRows && painted.state === latestState ? latest : painted;
  const outcomes = useMemo(() => {
    const held = new Set(state.held?.ids ?? []);
    return new Map(rows.map(({ id }) => [id, outcomeOf(id, state.rows.get(id), state, held)]));
  }, [rows, state]);
  const { asked, ask, shown, visible, pages, present } = useShown(rows, outcomes);
  const heading = useRef<HTMLHeadingElement>(null);
  const set = useMemo(() => new Set(chosen), [chosen]);
  const canChoose = (id: string) => onChoose !== null && ["fresh", "refused", "failed"].includes(outcomes.get(id) ?? "");
  const choose = (ids: readonly string[], isChosen: boolean) => {
    const next = new Set(set);
    for (const id of ids) if (isChosen) next.add(id);
    else next.delete(id);
    onChoose?.(next);
  };
  const choosable = shown.map(({ id }) => id).filter(canChoose);
  const go = (to: number) => {
    ask({ ...asked, page: to });
    heading.current?.focus();
    heading.current?.scrollIntoView();
  };
  // By place and not by application: the next page's rows take over what stands there.
  const places = new Map(visible.map(({ id }, place) => [id, String(place)]));
  const table = useMemo(
    () => <DataTable caption={texts.rows.shown(shown.length, rows.length)} columns={columnsOf({ state, outcomes, set, canChoose, choose })} items={visible} keyOf={(row) => places.get(row.id) ?? row.id} />,
    [visible, state, outcomes, set, onChoose === null],
  );
  const kinds = (Object.keys(texts.outcomes) as Outcome[]).filter((kind) => [...outcomes.values()].includes(kind));
  return (
    <section class="sending-rows" aria-labelledby="sending-rows">
      <h2 id="sending-rows" ref={heading} tabIndex={-1}>
        {texts.rows.title}
      </h2>
      <div class="sending-filter">
        <TextField
          id="sending-filter"
          type="search"
          label={texts.rows.filter}
          help={texts.rows.filterHelp}
          value={asked.typed}
          onInput={(typed) => ask({ ...asked, typed, page: 0 })}
          onBlur={() => asked.typed && announce(texts.rows.found(shown.length))}
        />
        {kinds.length > 1 && (
          <Field
            id="sending-only"
            label={texts.rows.show}
            control={(control) => (
              <select {...control} class="form-select" value={asked.only} onChange={(event) => ask({ ...asked, only: event.currentTarget.value as Outcome | "", page: 0 })}>
                <option value="">{texts.rows.all}</option>
                {kinds.map((kind) => (
                  <option key={kind} value={kind}>
                    {texts.outcomes[kind]}
                  </option>
                ))}
              </select>
            )}
          />
        )}
      </div>
      {choosable.length > 0 && (
        <div class="buttons">
          <button type="button" class="btn btn-outline-primary" onClick={() => choose(choosable, true)}>
            {texts.rows.chooseAll}
          </button>
          <button type="button" class="btn btn-outline-primary" onClick={() => choose(choosable, false)}>
            {texts.rows.chooseNone}
          </button>
        </div>
      )}
      {visible.length === 0 ? (
        <p>{texts.rows.none}</p>
      ) : (
        table
      )}
      {pages > 1 && <PagerInPlace page={present} of={pages} onGo={go} />}
    </section>
  );
}
