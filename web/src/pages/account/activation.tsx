// The page of the letter that activates an account (ACC-2): its link brings the secret, the person types the code beside it.

import { useEffect, useState } from "preact/hooks";
import { api, call, type Problem } from "../../api/client";
import { serverNow } from "../../clock/clock";
import { CodeField } from "../../components/controls";
import { ErrorSummary } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { milliseconds } from "../../dates/instant";
import { to } from "../../routing/pages";
import { texts as all } from "../../texts/it/account";
import { LetterPage, type UseProps } from "./letter-page";
import { usePasswordSignIn, type PasswordSignIn } from "./password-sign-in";
import { Enter } from "./told";
import { useSending } from "./use-sending";
import { forgetWaiting, keptWaiting } from "./waiting";

const texts = all.activation;

/** Who reads this mailbox has an account already. */
const isActive = (refusal: Problem | null) => refusal?.kind === "utenza-gia-attiva";

function Forgotten() {
  return (
    <p>
      <a href={to("/utenza/recupero")}>{all.shared.forgotten}</a>
    </p>
  );
}

/** What to do without a good link; the registration may wait in this very tab. */
function Next({ standing, refusal }: { standing: PasswordSignIn; refusal: Problem | null }) {
  const [isWaiting, setWaiting] = useState(false);
  useEffect(() => setWaiting(keptWaiting((expires) => (milliseconds(expires) ?? 0) > serverNow()) !== null), []);
  if (isActive(refusal)) {
    return (
      <>
        <h2>{all.link.next}</h2>
        <Enter standing={standing} />
        <Forgotten />
      </>
    );
  }
  return (
    <>
      <h2>{all.link.next}</h2>
      <p>{isWaiting ? texts.backText : texts.spentText}</p>
      <p class="buttons">
        <a class="btn btn-outline-primary" href={to("/utenza/registrazione")}>
          {isWaiting ? texts.back : all.shared.register}
        </a>
      </p>
      <p>{texts.signIn}</p>
      <Enter standing={standing} isMain={false} />
      {refusal !== null && <Forgotten />}
    </>
  );
}

function Typing({ token, onDone, onRefused }: UseProps) {
  const [code, setCode] = useState("");
  const [attempts, setAttempts] = useState<number | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const { mistakes, round, problem, isBusy, messageFor, send } = useSending({
    heard: (refusal) => {
      onRefused(refusal);
      if (isActive(refusal)) forgetWaiting();
      if (refusal.kind === "codice-errato") setWrong(refusal.detail);
      setAttempts(refusal.number("attempts_left"));
    },
  });
  const activate = () => {
    setWrong(null);
    void send(code.trim() === "" ? [{ field: "code", message: texts.needCode }] : [], async () => {
      const { data } = await call((options) => api.activateAccount({ token, code: code.trim() }, options));
      onDone(data.message);
    });
  };
  const shown = wrong === null ? mistakes : [{ field: "code", message: wrong }];
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        activate();
      }}
    >
      <ErrorSummary key={round} mistakes={shown} />
      {problem && wrong === null && <ErrorState problem={problem} isAnswer />}
      <CodeField id="code" label={texts.code} help={texts.codeHelp} size={16} autocomplete="one-time-code" value={code} onInput={setCode} error={wrong ?? messageFor("code")}>
        {attempts !== null && <p class="field-help">{texts.attempts(attempts)}</p>}
      </CodeField>
      <p class="buttons">
        <button type="submit" class="btn btn-primary" disabled={isBusy}>
          {texts.go}
        </button>
      </p>
    </form>
  );
}

/** The page. */
export default function Activation() {
  const standing = usePasswordSignIn();
  return (
    <LetterPage
      title={texts.title}
      lead={texts.lead}
      doneTitle={texts.done}
      use={(props) => <Typing key={props.token} {...props} />}
      afterwards={<Enter standing={standing} />}
      next={(refusal) => <Next standing={standing} refusal={refusal} />}
      onDone={forgetWaiting}
    />
  );
}
