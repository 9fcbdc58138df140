// A number or a code that no line holds in one piece on a telephone.

import { Fragment } from "preact";

/** So many characters fit on the narrowest line that we know. */
const MOST = 16;

/** Verbatim; where it has to break, it breaks between equal parts, and leaves no two characters alone. */
export function Code({ text }: { text: string }) {
  const parts = Math.ceil(text.length / MOST);
  const length = Math.ceil(text.length / parts);
  return (
    <span class="code" translate={false}>
      {Array.from({ length: parts }, (_, n) => (
        <Fragment key={n}>
          {n > 0 && <wbr />}
          {text.slice(n * length, (n + 1) * length)}
        </Fragment>
      ))}
    </span>
  );
}
