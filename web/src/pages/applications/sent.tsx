// «Domande inviate»: each with its receipt, for good, and the whole list as a file.

import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { ApplicationView } from "../../api/generated";
import { searchFor } from "../../applications/search";
import { useReading } from "../../api/reading";
import { csv } from "../../applications/csv";
import { deadlineOf } from "../../applications/to-do";
import { readReceipt, saveReceipt } from "../../applications/receipt";
import { saveFile } from "../../applications/save-file";
import { Icon } from "../../components/icon";
import { DataTable, Pager } from "../../components/lists";
import { announce } from "../../components/live";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { Empty, ErrorState } from "../../components/states";
import { toTheMillisecond } from "../../dates/instant";
import { place } from "../../routing/location";
import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/applications";
import { DeadlineCell, EmployerCell, ListNav, nameOf, PAGE, StateCell } from "./frame";

const texts = all.sent;

function ReceiptLink({ row }: { row: ApplicationView }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const download = async () => {
    setProblem(null);
    try {
      saveReceipt(await readReceipt(row.id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      announce(error.detail, "assertive");
    }
  };
  return (
    <>
      <button type="button" class="btn-link" onClick={() => void download()}>
        <Icon name="download" />
        {texts.download}
        <span class="visually-hidden">: {nameOf(row)}</span>
      </button>
      {problem && <p class="field-message">{problem.detail}</p>}
    </>
  );
}

const columns = [
  {
    key: "worker",
    title: all.list.worker,
    isHeader: true,
    cell: (row: ApplicationView) => (
      <a href={to("/domande/:id", { id: row.id })} translate={false}>
        {nameOf(row)}
      </a>
    ),
  },
  { key: "employer", title: all.list.employer, cell: (row: ApplicationView) => <EmployerCell row={row} /> },
  { key: "model", title: all.list.model, cell: (row: ApplicationView) => row.model_label ?? row.model },
  {
    key: "state",
    title: all.list.state,
    cell: (row: ApplicationView) => (
      <>
        <StateCell row={row} />
        {deadlineOf(row) !== null && (
          <span class="row-note">
            {texts.until} <DeadlineCell row={row} />
          </span>
        )}
      </>
    ),
  },
  {
    key: "receipt",
    title: texts.receipt,
    cell: (row: ApplicationView) => (
      <a class="code" href={to("/domande/:id/ricevuta", { id: row.id })} translate={false}>
        {row.receipt_code ?? texts.open}
      </a>
    ),
  },
  { key: "arrival", title: texts.arrival, cell: (row: ApplicationView) => (row.arrival ? toTheMillisecond(row.arrival) : "–") },
  { key: "download", title: texts.signed, cell: (row: ApplicationView) => <ReceiptLink row={row} /> },
];

function ListFile() {
  const [read, setRead] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const make = async () => {
    setProblem(null);
    setRead(0);
    try {
      const rows: string[][] = [[texts.receipt, texts.arrival, all.list.number, all.list.model, all.list.employer, all.list.worker, all.list.state, all.list.deadline]];
      let cursor: string | null | undefined = null;
      do {
        const page = await searchFor({ sent: true, limit: PAGE, ...(cursor ? { cursor } : {}) });
        for (const row of page.applications) {
          rows.push([row.receipt_code ?? "", row.arrival ?? "", row.id, row.model_label ?? row.model, row.employer ?? "", row.worker ?? "", row.state_label, (deadlineOf(row) === null ? null : row.term?.ends_at) ?? ""]);
        }
        cursor = page.next;
        setRead(rows.length - 1);
      } while (cursor);
      saveFile(`${texts.file}.csv`, new Blob([csv(rows)], { type: "text/csv;charset=utf-8" }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setRead(null);
    }
  };
  return (
    <>
      <p class="buttons">
        <button type="button" class="btn btn-outline-primary" disabled={read !== null} onClick={() => void make()}>
          <Icon name="download" />
          {read === null ? texts.csv : texts.csvBusy(read)}
        </button>
      </p>
      {problem && <ErrorState problem={problem} isAnswer />}
    </>
  );
}

/** The page. */
export default function Sent() {
  const query = new URLSearchParams(place.value.search);
  const cursor = query.get("dopo");
  const page = Math.max(1, Number(query.get("pagina")) || 1);
  const list = useReading(cursor ?? "", (signal) => searchFor({ sent: true, limit: PAGE, ...(cursor ? { cursor } : {}) }, signal));
  const here = to("/domande/inviate");
  return (
    <Page title={texts.title} lead={texts.lead} crumbs={[{ label: all.one.crumbs, href: to("/domande") }]} isWide>
      <ListNav />
      <Read of={list} lines={10}>
        {({ applications, next }) =>
          applications.length === 0 ? (
            <Empty message={texts.none}>
              <p>
                <a href={to("/domande/pronte")}>{texts.toReady}</a>
              </p>
            </Empty>
          ) : (
            <>
              <ListFile />
              <DataTable caption={texts.title} isCaptionHidden columns={columns} items={applications} keyOf={(row) => row.id} />
              {(next || cursor) && <Pager page={page} previous={cursor ? here : null} next={next ? `${here}?dopo=${encodeURIComponent(next)}&pagina=${page + 1}` : null} />}
            </>
          )
        }
      </Read>
    </Page>
  );
}
