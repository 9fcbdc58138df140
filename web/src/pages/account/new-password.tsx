// The page of the letter that recovers a password (ACC-5): the new password ends all sessions of the account.

import { useState } from "preact/hooks";
import { api, call } from "../../api/client";
import { ErrorSummary } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { to } from "../../routing/pages";
import { askWhoIsLeft } from "../../session/session";
import { texts as all } from "../../texts/it/account";
import { passwordTwice } from "./checks";
import { LetterPage, type UseProps } from "./letter-page";
import { PasswordFields } from "./password-fields";
import { usePasswordSignIn } from "./password-sign-in";
import { Enter } from "./told";
import { useSending } from "./use-sending";

const texts = all.newPassword;

function Typing({ token, onDone, onRefused }: UseProps) {
  const [first, setFirst] = useState("");
  const [second, setSecond] = useState("");
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({ heard: onRefused });
  const change = () =>
    send(passwordTwice(first, second), async () => {
      const { data } = await call((options) => api.choosePassword({ token, password: first, password_repeated: second }, options));
      onDone(data.message);
    });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <ErrorSummary key={round} mistakes={mistakes} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <PasswordFields label={all.shared.newPassword} first={first} second={second} onFirst={setFirst} onSecond={setSecond} messageFor={messageFor} />
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy}>
          {texts.go}
        </button>
      </p>
    </form>
  );
}

/** What to do without a good link. */
function Next() {
  return (
    <>
      <h2>{all.link.next}</h2>
      <p>{texts.spentText}</p>
      <p class="buttons">
        <a class="btn btn-primary" href={to("/utenza/recupero")}>
          {texts.ask}
        </a>
        <a href={to("/accesso")}>{all.shared.enterAny}</a>
      </p>
    </>
  );
}

/** The page. */
export default function NewPassword() {
  const standing = usePasswordSignIn();
  return (
    <LetterPage
      title={texts.title}
      lead={texts.lead}
      doneTitle={texts.done}
      use={(props) => <Typing key={props.token} {...props} />}
      afterwards={<Enter standing={standing} />}
      next={() => <Next />}
      onDone={() => void askWhoIsLeft()}
    />
  );
}
