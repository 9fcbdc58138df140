// How far this computer's clock is from the server's, from answers whose `Date` only says whole seconds. Pure.

/** One HEAD: when it left and came back by the local clock, and what the server's headers say, all in milliseconds. */
export interface Sample {
  sentAt: number;
  receivedAt: number;
  /** `Date` plus `Age`: the server's time, cut to a second (to two when a cache counted the age). */
  serverTime: number;
  /** How much may have been cut off: 1000, 2000 with an age, 1 where the server says milliseconds. */
  cut: number;
}

/** What to add to the local clock to get the server's, and by how much it may be wrong. */
export interface Estimate {
  offset: number;
  precision: number;
}

interface Bounds {
  low: number;
  high: number;
}

// The server wrote its time at some instant between sending and receiving; what it cut off only makes it earlier.
function boundsOf({ sentAt, receivedAt, serverTime, cut }: Sample): Bounds {
  return { low: serverTime - receivedAt, high: serverTime + cut - sentAt };
}

function bounds(samples: readonly Sample[]): Bounds | null {
  let all: Bounds | null = null;
  for (const sample of samples) {
    const one = boundsOf(sample);
    if (!all) {
      all = one;
      continue;
    }
    const both: Bounds = { low: Math.max(all.low, one.low), high: Math.min(all.high, one.high) };
    // Two answers that contradict each other: a clock jumped in between. The later one counts.
    all = both.low <= both.high ? both : one;
  }
  return all;
}

/** The middle of what all samples allow; null before the first. */
export function estimate(samples: readonly Sample[]): Estimate | null {
  const all = bounds(samples);
  return all && { offset: (all.low + all.high) / 2, precision: (all.high - all.low) / 2 };
}

/**
 * When the next HEAD should leave, by the local clock, at `now` or later: so that the server's second is expected to change
 * while it is under way, at the middle of what is still possible. Each such answer halves the doubt.
 */
export function nextSending(samples: readonly Sample[], now: number): number {
  const all = bounds(samples);
  const last = samples.at(-1);
  if (!all || !last) return now;
  const oneWay = (last.receivedAt - last.sentAt) / 2;
  const middle = (all.low + all.high) / 2;
  const arrival = now + oneWay + middle;
  const wait = (1000 - (((arrival % 1000) + 1000) % 1000)) % 1000;
  return now + wait;
}

/** Whether another HEAD can still make it better than the way to the server allows. */
export function isGoodEnough(samples: readonly Sample[]): boolean {
  const found = estimate(samples);
  const quickest = Math.min(...samples.map((sample) => sample.receivedAt - sample.sentAt));
  return found !== null && found.precision <= Math.max(quickest, 20);
}
