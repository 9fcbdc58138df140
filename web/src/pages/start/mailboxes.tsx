// Where a newcomer to a test environment finds the PEC with the code.

import { isProduction, MAILBOXES } from "../../environment";
import { texts as all } from "../../texts/it/start";

const texts = all.mailboxes;

/** Nothing in production, where the PEC is in the employer's own mailbox. */
export function MailboxesHint() {
  if (isProduction) return null;
  return (
    <p>
      {texts.before}{" "}
      <a href={MAILBOXES} data-native>
        {texts.link}
      </a>
      .
    </p>
  );
}
