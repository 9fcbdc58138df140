// «Password dimenticata» (ACC-5): the answer is the same whether or not the address has an account.

import { useState } from "preact/hooks";
import { api, call } from "../../api/client";
import { TextField } from "../../components/field";
import { ErrorSummary, Told } from "../../components/messages";
import { Page } from "../../components/page";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { texts as access } from "../../texts/it/access";
import { texts as all } from "../../texts/it/account";
import { address } from "./checks";
import { HumanCheckField, useHumanCheck } from "./human-check";
import { MailboxHint } from "./told";
import { useSending } from "./use-sending";

const texts = all.recovery;

function Form({ onSent }: { onSent: (message: string) => void }) {
  const [email, setEmail] = useState("");
  const human = useHumanCheck();
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending();
  const ask = () =>
    send(address(email), async () => {
      const human_check = await human.prove();
      if (human_check === null) return;
      const { data } = await call((options) => api.askRecovery({ email: email.trim(), human_check }, options));
      onSent(data.message);
    });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask();
      }}
    >
      <p>{texts.identity}</p>
      <ErrorSummary key={round} mistakes={mistakes} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <TextField id="email" label={access.email} type="email" inputMode="email" autocomplete="username" value={email} onInput={setEmail} error={messageFor("email")} />
      <HumanCheckField
        check={human}
        error={messageFor("human_check")}
        address={address(email).length === 0 ? email.trim() : null}
        onNoAddress={() => void send(address(email), async () => {})}
      />
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy}>
          {human.percent === null ? texts.go : all.human.busy}
        </button>
      </p>
    </form>
  );
}

/** The page. */
export default function Recovery() {
  const [message, setMessage] = useState<string | null>(null);
  return (
    <Page title={texts.title} crumbs={[{ label: access.title, href: to("/accesso") }]} lead={message === null ? texts.lead : ""}>
      {message === null ? (
        <Form onSent={setMessage} />
      ) : (
        <>
          <Told title={texts.sent}>
            <p>{message}</p>
          </Told>
          <MailboxHint />
          <p>{texts.sentMore}</p>
          <p class="buttons">
            <button type="button" class="btn btn-outline-primary" onClick={() => setMessage(null)}>
              {texts.again}
            </button>
          </p>
        </>
      )}
    </Page>
  );
}
