// «Riepilogo domande»: all applications that the reader may see, by state and model, and the way to sending them.

import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ApplicationList, ApplicationView } from "../../api/generated";
import { searchFor } from "../../applications/search";
import { useReading } from "../../api/reading";
import { allStates, labelOf } from "../../applications/states";
import { armingStanding, canBeArmed } from "../../armed/standing";
import { serverNow } from "../../clock/clock";
import { DateField, Select } from "../../components/controls";
import { DataTable, Pager } from "../../components/lists";
import { Details, ErrorSummary, type Mistake } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Empty } from "../../components/states";
import { shown } from "../../facts/calendar";
import { useFact, type Campaign } from "../../facts/facts";
import { navigate, place } from "../../routing/location";
import { to } from "../../routing/pages";
import { session } from "../../session/session";
import { texts as all } from "../../texts/it/applications";
import { texts as armedTexts } from "../../texts/it/armed-elsewhere";
import { BeginLink, columns, ListNav, modelChoices, nameOf, PAGE } from "./frame";
import { filtersOf, queryOf, searchOf, type ListFilters } from "./list-address";

const texts = all.list;
const READY = "to-send";

/** Where the page before a cursor was, of the pages seen since this one was loaded. */
const before = new Map<string, string>();

/** `counts` are null until they are known: nobody is told that there are none. */
function StateTabs({ counts, filters }: { counts: Partial<Record<string, number>> | null; filters: ListFilters }) {
  const present = allStates.map(({ code }) => code).filter((code) => (counts?.[code] ?? 0) > 0 || code === filters.state);
  const total = Object.values(counts ?? {}).reduce<number>((sum, number) => sum + (number ?? 0), 0);
  const named = (label: string, number: number) => (counts ? `${label} (${number})` : label);
  const link = (state: string | null) => to("/domande") + queryOf({ ...filters, state, cursor: null });
  return (
    <nav class="state-tabs" aria-label={texts.states}>
      <ul>
        <li>
          <a href={link(null)} aria-current={filters.state === null ? "page" : undefined}>
            {named(texts.every, total)}
          </a>
        </li>
        {present.map((code) => (
          <li key={code}>
            <a href={link(code)} aria-current={filters.state === code ? "page" : undefined}>
              {named(labelOf(code), counts?.[code] ?? 0)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

interface PeriodProps {
  filters: ListFilters;
  onGo: (changes: Partial<ListFilters>) => void;
}

/** From which day until which; nothing is shown anew while one of them is none. */
function Period({ filters, onGo }: PeriodProps) {
  const [from, setFrom] = useState(filters.from);
  const [until, setUntil] = useState(filters.until);
  const [isNoDay, setNoDay] = useState({ from: false, until: false });
  const [mistakes, setMistakes] = useState<Mistake[]>([]);
  const [round, setRound] = useState(0);
  const messageFor = (field: string) => mistakes.find((mistake) => mistake.field === field)?.message ?? null;
  const show = () => {
    const found: Mistake[] = [];
    if (isNoDay.from) found.push({ field: "dal", message: all.search.wrongDate });
    if (isNoDay.until) found.push({ field: "al", message: all.search.wrongDate });
    setMistakes(found);
    setRound(round + 1);
    if (found.length === 0) onGo({ from, until });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        show();
      }}
    >
      {/* Anew with each press, so that it takes the focus again. */}
      <ErrorSummary key={round} mistakes={mistakes} />
      <Details title={texts.period}>
        <DateField
          id="dal"
          label={texts.from}
          value={filters.from ?? ""}
          error={messageFor("dal")}
          onChange={(day, isBlank) => {
            setFrom(day);
            setNoDay({ ...isNoDay, from: day === null && !isBlank });
          }}
        />
        <DateField
          id="al"
          label={texts.until}
          value={filters.until ?? ""}
          error={messageFor("al")}
          onChange={(day, isBlank) => {
            setUntil(day);
            setNoDay({ ...isNoDay, until: day === null && !isBlank });
          }}
        />
        <p class="buttons">
          <button type="submit" class="btn btn-outline-primary">
            {texts.apply}
          </button>
        </p>
      </Details>
    </form>
  );
}

function Filters({ filters, choices }: { filters: ListFilters; choices: { value: string; label: string }[] }) {
  const go = (changes: Partial<ListFilters>) => void navigate(to("/domande") + queryOf({ ...filters, cursor: null, ...changes }));
  const isFiltered = filters.model !== null || filters.from !== null || filters.until !== null;
  return (
    <div class="filters">
      <Select id="modello" label={texts.model} none={texts.everyModel} choices={choices} value={filters.model ?? ""} onChange={(model) => go({ model: model || null })} />
      {/* Only the days begin anew with the address: who chooses a model stays at that choice. */}
      <Period key={queryOf(filters)} filters={filters} onGo={go} />
      {isFiltered && (
        <p>
          <a href={to("/domande") + queryOf({ state: filters.state })}>{texts.clear}</a>
        </p>
      )}
    </div>
  );
}

/** What is chosen, on whatever page of the list: only the boxes and the bar follow it, not a hundred rows. */
type Chosen = Signal<ReadonlySet<string>>;

/** What is chosen of each model: a sending is of one. */
type Choices = Map<string, Chosen>;

function chosenOf(choices: Choices, { campaign, model }: ApplicationView): Chosen {
  const key = `${campaign}/${model}`;
  const chosen = choices.get(key) ?? signal(new Set());
  choices.set(key, chosen);
  return chosen;
}

function Pick({ row, chosen }: { row: ApplicationView; chosen: Chosen }) {
  return (
    <div class="pick">
      <input
        id={`pick-${row.id}`}
        type="checkbox"
        aria-label={texts.select(nameOf(row))}
        checked={chosen.value.has(row.id)}
        onChange={() => {
          const changed = new Set(chosen.value);
          if (!changed.delete(row.id)) changed.add(row.id);
          chosen.value = changed;
        }}
      />
      <label for={`pick-${row.id}`}>
        <span>{texts.pick}</span>
      </label>
    </div>
  );
}

/** Whether these, all of one model, can be armed now. */
function mayArm(campaigns: readonly Campaign[], { campaign, model }: ApplicationView): boolean {
  const decree = campaigns.find((one) => one.campaign === campaign);
  const of = decree?.models.find((one) => one.id === model);
  return !!decree && !!of && canBeArmed(decree) && armingStanding(of, serverNow() + decree.clock_offset_ms).state === "before";
}

function SelectAll({ rows, chosen }: { rows: readonly ApplicationView[]; chosen: Chosen }) {
  const here = rows.map(({ id }) => id);
  const isAll = here.every((id) => chosen.value.has(id));
  const change = () => {
    // What is chosen on other pages stays.
    const changed = new Set(chosen.value);
    for (const id of here) {
      if (isAll) changed.delete(id);
      else changed.add(id);
    }
    chosen.value = changed;
  };
  return (
    <div class="choice">
      <input id="scegli-tutte" type="checkbox" checked={isAll} onChange={change} />
      <label for="scegli-tutte">{texts.selectAll}</label>
    </div>
  );
}

/** Below the list, where the choice ends, and at the lower edge of the screen until then. */
function SelectionBar({ rows, chosen: { value: chosen }, campaigns }: { rows: readonly ApplicationView[]; chosen: Chosen; campaigns: readonly Campaign[] }) {
  const [first] = rows;
  if (!first) return null;
  const { campaign, model } = first;
  const elsewhere = chosen.size - rows.filter(({ id }) => chosen.has(id)).length;
  const state = chosen.size > 0 ? { applications: [...chosen] } : null;
  // Who books arrives before who presses.
  const canArm = mayArm(campaigns, first);
  return (
    <div class="buttons sending-bar">
      <span>
        {texts.chosen(chosen.size)}
        {elsewhere > 0 && `, ${texts.elsewhere(elsewhere)}`}
      </span>
      {canArm && (
        <button type="button" class="btn btn-primary" onClick={() => void navigate(to("/invio/:campaign/:model/prenotato", { campaign, model }), { state })}>
          {armedTexts.go}
        </button>
      )}
      <button type="button" class={canArm ? "btn btn-outline-primary" : "btn btn-primary"} onClick={() => void navigate(to("/invio/:campaign/:model", { campaign, model }), { state })}>
        {chosen.size > 0 ? texts.send(chosen.size) : texts.sendAll}
      </button>
    </div>
  );
}

function Rows({ list, filters, choices, campaigns }: { list: ApplicationList; filters: ListFilters; choices: Choices; campaigns: readonly Campaign[] }) {
  const { applications, next } = list;
  if (next) before.set(next, filters.cursor ?? "");
  const isOneModel = new Set(applications.map(({ campaign, model }) => `${campaign}/${model}`)).size === 1;
  const canSelect = filters.state === READY && isOneModel;
  const [first] = applications;
  if (first === undefined) {
    const isFiltered = filters.state !== null || filters.model !== null || filters.from !== null || filters.until !== null;
    const canStart = session.value.state === "signed-in" && session.value.view.services.some(({ service, available }) => service === "start-application" && available);
    return (
      <Empty message={isFiltered ? texts.empty : ((canStart && list.message) || texts.none)}>
        {!isFiltered && canStart && <BeginLink />}
        {isFiltered && (
          <p>
            <a href={to("/domande")}>{texts.clear}</a>
          </p>
        )}
      </Empty>
    );
  }
  const chosen = chosenOf(choices, first);
  const pick = {
    key: "pick",
    title: texts.pick,
    cell: (row: ApplicationView) => <Pick row={row} chosen={chosen} />,
  };
  const previous = filters.cursor === null ? null : (before.get(filters.cursor) ?? "");
  return (
    <>
      {filters.state === READY && !isOneModel && <p>{texts.chooseModel}</p>}
      {canSelect && <SelectAll rows={applications} chosen={chosen} />}
      <DataTable caption={texts.caption} isCaptionHidden columns={canSelect ? [pick, ...columns] : columns} items={applications} keyOf={(row) => row.id} />
      {canSelect && <SelectionBar rows={applications} chosen={chosen} campaigns={campaigns} />}
      {(next || previous !== null) && (
        <Pager
          page={filters.page}
          previous={previous === null ? null : to("/domande") + queryOf({ ...filters, cursor: previous || null, page: filters.page - 1 })}
          next={next ? to("/domande") + queryOf({ ...filters, cursor: next, page: filters.page + 1 }) : null}
        />
      )}
    </>
  );
}

/** The page. */
export default function List() {
  const filters = filtersOf(place.value.search);
  const key = queryOf(filters);
  const fact = useFact("calendar.json");
  const campaigns = fact.state === "ready" ? shown(fact.data.campaigns, serverNow()) : [];
  // Another page of the list is read anew; what is chosen outlives that, but no other filter.
  const choices = useMemo<Choices>(() => new Map(), [queryOf({ ...filters, cursor: null })]);
  const list = useReading(key, (signal) => searchFor(searchOf(filters, PAGE), signal));
  const [counts, setCounts] = useState<Partial<Record<string, number>> | null>(null);
  const { reading } = list;
  useEffect(() => {
    if (reading.state === "ready" && reading.data.counts) setCounts(reading.data.counts);
  }, [reading]);
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <ListNav />
      <StateTabs counts={counts} filters={filters} />
      <Filters filters={filters} choices={modelChoices(campaigns)} />
      <Read of={list} lines={12}>
        {(data) => <Rows list={data} filters={filters} choices={choices} campaigns={campaigns} />}
      </Read>
    </Page>
  );
}
