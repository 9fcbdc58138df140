// What stands where content is not there: loading, empty, failed.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/client";
import { inWords } from "../dates/left";
import { it } from "../texts/it";
import { Icon } from "./icon";
import { signInLink } from "../session/session";
import { Callout } from "./messages";

/** A skeleton shows after this long, so that quick answers do not flicker. */
const SKELETON_AFTER = 300;
/** After this long people want to know that it is not their fault. */
const SLOW_AFTER = 8000;

function useElapsed(ms: number): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isOver;
}

/** Content that is on its way. `lines` is about as long as what will stand there, so that nothing jumps. */
export function Loading({ lines = 3, onRetry, atOnce = false }: { lines?: number; onRetry?: () => void; atOnce?: boolean }) {
  const isShown = useElapsed(SKELETON_AFTER) || atOnce;
  const isSlow = useElapsed(SLOW_AFTER);
  return (
    <div class="loading" aria-busy="true">
      <span class="visually-hidden">{it.state.loading}</span>
      <div class={isShown ? "skeleton" : "skeleton skeleton-hidden"} aria-hidden="true">
        {Array.from({ length: lines }, (_, n) => (
          <div key={n} class="skeleton-line" />
        ))}
      </div>
      {isSlow && (
        <p>
          {it.state.slow} –{" "}
          <button type="button" class="btn-link" onClick={onRetry ?? (() => location.reload())}>
            {it.state.retry}
          </button>
        </p>
      )}
    </div>
  );
}

/** Nothing is there, and that is no mistake. */
export function Empty({ message, children }: { message: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p>{message}</p>
      {children}
    </div>
  );
}

interface ErrorProps {
  problem: Problem;
  /** In the place of the problem's own, where the page knows more. */
  detail?: string;
  /** Where to go on when there is no such thing, or it is somebody else's (404). */
  wayOn?: { href: string; label: string };
  onRetry?: () => void;
  isAnswer?: boolean;
}

/** What the API refused or why it did not answer: what to do, and the code to quote. */
export function ErrorState({ problem, detail = problem.detail, wayOn, onRetry, isAnswer = false }: ErrorProps) {
  const box = useRef<HTMLDivElement>(null);
  // What answers a press takes the focus: on a phone it may stand far above the button.
  useEffect(() => {
    if (isAnswer) box.current?.focus();
  }, [problem]);
  const left = useRetryAfter(problem);
  const needsLevel = problem.kind === "livello-insufficiente";
  const title = needsLevel ? it.state.levelTitle : problem.title;
  // Nothing is broken, and the person can go on.
  const isWarning = needsLevel || problem.status === 409 || problem.status === 429;
  const told = (
    <Callout tone={isWarning ? "warning" : "danger"} title={title}>
      <p>
        {detail}
        {isAnswer && problem.status === 0 && ` ${it.state.stays}`}
      </p>
      {left > 0 && <p>{it.state.retryIn(inWords(left * 1000))}</p>}
      {needsLevel && (
        <p>
          <a href={signInLink()}>{it.state.enter}</a>
        </p>
      )}
      {wayOn && problem.status === 404 && (
        <p>
          <a href={wayOn.href}>{wayOn.label}</a>
        </p>
      )}
      {onRetry && left === 0 && !needsLevel && problem.status !== 404 && (
        <button type="button" class="btn btn-outline-primary" onClick={onRetry}>
          <Icon name="refresh" />
          {it.state.retry}
        </button>
      )}
      {problem.requestId && <RequestCode id={problem.requestId} />}
    </Callout>
  );
  if (!isAnswer) return told;
  return (
    <div ref={box} tabIndex={-1} class="answer" role="group" aria-label={title}>
      {told}
    </div>
  );
}

function useRetryAfter(problem: Problem): number {
  const [left, setLeft] = useState(Math.ceil((problem.retryAfterMs ?? 0) / 1000));
  useEffect(() => {
    setLeft(Math.ceil((problem.retryAfterMs ?? 0) / 1000));
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1000);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}

/** The code that the help desk asks for. */
export function RequestCode({ id }: { id: string }) {
  return (
    <p class="request-code">
      {it.state.requestCode} <code translate={false}>{id}</code>
    </p>
  );
}
