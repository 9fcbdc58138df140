// «Elimina»: its own page, since nothing brings the answers back.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { doings } from "../../applications/actions";
import { Callout, Told } from "../../components/messages";
import { Rich } from "../../components/rich";
import { ErrorState } from "../../components/states";
import { forgetInputOf } from "../../form/draft/guard-input";
import { to, type PageProps } from "../../routing/pages";
import { session } from "../../session/session";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/applications";
import { About, Standing } from "./about";
import { ApplicationPage, useApplication } from "./frame";

const texts = all.remove;

/** The page. */
export default function Remove({ params }: PageProps) {
  const id = params["id"] ?? "";
  const application = useApplication(id);
  const [isGone, setGone] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const remove = async () => {
    setProblem(null);
    try {
      await call((options) => api.deleteDraft(id, options));
      const now = session.value;
      if (now.state === "signed-in") void forgetInputOf(id, now.view.account);
      setGone(true);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  };
  return (
    // What is gone has no page to go back to.
    <ApplicationPage title={texts.title} id={id} isBelow={!isGone} of={application}>
      {(data) =>
        isGone ? (
          <>
            <Told title={texts.done}>
              <p>{texts.doneText}</p>
            </Told>
            <p class="buttons">
              <a class="btn btn-primary" href={to("/domande")}>
                {it.list.toApplications}
              </a>
            </p>
          </>
        ) : doings(data).some(({ action }) => action === "delete") ? (
          <>
            <Standing application={data} />
            <About application={data} />
            <Callout tone="warning">
              <p>{texts.text}</p>
            </Callout>
            {problem && <ErrorState problem={problem} isAnswer />}
            <p class="buttons">
              <button type="button" class="btn btn-danger" onClick={() => void remove()}>
                {texts.go}
              </button>
              <a href={to("/domande/:id", { id })}>{texts.keep}</a>
            </p>
          </>
        ) : (
          <>
            <Standing application={data} />
            <About application={data} />
            <Callout tone="info" title={texts.cannot}>
              <p>
                <Rich text={texts.cannotText} />
              </p>
              <p>
                <a href={to("/domande/:id", { id })}>{texts.keep}</a>
              </p>
            </Callout>
          </>
        )
      }
    </ApplicationPage>
  );
}
