// Solves the human check's challenge (ALTCHA's scheme, version 1): the number whose SHA-256 after the salt is the challenge.

import type { Challenge } from "../../api/generated";
import { sha256 } from "./sha256";

/** So many numbers are tried before the page answers keys and presses again: a hundredth of a second on a telephone. */
const AT_ONCE = 1000;

/** A challenge of another kind, or one without a solution: the code by mail is left. */
export class Unsolvable extends Error {}

/** What is to be sent; `tell` hears how much of the numbers is tried, in percent. */
export async function solve({ algorithm, challenge, maxnumber, salt, signature }: Challenge, tell: (percent: number) => void = () => {}): Promise<string> {
  if (algorithm !== "SHA-256") throw new Unsolvable();
  const wanted = (challenge.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16) | 0);
  const encoder = new TextEncoder();
  const isRight = (number: number) => sha256(encoder.encode(salt + number)).every((word, n) => word === wanted[n]);
  for (let from = 0; from <= maxnumber; from += AT_ONCE) {
    const until = Math.min(from + AT_ONCE, maxnumber + 1);
    for (let number = from; number < until; number += 1) {
      if (isRight(number)) return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    }
    tell(Math.floor((100 * until) / (maxnumber + 1)));
    await breath();
  }
  throw new Unsolvable();
}

const breath = () => new Promise<void>((done) => setTimeout(done));
