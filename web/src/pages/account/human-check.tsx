// The human check of a form: solved by the browser when the form is sent, or a code by mail where that does not work.

import { useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { CodeField } from "../../components/controls";
import { announce } from "../../components/live";
import { Details } from "../../components/messages";
import { Plain } from "../../components/rich";
import { ErrorState } from "../../components/states";
import { texts as all } from "../../texts/it/account";
import { solve, Unsolvable } from "./proof-of-work";
import { MailboxHint } from "./told";

const texts = all.human;

/** A human check of one form. */
export interface HumanCheck {
  /** Gives what the form sends as `human_check`; null where the browser cannot solve it, which the person is told. */
  prove: () => Promise<string | null>;
  /** How much is tried, in percent; null while nothing is under way. */
  percent: number | null;
  code: string;
  setCode: (code: string) => void;
  hasFailed: boolean;
}

/** The check; a code that was typed counts instead of the browser's work. */
export function useHumanCheck(): HumanCheck {
  const [code, setCode] = useState("");
  const [percent, setPercent] = useState<number | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const prove = async () => {
    if (code.trim() !== "") return code.trim();
    setPercent(0);
    announce(texts.busy);
    try {
      const { data } = await call((options) => api.humanCheck(options));
      // By tens: who looks on needs no more, and who listens hears that it began.
      return await solve(data, (tried) => setPercent(Math.floor(tried / 10) * 10));
    } catch (error) {
      if (!(error instanceof Unsolvable)) throw error;
      setFailed(true);
      announce(texts.failed, "assertive");
      return null;
    } finally {
      setPercent(null);
    }
  };
  return { prove, percent, code, setCode, hasFailed };
}

interface Props {
  check: HumanCheck;
  /** What is wrong with the last one. */
  error: string | null;
  /** The address to which a code would go; null where what is typed is none, and `onNoAddress` says so. */
  address: string | null;
  onNoAddress: () => void;
}

/** Below the form's fields. */
export function HumanCheckField({ check, error, address, onNoAddress }: Props) {
  const [message, setMessage] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const ask = async () => {
    if (address === null) {
      onNoAddress();
      return;
    }
    setProblem(null);
    try {
      const { data } = await call((options) => api.mailHumanCheckCode({ email: address }, options));
      setMessage(data.message);
      announce(data.message);
    } catch (refusal) {
      if (!(refusal instanceof Problem)) throw refusal;
      setProblem(refusal);
    }
  };
  const byCode = (
    <>
      <p>
        <Plain text={check.hasFailed ? texts.failed : error !== null ? texts.repeat : texts.otherText} />
      </p>
      {problem && <ErrorState problem={problem} isAnswer />}
      <p class="buttons">
        <button type="button" class="btn btn-outline-primary" onClick={() => void ask()}>
          {texts.ask}
        </button>
      </p>
      {message && (
        <>
          <p>{message}</p>
          <MailboxHint />
        </>
      )}
      <CodeField id="human_check" label={texts.code} help={texts.codeHelp} size={16} autocomplete="one-time-code" value={check.code} onInput={check.setCode} error={error} />
    </>
  );
  if (error !== null || check.hasFailed) return byCode;
  return (
    <>
      <p class="field-help">{check.percent === null ? texts.text : texts.done(check.percent)}</p>
      <Details title={texts.other}>{byCode}</Details>
    </>
  );
}
