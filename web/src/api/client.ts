// Calls the API: `await call((options) => api.readApplication(id, options))` gives the answer or throws a Problem.

import { defaults } from "./generated";
import { Problem } from "./problem";
import { portalFetch } from "./transport";

export * as api from "./generated";
export { Problem } from "./problem";

defaults.fetch = portalFetch;
defaults.baseUrl = "/";

/** What pages hand to a generated function. */
export interface CallOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

interface Answer {
  status: number;
  data?: unknown;
  headers: Headers;
}

/** The members of an answer's union that are no refusal. */
export type Success<A> = Extract<A, { status: 200 | 201 | 202 | 204 }>;

function isSuccess<A extends Answer>(answer: A): answer is A & Success<A> {
  return answer.status >= 200 && answer.status < 300;
}

/**
 * Runs one operation of the generated client.
 *
 * The answer keeps its status, so that 201 and 202 can be told apart. Whatever is no success is thrown as a `Problem`;
 * an abort is thrown as the browser's own `AbortError`. A 401 was already answered by one refresh and one repetition.
 */
export async function call<A extends Answer>(
  operation: (options: CallOptions) => Promise<A>,
  options: CallOptions = {},
): Promise<A & Success<A>> {
  let answer: A;
  try {
    answer = await operation(options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw Problem.network();
  }
  if (isSuccess(answer)) return answer;
  throw Problem.of(answer.status, answer.data, answer.headers);
}
