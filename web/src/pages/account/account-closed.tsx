// After «Chiudi l'utenza»: what was done. Public, since nobody is signed in any more; what it tells is kept with its entry of the
// history and names nobody.

import type { ClosureView } from "../../api/generated";
import { SummaryList } from "../../components/lists";
import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { pageState } from "../../routing/location";
import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/account";

const texts = all.closed;

/** How a closure ended: the API's answer, or that none came and the session is over. */
export type Closure = ClosureView | "unanswered";

function kept(): Closure | null {
  const state = pageState();
  if (state === "unanswered") return state;
  return typeof state === "object" && state !== null && "drafts" in state ? (state as ClosureView) : null;
}

function Outcome({ closure }: { closure: Closure | null }) {
  if (closure === null) {
    return (
      <Callout tone="info" title={texts.other}>
        <p>{texts.otherText}</p>
      </Callout>
    );
  }
  if (closure === "unanswered") {
    return (
      <Callout tone="warning" title={texts.lost}>
        <p>{texts.lostText}</p>
      </Callout>
    );
  }
  return (
    <>
      <Callout tone="success">
        <p>{closure.message}</p>
      </Callout>
      <SummaryList
        rows={[
          { name: texts.deleted, value: closure.drafts },
          { name: texts.kept, value: closure.submitted },
        ]}
      />
      <p>{texts.out}</p>
    </>
  );
}

/** The page. */
export default function AccountClosed() {
  const closure = kept();
  return (
    <Page title={closure === null ? texts.otherTitle : closure === "unanswered" ? texts.lostTitle : texts.title}>
      <Outcome closure={closure} />
      <p class="buttons">
        <a class="btn btn-primary" href={to("/")}>
          {texts.home}
        </a>
      </p>
    </Page>
  );
}
