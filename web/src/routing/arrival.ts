// What the next page does when it appears: take the focus and go to the right height. Not on the first page of a visit,
// where the browser does it.

interface Arrival {
  hash: string;
  scroll: number;
}

let next: Arrival | null = null;

/** Told when the address changed within the site. */
export function expectArrival(hash: string, scroll: number): void {
  next = { hash, scroll };
}

/** Taken once, by the page that appears. */
export function takeArrival(): Arrival | null {
  const taken = next;
  next = null;
  return taken;
}
