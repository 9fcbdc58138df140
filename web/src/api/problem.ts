// What the API says when it refuses: a problem document, kept whole, and our own two kinds for when no document came.

import type { FieldProblem, ProblemDocument } from "./generated";
import { it } from "../texts/it";

/** The kind of an answer that is no document: of something before the portal, or of its own mistake. */
export const UNREADABLE = "risposta-illeggibile";

/** A refusal, or a failure on the way. `detail` is always fit to be shown. */
export class Problem extends Error {
  override readonly name = "Problem";

  private constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The stable end of `type`: `finestra-non-aperta`; ours are `rete` and `risposta-illeggibile`. */
    readonly kind: string,
    readonly title: string,
    /** What happened and what to do, in Italian, as the API wrote it. */
    readonly detail: string,
    readonly errors: readonly FieldProblem[],
    /** To be quoted to the help desk. */
    readonly requestId: string | null,
    /** When trying again makes sense, in milliseconds from the answer. */
    readonly retryAfterMs: number | null,
    /** Every other member of the document: `opens_at`, `conflicts`, `arrival_ticket` … */
    readonly extra: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
  }

  /** Reads an answer that is no success. */
  static of(status: number, data: unknown, headers: Headers): Problem {
    if (!isDocument(data)) {
      return new Problem(
        status, UNREADABLE, it.state.errorTitle, it.state.unreadable, [],
        headers.get("x-request-id"), retryAfter({}, headers), {},
      );
    }
    const { type, title, status: _status, detail, request_id, errors, ...extra } = data;
    return new Problem(
      status, type.split("/").at(-1) ?? type, title, detail, errors ?? [], request_id, retryAfter(extra, headers), extra,
    );
  }

  /** No answer came: offline, or the line was cut. */
  static network(): Problem {
    return new Problem(0, "rete", it.state.errorTitle, it.state.network, [], null, null, {});
  }

  /** A member of the document that is a text. */
  text(member: string): string | null {
    const value = this.extra[member];
    return typeof value === "string" ? value : null;
  }

  /** A member of the document that is a number. */
  number(member: string): number | null {
    const value = this.extra[member];
    return typeof value === "number" ? value : null;
  }

  /** What is wrong with one field. */
  messageFor(field: string): string | null {
    return this.errors.find((error) => error.field === field)?.message ?? null;
  }

  /** Whether nobody refused: it may work on the next try. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Whether a change may have been done all the same, whole or in part: no answer came, or the portal failed. */
  get isOutcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

type Document = ProblemDocument & Record<string, unknown>;

function isDocument(data: unknown): data is Document {
  if (typeof data !== "object" || data === null) return false;
  const { type, title, detail } = data as Partial<Document>;
  return typeof type === "string" && typeof title === "string" && typeof detail === "string";
}

function retryAfter(extra: Record<string, unknown>, headers: Headers): number | null {
  if (typeof extra["retry_after_ms"] === "number") return extra["retry_after_ms"];
  if (typeof extra["retry_after_s"] === "number") return extra["retry_after_s"] * 1000;
  const header = Number(headers.get("retry-after") ?? NaN);
  return Number.isFinite(header) ? header * 1000 : null;
}
