// What came of the preliminary checks: the code is on its way, or the check waits for a registry.

import type { StartedView } from "../../api/generated";
import { Code } from "../../components/code";
import { SummaryList } from "../../components/lists";
import { Told } from "../../components/messages";
import { toTheMinute } from "../../dates/instant";
import { to } from "../../routing/pages";
import { it } from "../../texts/it";
import { texts as all } from "../../texts/it/start";
import { MailboxesHint } from "./mailboxes";

const texts = all.done;

/** The outcome. */
export function Started({ started, isOperator, onAnother }: { started: StartedView; isOperator: boolean; onAnother: () => void }) {
  const { id, code_sent, code_expires_at, message } = started;
  return (
    <>
      <Told tone={code_sent ? "success" : "info"} title={code_sent ? texts.title : texts.queuedTitle} level={2}>
        <p>{message}</p>
        {code_sent && code_expires_at && <p>{texts.until(toTheMinute(code_expires_at))}</p>}
        {code_sent && isOperator && <p>{all.code.operator}</p>}
        {code_sent && <MailboxesHint />}
      </Told>
      <SummaryList rows={[{ name: texts.id, value: <Code text={id} /> }]} />
      <p class="buttons">
        {code_sent ? (
          <a class="btn btn-primary" href={to("/domande/:id/codice", { id })}>
            {texts.code}
          </a>
        ) : (
          <a class="btn btn-primary" href={to("/domande")}>
            {it.list.toApplications}
          </a>
        )}
        <button type="button" class="btn btn-outline-primary" onClick={onAnother}>
          {texts.another}
        </button>
      </p>
    </>
  );
}
