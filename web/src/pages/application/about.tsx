// What an application is, in pairs of name and value.

import type { ApplicationView } from "../../api/generated";
import { SummaryList, type Row } from "../../components/lists";
import { long } from "../../dates/instant";
import { texts as all } from "../../texts/it/applications";
import { EmployerCell, StateCell } from "../applications/frame";

const texts = all.one;

/** The summary. */
export function About({ application }: { application: ApplicationView }) {
  const rows: Row[] = [
    // That the section is closed stands below, with what it means.
    { name: all.list.state, value: <StateCell row={{ ...application, closed: null }} /> },
    { name: texts.model, value: application.model_label ?? application.model },
  ];
  if (application.worker) rows.push({ name: texts.worker, value: <span translate={false}>{application.worker}</span> });
  if (application.employer || application.activation?.employer_code) rows.push({ name: texts.employer, value: <EmployerCell row={application} /> });
  if (application.office) rows.push({ name: texts.office, value: application.office });
  rows.push(
    { name: texts.id, value: <span class="code" translate={false}>{application.id}</span> },
    { name: texts.created, value: long(application.created) },
  );
  return <SummaryList rows={rows} />;
}
