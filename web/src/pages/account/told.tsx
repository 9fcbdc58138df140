// What the pages of accounts tell: who else is signed in here, where mail is read.

import { useEffect, useState } from "preact/hooks";
import { Callout } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { isProduction, MAILBOXES } from "../../environment";
import { to } from "../../routing/pages";
import { askToSignOut, loadSession, probablySignedIn, session } from "../../session/session";
import { texts as all } from "../../texts/it/account";
import type { PasswordSignIn } from "./password-sign-in";

const shared = all.shared;

/** Where a newcomer to a test environment reads mail; nothing in production. */
export function MailboxHint() {
  if (isProduction) return null;
  return (
    <p>
      {shared.mailbox.before}{" "}
      <a href={MAILBOXES} data-native>
        {shared.mailbox.link}
      </a>
      .
    </p>
  );
}

/** To the sign-in; where passwords open nothing now, that is said. */
export function Enter({ standing, isMain = true }: { standing: PasswordSignIn; isMain?: boolean }) {
  const isClosed = standing === "closed";
  return (
    <>
      {isClosed && (
        <Callout tone="info" title={shared.closed}>
          <p>{shared.closedText}</p>
        </Callout>
      )}
      <p class="buttons">
        <a class={isMain ? "btn btn-primary" : "btn btn-outline-primary"} href={isClosed ? to("/accesso") : `${to("/accesso")}?modo=email`}>
          {isClosed ? shared.closedLink : shared.enter}
        </a>
      </p>
    </>
  );
}

/**
 * Somebody is signed in on this browser, perhaps not the person whom the letter is for: the page cannot know, so it names them.
 * `keep` is called when they have gone, before the page is loaded anew.
 */
export function WhoIsSignedIn({ keep }: { keep: () => void }) {
  const texts = all.other;
  const now = session.value;
  useEffect(() => {
    if (now.state === "unknown" && probablySignedIn()) void loadSession();
  }, []);
  const [isLeaving, setLeaving] = useState(false);
  // Who is signed in is not known, and nothing here needs it.
  if (now.state === "failed" && isLeaving) return <ErrorState problem={now.problem} isAnswer />;
  if (now.state !== "signed-in") return null;
  const leave = () => {
    setLeaving(true);
    void askToSignOut(() => {
      keep();
      location.reload();
    });
  };
  return (
    <Callout tone="info" title={texts.title}>
      <p>
        {texts.text}{" "}
        <strong translate={false}>
          {now.view.given_name} {now.view.family_name}
        </strong>
        . {texts.advice}
      </p>
      <p class="buttons">
        <button type="button" class="btn btn-outline-primary" onClick={leave}>
          {texts.leave}
        </button>
      </p>
    </Callout>
  );
}
