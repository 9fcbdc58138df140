// «Ricerca domanda»: names and codes travel in the body of a request and never in the address.

import { useState } from "preact/hooks";
import type { SearchRequest } from "../../api/generated";
import { searchFor } from "../../applications/search";
import { useReading } from "../../api/reading";
import { allStates } from "../../applications/states";
import { serverNow } from "../../clock/clock";
import { DateField, Select } from "../../components/controls";
import { TextField } from "../../components/field";
import { Icon } from "../../components/icon";
import { DataTable, Pager } from "../../components/lists";
import { ErrorSummary, type Mistake } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Empty } from "../../components/states";
import { shown } from "../../facts/calendar";
import { useFact } from "../../facts/facts";
import { navigate, pageState, place } from "../../routing/location";
import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/applications";
import { columns, ListNav, modelChoices, PAGE } from "./frame";
import { keepCriteria, keptCriteria } from "./kept-criteria";

const texts = all.search;

function Results({ criteria }: { criteria: SearchRequest }) {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const key = JSON.stringify([criteria, cursor]);
  const results = useReading(key, (signal) => searchFor({ ...criteria, limit: PAGE, ...(cursor ? { cursor } : {}) }, signal));
  return (
    <>
      <h2 id="risultati" tabIndex={-1}>
        {texts.results}
      </h2>
      <Read of={results} lines={8}>
        {({ applications, next }) =>
          applications.length === 0 ? (
            <Empty message={texts.none} />
          ) : (
            <>
              <DataTable caption={texts.results} isCaptionHidden columns={columns} items={applications} keyOf={(row) => row.id} />
              {(next || cursor) && (
                <div
                  // The addresses say nothing: where a page of results begins is not worth one.
                  onClick={(event) => {
                    const link = (event.target as Element).closest("a[rel]");
                    if (!link) return;
                    event.preventDefault();
                    setCursors(link.getAttribute("rel") === "next" && next ? [...cursors, next] : cursors.slice(0, -1));
                    document.getElementById("risultati")?.focus();
                  }}
                >
                  <Pager page={cursors.length + 1} previous={cursor ? "#risultati" : null} next={next ? "#risultati" : null} />
                </div>
              )}
            </>
          )
        }
      </Read>
    </>
  );
}

/** The page. */
export default function SearchPage() {
  void place.value;
  const kept = keptCriteria(pageState());
  const [typed, setTyped] = useState<SearchRequest>(kept ?? {});
  const [blurred, setBlurred] = useState<{ from: boolean; until: boolean }>({ from: false, until: false });
  const [mistakes, setMistakes] = useState<Mistake[]>([]);
  const [round, setRound] = useState(0);
  const fact = useFact("calendar.json");
  const campaigns = fact.state === "ready" ? shown(fact.data.campaigns, serverNow()) : [];
  const change = (changes: SearchRequest) => setTyped({ ...typed, ...changes });
  const messageFor = (field: string) => mistakes.find((mistake) => mistake.field === field)?.message ?? null;
  const day = (part: "from" | "until", value: string | null, isBlank: boolean) => {
    setBlurred({ ...blurred, [part]: value === null && !isBlank });
    change({ [part === "from" ? "created_from" : "created_until"]: value });
  };
  const go = () => {
    const criteria = Object.fromEntries(Object.entries(typed).filter(([, value]) => typeof value === "string" && value.trim() !== "").map(([name, value]) => [name, String(value).trim()])) as SearchRequest;
    const found: Mistake[] = [];
    if (blurred.from) found.push({ field: "created_from", message: texts.wrongDate });
    if (blurred.until) found.push({ field: "created_until", message: texts.wrongDate });
    if (found.length === 0 && Object.keys(criteria).length === 0) found.push({ field: "worker", message: texts.nothingTyped });
    setMistakes(found);
    setRound(round + 1);
    if (found.length === 0) void navigate(to("/domande/ricerca"), { state: { search: keepCriteria(criteria) } });
  };
  return (
    <Page title={texts.title} lead={texts.lead} isWide>
      <ListNav />
      {/* Anew with each press, so that it takes the focus again. */}
      <ErrorSummary key={round} mistakes={mistakes} />
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <TextField id="worker" label={texts.worker} help={texts.workerHelp} value={typed.worker ?? ""} onInput={(worker) => change({ worker })} error={messageFor("worker")} />
        <TextField id="employer" label={texts.employer} help={texts.employerHelp} value={typed.employer ?? ""} onInput={(employer) => change({ employer })} />
        <TextField id="id" label={texts.id} isCode value={typed.id ?? ""} onInput={(id) => change({ id })} />
        <Select
          id="modello"
          label={texts.model}
          none={texts.any}
          choices={modelChoices(campaigns)}
          value={typed.campaign && typed.model ? `${typed.campaign}/${typed.model}` : ""}
          onChange={(value) => {
            const [campaign = null, model = null] = value.split("/");
            change({ campaign: campaign || null, model });
          }}
        />
        <Select id="stato" label={texts.state} none={texts.any} choices={allStates.map(({ code, label }) => ({ value: code, label }))} value={typed.state ?? ""} onChange={(state) => change({ state })} />
        <DateField id="created_from" label={texts.from} value={typed.created_from ?? ""} onChange={(value, isBlank) => day("from", value, isBlank)} error={messageFor("created_from")} />
        <DateField id="created_until" label={texts.until} value={typed.created_until ?? ""} onChange={(value, isBlank) => day("until", value, isBlank)} error={messageFor("created_until")} />
        <p class="buttons">
          <button type="submit" class="btn btn-primary">
            <Icon name="search" />
            {texts.go}
          </button>
        </p>
      </form>
      {kept && <Results key={JSON.stringify(kept)} criteria={kept} />}
    </Page>
  );
}
