// What an application is: in one line how it stands, in pairs of name and value the rest.

import type { ApplicationView } from "../../api/generated";
import { Code } from "../../components/code";
import { SummaryList, type Row } from "../../components/lists";
import { modelName } from "../../components/rich";
import { long } from "../../dates/instant";
import { texts as all } from "../../texts/it/applications";
import { EmployerCell, StateCell, withoutWorker } from "../applications/frame";

const texts = all.one;

/** Whose it is and how it stands. */
export function Standing({ application }: { application: ApplicationView }) {
  const { worker } = application;
  return (
    <p class="lead with-badge">
      {worker ? <strong translate={false}>{worker}</strong> : <strong>{withoutWorker(application)}</strong>}
      <span class="visually-hidden">{all.list.state}:</span>
      {/* That the section is closed stands below, with what it means. */}
      <StateCell row={{ ...application, closed: null }} />
    </p>
  );
}

/** The rest. */
export function About({ application }: { application: ApplicationView }) {
  const rows: Row[] = [{ name: texts.model, value: modelName(application.model_label ?? application.model) }];
  if (application.employer || application.activation?.employer_code) rows.push({ name: texts.employer, value: <EmployerCell row={application} /> });
  if (application.office) rows.push({ name: texts.office, value: application.office });
  rows.push({ name: texts.id, value: <Code text={application.id} /> });
  if (application.filed_by) rows.push({ name: texts.filedBy, value: application.filed_by });
  rows.push({ name: texts.created, value: long(application.created) });
  return <SummaryList rows={rows} />;
}
