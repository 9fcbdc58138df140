// The last line of what is printed: of which application it is, and from when.

import { useEffect, useState } from "preact/hooks";
import { serverNow } from "../clock/clock";
import { long } from "../dates/instant";
import { it } from "../texts/it";

/** Only on paper. A page may have been open for long: the instant is that of the printing. */
export function PrintLine({ id }: { id: string }) {
  const [at, setAt] = useState(serverNow);
  useEffect(() => {
    const print = () => setAt(serverNow());
    addEventListener("beforeprint", print);
    return () => removeEventListener("beforeprint", print);
  }, []);
  return (
    <p class="print-only print-line">
      {it.shell.print(long(at))} – {id}
    </p>
  );
}
