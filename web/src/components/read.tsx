// A part of a page that is read from the API: skeleton, failure with its way out, content, and the hour of old content.

import type { ComponentChildren } from "preact";
import type { Readable } from "../api/reading";
import { clockTime } from "../dates/instant";
import { it } from "../texts/it";
import { Callout } from "./messages";
import { ErrorState, Loading } from "./states";

interface Props<T> {
  of: Readable<T>;
  /** About as many lines as the content has. */
  lines?: number;
  /** Where to go on when there is no such thing, or it is somebody else's. */
  wayOn?: { href: string; label: string };
  children: (data: T) => ComponentChildren;
}

/** Shows what was read. */
export function Read<T>({ of: { reading, again }, lines = 6, wayOn, children }: Props<T>) {
  if (reading.state === "loading") return <Loading lines={lines} onRetry={again} />;
  if (reading.state === "failed") return <ErrorState problem={reading.problem} wayOn={wayOn} onRetry={again} />;
  return (
    <>
      {reading.problem && (
        <Callout tone="warning" title={it.state.dataOf(clockTime(reading.at))}>
          <p>{reading.problem.detail}</p>
          <p>
            <button type="button" class="btn-link" onClick={again}>
              {it.state.retry}
            </button>
          </p>
        </Callout>
      )}
      {children(reading.data)}
    </>
  );
}
