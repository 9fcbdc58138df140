// «Non sono stato io» of a representative who is signed in: its own page, since only an office takes the block away.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import type { ApplicationView, BlockView } from "../../api/generated";
import { doings } from "../../applications/actions";
import { Code } from "../../components/code";
import { SummaryList } from "../../components/lists";
import { announce } from "../../components/live";
import { Callout, Told } from "../../components/messages";
import { Rich } from "../../components/rich";
import { ErrorState } from "../../components/states";
import { long } from "../../dates/instant";
import { to, type PageProps } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/applications";
import { About, Standing } from "./about";
import { ApplicationPage, useApplication } from "./frame";
import { OfficeContact } from "./office";

const texts = all.block;

/** The refusal that tells people to write to the office. */
const TOO_LATE = "stato-non-compatibile";

/** The state that was read before the block is none any more. */
function Done({ view, application: { id, worker, office } }: { view: BlockView; application: ApplicationView }) {
  return (
    <>
      <Told title={view.state_label}>
        <p>{view.message}</p>
        <OfficeContact office={office} />
      </Told>
      <SummaryList
        rows={[
          ...(worker ? [{ name: all.list.worker, value: <span translate={false}>{worker}</span> }] : []),
          { name: all.one.id, value: <Code text={id} /> },
          { name: all.one.filedBy, value: view.filed_by },
          { name: all.one.created, value: long(view.started) },
        ]}
      />
      <p class="buttons">
        <a class="btn btn-primary" href={to("/domande")}>
          {it.list.toApplications}
        </a>
      </p>
    </>
  );
}

/** The page. */
export default function Block({ params }: PageProps) {
  const id = params["id"] ?? "";
  const application = useApplication(id);
  const [done, setDone] = useState<BlockView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isTooLate = problem?.kind === TOO_LATE;
  const block = async () => {
    setProblem(null);
    try {
      const { data } = await call((options) => api.blockApplication(id, options));
      setDone(data);
      announce(data.message);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    <ApplicationPage title={texts.title} id={id} of={application}>
      {(data) =>
        done ? (
          <Done view={done} application={data} />
        ) : doings(data).some(({ action }) => action === "block") ? (
          <>
            <Standing application={data} />
            <About application={data} />
            {!isTooLate && (
              <Callout tone="warning">
                <p>{texts.text}</p>
                <p>
                  <Rich text={texts.mistake} />
                </p>
              </Callout>
            )}
            {problem && <ErrorState problem={problem} isAnswer />}
            {isTooLate ? (
              <>
                <OfficeContact office={data.office} />
                <p>
                  <a href={to("/domande/:id", { id })}>{all.remove.keep}</a>
                </p>
              </>
            ) : (
              <p class="buttons">
                <button type="button" class="btn btn-danger" onClick={() => void block()}>
                  {texts.go}
                </button>
                <a href={to("/domande/:id", { id })}>{texts.keep}</a>
              </p>
            )}
          </>
        ) : (
          <Callout tone="info" title={texts.cannot}>
            <p>{texts.cannotText}</p>
            <p>
              <a href={to("/domande/:id", { id })}>{all.remove.keep}</a>
            </p>
          </Callout>
        )
      }
    </ApplicationPage>
  );
}
