// Wakes the sending: by a worker's timer, and at once when the page is shown again or the computer woke up.

/** One alarm; setting it anew replaces it. */
export interface Alarm {
  /** `null` turns it off. */
  set: (inMs: number | null) => void;
}

/** An alarm of the browser; `ring` may be called more often than asked for. */
export function startAlarm(ring: () => void): Alarm {
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ring();
  });
  for (const event of ["pageshow", "focus", "online"]) addEventListener(event, ring);
  // The browser's word that a frozen page goes on.
  document.addEventListener("resume", ring);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const byPage: Alarm = {
    set(inMs) {
      clearTimeout(timer);
      if (inMs !== null) timer = setTimeout(ring, inMs);
    },
  };
  try {
    const worker = new Worker(new URL("./alarm.worker.ts", import.meta.url), { type: "module", name: "alarm" });
    let isBroken = false;
    worker.addEventListener("message", ring);
    worker.addEventListener("error", () => {
      isBroken = true;
      ring();
    });
    return {
      set(inMs) {
        if (isBroken) byPage.set(inMs);
        else worker.postMessage(inMs);
      },
    };
  } catch {
    return byPage;
  }
}

let lock: WakeLockSentinel | null = null;
let isWanted = false;

async function takeLock(): Promise<void> {
  if (!isWanted || lock || !("wakeLock" in navigator) || document.visibilityState !== "visible") return;
  try {
    const taken = await navigator.wakeLock.request("screen");
    taken.addEventListener("release", () => {
      lock = null;
    });
    if (isWanted) lock = taken;
    else await taken.release();
  } catch {
    // Low battery or no right to it: the person was told to keep the page open.
  }
}

/** Keeps the screen on while something waits for the opening or for an answer. */
export function keepAwake(wanted: boolean): void {
  if (wanted === isWanted) {
    // The browser takes the lock away from a hidden page.
    void takeLock();
    return;
  }
  isWanted = wanted;
  if (wanted) void takeLock();
  else void lock?.release();
}
