// Signing in with e-mail and password, and with a mailed code after some failures.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { TextField } from "../../components/field";
import { announce } from "../../components/live";
import { ErrorSummary, type Mistake } from "../../components/messages";
import { ErrorState } from "../../components/states";
import { texts } from "../../texts/it/access";

/** The form. It opens another session, so that the page is loaded anew. */
export function MailForm({ target }: { target: string }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const [isCodeAsked, setCodeAsked] = useState(false);
  const [mistakes, setMistakes] = useState<Mistake[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const messageFor = (field: string) => mistakes.find((mistake) => mistake.field === field)?.message ?? null;

  const attempt = async (run: () => Promise<unknown>) => {
    setProblem(null);
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.extra["human_check_required"] === true || error.messageFor("human_check")) setNeedsCode(true);
      const found = error.errors.map(({ field, message }) => ({ field, message }));
      setMistakes(found);
      if (found.length === 0) setProblem(error);
    }
  };
  const enter = () => {
    const found: Mistake[] = [];
    if (email.trim() === "") found.push({ field: "email", message: texts.needEmail });
    if (password === "") found.push({ field: "password", message: texts.needPassword });
    setMistakes(found);
    if (found.length > 0) return;
    void attempt(async () => {
      const body = { email: email.trim(), password, ...(code.trim() ? { human_check: code.trim() } : {}) };
      await call((options) => api.signInWithPassword(body, options));
      location.assign(target);
    });
  };
  const askCode = () => {
    void attempt(async () => {
      await call((options) => api.mailHumanCheckCode({ email: email.trim() }, options));
      setCodeAsked(true);
      announce(texts.codeAsked);
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        enter();
      }}
    >
      <p>{texts.mailText}</p>
      <ErrorSummary mistakes={mistakes} />
      {problem && <ErrorState problem={problem} isAnswer />}
      <TextField id="email" label={texts.email} type="email" inputMode="email" autocomplete="username" value={email} onInput={setEmail} error={messageFor("email")} />
      <TextField id="password" label={texts.password} type="password" autocomplete="current-password" value={password} onInput={setPassword} error={messageFor("password")} />
      {needsCode && (
        <TextField id="human_check" label={texts.code} help={texts.codeHelp} isCode size={16} autocomplete="one-time-code" value={code} onInput={setCode} error={messageFor("human_check")}>
          <button type="button" class="btn btn-link" onClick={askCode}>
            {texts.askCode}
          </button>
          {isCodeAsked && <p>{texts.codeAsked}</p>}
        </TextField>
      )}
      <p class="buttons">
        <button type="submit" class="btn btn-outline-primary">
          {texts.enter}
        </button>
      </p>
    </form>
  );
}
