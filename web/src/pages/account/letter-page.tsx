// A page that a letter leads to: the secret of its link is used once, and then the page says what was done, or why not and what now.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { Callout, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { RequestCode } from "../../components/states";
import { place } from "../../routing/location";
import { to } from "../../routing/pages";
import { texts as access } from "../../texts/it/access";
import { texts as all } from "../../texts/it/account";
import { keepSecret, useLetterSecret } from "./letter-secret";
import { WhoIsSignedIn } from "./told";

const texts = all.link;

/** The press that uses the secret up. */
export interface UseProps {
  token: string;
  /** Done; with the API's words. */
  onDone: (message: string) => void;
  /** Hears each refusal: one that says that the link is not good (any more) ends the use of it. */
  onRefused: (problem: Problem) => void;
}

interface Props {
  title: string;
  /** Above the form. */
  lead: string;
  doneTitle: string;
  use: (props: UseProps) => ComponentChildren;
  /** Below what was done. */
  afterwards: ComponentChildren;
  /** What to do without a good link; `refusal` is the API's, null where no link came. */
  next: (refusal: Problem | null) => ComponentChildren;
  onDone?: () => void;
}

/** The page. */
export function LetterPage({ title, lead, doneTitle, use, afterwards, next, onDone }: Props) {
  const [secret, forget] = useLetterSecret();
  // Of one secret: who opens a second link in this tab begins anew.
  const [ended, setEnded] = useState<{ of: string; message: string } | { of: string; problem: Problem } | null>(null);
  const { path } = place.value;
  const token = secret.state === "here" ? secret.token : null;
  const end = ended !== null && ended.of === token ? ended : null;
  return (
    <Page title={title} crumbs={[{ label: access.title, href: to("/accesso") }]} lead={token !== null && end === null ? lead : ""}>
      {token !== null && end === null && (
        <>
          <WhoIsSignedIn keep={() => keepSecret(path, token)} />
          {use({
            token,
            onDone: (message) => {
              forget();
              setEnded({ of: token, message });
              onDone?.();
            },
            onRefused: (problem) => {
              if (problem.status !== 409) return;
              forget();
              setEnded({ of: token, problem });
            },
          })}
        </>
      )}
      {end && "message" in end && (
        <>
          <Told title={doneTitle} isTitleInText>
            <p>{end.message}</p>
          </Told>
          {afterwards}
        </>
      )}
      {end && "problem" in end && (
        <>
          <Told tone="warning" title={end.problem.title}>
            <p>{end.problem.detail}</p>
            {end.problem.requestId && <RequestCode id={end.problem.requestId} />}
          </Told>
          {next(end.problem)}
        </>
      )}
      {(secret.state === "none" || secret.state === "damaged") && (
        <>
          <Callout tone={secret.state === "damaged" ? "warning" : "info"} title={secret.state === "damaged" ? texts.damagedTitle : texts.noneTitle}>
            <p>{secret.state === "damaged" ? texts.damagedText : texts.noneText}</p>
          </Callout>
          {next(null)}
        </>
      )}
    </Page>
  );
}
