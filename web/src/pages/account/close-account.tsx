// «Chiudi l'utenza» (ACC-6): what goes, what stays and why, a word to be typed; then a page for who is not signed in any more.

import { useState } from "preact/hooks";
import { api, call } from "../../api/client";
import type { ClosureView } from "../../api/generated";
import { useReading } from "../../api/reading";
import { CodeField } from "../../components/controls";
import { announce } from "../../components/live";
import { Callout, ErrorSummary, NoteText, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { Read } from "../../components/read";
import { ErrorState, RequestCode } from "../../components/states";
import { loadAnew } from "../../routing/location";
import { to } from "../../routing/pages";
import { useLostAtSignOut } from "../../session/lost";
import { forgetEndedSession, session } from "../../session/session";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/account";
import { closingWord } from "./checks";
import type { Closure } from "./account-closed";
import { useSending } from "./use-sending";

const texts = all.closing;

/** What closing would do. */
function Consequences({ announced }: { announced: ClosureView }) {
  const lost = useLostAtSignOut();
  const now = session.value;
  const hasPassword = now.state === "signed-in" && now.view.level < 2;
  return (
    <>
      <Callout tone="warning">
        <p>{texts.final}</p>
        {lost !== null && <p>{lost}</p>}
      </Callout>
      <h2>{texts.goes}</h2>
      <ul>
        {announced.drafts > 0 && <li>{texts.drafts(announced.drafts)}</li>}
        {now.state === "signed-in" && now.view.organisation && <li>{texts.membership}</li>}
        <li>{hasPassword ? texts.accountByMail : texts.account}</li>
        <li>{texts.sessions}</li>
      </ul>
      <h2>{texts.stays}</h2>
      <p>{texts.submitted(announced.submitted)}</p>
      <NoteText text={texts.howLong} />
      <h2>{texts.before}</h2>
      <p>
        {texts.copy}
        {hasPassword && ` ${texts.copyNeedsStrong}`}
      </p>
      <p>
        <a href={to("/utenza/esporta")}>{all.exporting.go}</a>
      </p>
    </>
  );
}

function Form() {
  const [word, setWord] = useState("");
  const [isClosed, setClosed] = useState(false);
  const [hasBegun, setBegun] = useState(false);
  const leave = async (closure: Closure) => {
    setClosed(true);
    await forgetEndedSession();
    loadAnew(to("/utenza/chiusa"), closure);
  };
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({
    heard: (refusal) => {
      // The answer to an earlier press was lost on its way, and the session ended with the account.
      if (refusal.status === 401 && hasBegun) void leave("unanswered");
      else if (refusal.isOutcomeUnknown) setBegun(true);
    },
  });
  const close = () =>
    send(closingWord(word), async () => {
      announce(texts.busy);
      const { data } = await call((options) => api.closeAccount({ confirm: true }, options));
      await leave(data);
    });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void close();
      }}
    >
      <h2>{texts.confirmation}</h2>
      <ErrorSummary key={round} mistakes={mistakes} />
      {problem && !problem.isOutcomeUnknown && <ErrorState problem={problem} isAnswer />}
      {/* The API's words that nothing was lost are not the whole truth then. */}
      {problem?.isOutcomeUnknown && (
        <Told key={round} tone="danger" title={texts.unfinished}>
          <p>{texts.unfinishedText}</p>
          {problem.requestId && <RequestCode id={problem.requestId} />}
        </Told>
      )}
      {/* The word has to be typed as it is, whatever language the browser shows the page in. */}
      <div translate={false}>
        <CodeField id="confirm" label={texts.word} size={16} value={word} onInput={setWord} error={messageFor("confirm")} />
      </div>
      <p class="buttons">
        <button type="submit" class="btn btn-danger" disabled={isBusy || isClosed}>
          {isBusy || isClosed ? texts.busy : texts.go}
        </button>
        <a href={to("/utenza/dati")}>{hasBegun ? texts.back : texts.keep}</a>
      </p>
    </form>
  );
}

function Closing() {
  const announced = useReading("closure", async (signal) => (await call((options) => api.announceClosure(options), { signal })).data);
  return (
    <Read of={announced} lines={12}>
      {(data) => (
        <>
          <Consequences announced={data} />
          <Form />
        </>
      )}
    </Read>
  );
}

/** The page. */
export default function CloseAccount() {
  const now = session.value;
  if (now.state !== "signed-in") return null;
  // Who holds an office or a list of operators is not offered it, and would be refused after all the reading.
  const isOffered = now.view.services.some(({ service }) => service === "close-account");
  return (
    <Page title={texts.title} crumbs={[{ label: it.shell.myArea, href: to("/area") }, { label: all.data.title, href: to("/utenza/dati") }]}>
      {isOffered ? (
        <Closing />
      ) : (
        <>
          <Callout tone="info" title={texts.cannot}>
            <NoteText text={now.view.role === "organisation-contact" ? texts.isContact : texts.isOffice} />
          </Callout>
          <p>
            <a href={to("/area")}>{texts.area}</a>
          </p>
        </>
      )}
    </Page>
  );
}
