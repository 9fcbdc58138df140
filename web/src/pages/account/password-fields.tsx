// A new password, typed twice, which can be shown.

import { useState } from "preact/hooks";
import { Tick } from "../../components/controls";
import { TextField } from "../../components/field";
import { texts as all } from "../../texts/it/account";

const texts = all.shared;

interface Props {
  label?: string;
  first: string;
  second: string;
  onFirst: (typed: string) => void;
  onSecond: (typed: string) => void;
  messageFor: (field: string) => string | null;
}

/** Two fields and a box to tick. */
export function PasswordFields({ label = texts.password, first, second, onFirst, onSecond, messageFor }: Props) {
  const [isShown, setShown] = useState(false);
  const type = isShown ? "text" : "password";
  return (
    <>
      <TextField id="password" label={label} help={texts.passwordHelp} type={type} autocomplete="new-password" isSecret value={first} onInput={onFirst} error={messageFor("password")} />
      <TextField id="password_repeated" label={texts.passwordRepeated} type={type} autocomplete="new-password" isSecret value={second} onInput={onSecond} error={messageFor("password_repeated")} />
      <Tick id="show_password" label={texts.showPassword} isTicked={isShown} onChange={setShown} />
    </>
  );
}
