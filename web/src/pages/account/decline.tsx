// «Non lavoro per questo ente» (ORG-7): its own page, since only the organisation's side of the portal could undo it, and may not.

import { useState } from "preact/hooks";
import { api, call } from "../../api/client";
import { Callout, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { forgetEndedSession, session, signInLink } from "../../session/session";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/account";
import { useSending } from "./use-sending";

const texts = all.decline;

/** The page. */
export default function Decline() {
  const now = session.value;
  const [done, setDone] = useState<string | null>(null);
  const { problem, isBusy, send } = useSending();
  if (now.state !== "signed-in") return null;
  const { role, level, organisation, organisation_name } = now.view;
  const decline = () =>
    send([], async () => {
      const { data } = await call((options) => api.declineMembership(options));
      setDone(data.message);
      await forgetEndedSession();
    });
  const enterAgain = (
    <p class="buttons">
      {/* A whole new page: nothing of the session that is over stays in memory. */}
      <a class="btn btn-primary" href={to("/accesso")} data-native>
        {texts.enter}
      </a>
    </p>
  );
  const back = <a href={to("/area")}>{texts.keep}</a>;
  return (
    <Page title={texts.title} crumbs={[{ label: it.shell.myArea, href: to("/area") }]}>
      {done !== null ? (
        <>
          <Told title={texts.done}>
            <p>{done}</p>
          </Told>
          {enterAgain}
        </>
      ) : role !== "operator" || !organisation ? (
        <>
          <Callout tone="info" title={texts.none}>
            <p>{texts.noneText}</p>
          </Callout>
          <p>{back}</p>
        </>
      ) : level < 2 ? (
        <>
          <Callout tone="warning" title={it.state.levelTitle}>
            <p>{texts.listed(organisation_name ?? organisation)}</p>
            <p>{texts.needsStrong}</p>
            <p>
              <a href={signInLink()} data-native>
                {it.state.enter}
              </a>
            </p>
          </Callout>
          <p>{back}</p>
        </>
      ) : problem?.kind === "non-trovata" ? (
        // The session still tells the organisation of before.
        <>
          <Told tone="info" title={texts.none}>
            <p>{problem.detail}</p>
          </Told>
          {enterAgain}
        </>
      ) : (
        <>
          <p class="lead">{texts.listed(organisation_name ?? organisation)}</p>
          <Callout tone="warning" title={texts.warning}>
            <p>{texts.text}</p>
            <p>{texts.mistake}</p>
          </Callout>
          {problem && <ErrorState problem={problem} isAnswer />}
          <p class="buttons">
            <button type="button" class="btn btn-danger" disabled={isBusy} onClick={() => void decline()}>
              {texts.go}
            </button>
            {back}
          </p>
        </>
      )}
    </Page>
  );
}
