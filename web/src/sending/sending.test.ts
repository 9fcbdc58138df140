import { describe, expect, it } from "vitest";
import { FakePortal, OPENING, Tab, Time, type Mishap } from "./fake-portal";
import { answered, isArmed, keptArrival, nothingSent, press, progress, recover, type Reply } from "./machine";
import { fromText, toText } from "./record";

const ids = (n: number) => Array.from({ length: n }, (_, k) => `app_${String(k).padStart(4, "0")}`);

function clickDay(secondsBefore: number) {
  const time = new Time(OPENING - secondsBefore * 1000);
  const portal = new FakePortal(time);
  const tab = new Tab(time, portal);
  return { time, portal, tab };
}

/** Presses after the opening, with these mishaps to come. */
function afterOpening(...mishaps: (Mishap | null)[]) {
  const day = clickDay(-10);
  day.portal.mishaps = mishaps;
  return day;
}

describe("a press before the opening", () => {
  it("at T−20 s leaves at the opening, a hundred to a request, and gives one receipt for each", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(250), OPENING);
    await time.pass(19_999);
    expect(portal.asked).toHaveLength(0);
    await time.pass(5000);
    expect(portal.asked.map(({ at, request }) => [at - OPENING, request.ids.length])).toEqual([[20, 100], [20, 100], [20, 50]]);
    expect(portal.stored.size).toBe(250);
    expect(progress(tab.state!)).toEqual({ pressed: 250, sent: 250, refused: 0, underWay: 0 });
  });
  it("does nothing earlier than one minute before", async () => {
    const { time, portal, tab } = clickDay(61);
    tab.sender.press(ids(1), OPENING);
    await time.pass(120_000);
    expect(portal.asked).toHaveLength(0);
  });
  it("can be taken back until it leaves", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(3), OPENING);
    await time.pass(19_000);
    tab.sender.cancel();
    await time.pass(60_000);
    expect(portal.asked).toHaveLength(0);
    expect(tab.state?.held).toBeNull();
  });
  it("pressed twice is held once", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(2), OPENING);
    tab.sender.press(ids(3), OPENING);
    await time.pass(30_000);
    expect(portal.asked.map(({ request }) => request.ids)).toEqual([ids(3)]);
  });
  it("that leaves 300 ms early by a bad clock comes back when the API says", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.error = 320;
    tab.sender.press(ids(1), OPENING);
    await time.pass(30_000);
    expect(portal.asked.map(({ at }) => at - OPENING)).toEqual([-300, 40]);
    expect(tab.stepOf("app_0000")).toBe("sent");
  });
  it("sent far too early by a clock that is an hour ahead holds nothing, and puts the clock right", async () => {
    const { time, portal, tab } = clickDay(3600);
    tab.error = 3_600_000;
    tab.sender.press(ids(2), null);
    await time.pass(1000);
    expect(portal.asked).toHaveLength(1);
    expect(tab.stepOf("app_0000")).toBe("fresh");
    expect(tab.state?.notice?.opensAt).toBe(new Date(OPENING).toISOString());
    expect(Math.abs(tab.error)).toBeLessThanOrEqual(20);
    await time.pass(3_540_000);
    tab.sender.press(ids(2), OPENING);
    expect(tab.state?.notice).toBeNull();
    await time.pass(120_000);
    expect(portal.asked).toHaveLength(2);
    expect(portal.stored.size).toBe(2);
  });
  it("leaves by the server's clock on a computer whose own is an hour behind", async () => {
    const time = new Time(OPENING - 20_000);
    const portal = new FakePortal(time);
    const tab = new Tab(time, portal, new Map(), null, -3_600_000);
    tab.sender.press(ids(1), OPENING);
    await time.pass(21_000);
    expect(portal.asked.map(({ at }) => at - OPENING)).toEqual([20]);
  });
});

describe("a page that sleeps", () => {
  it("through the opening sends at once when it wakes", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(120), OPENING);
    tab.isFrozen = true;
    await time.pass(110_000);
    expect(portal.asked).toHaveLength(0);
    tab.wakeUp();
    await time.pass(50);
    expect(portal.asked.map(({ at, request }) => [at - OPENING, request.ids.length])).toEqual([[90_020, 100], [90_020, 20]]);
    expect(portal.stored.size).toBe(120);
  });
  it("and wakes before the opening still waits for it", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(1), OPENING);
    tab.isFrozen = true;
    await time.pass(5000);
    tab.wakeUp();
    await time.pass(14_000);
    expect(portal.asked).toHaveLength(0);
    await time.pass(1100);
    expect(portal.asked).toHaveLength(1);
  });
});

describe("an arrival that the portal could not store", () => {
  it("is kept through two 503", async () => {
    const { time, portal, tab } = afterOpening("503-ticket", "503-ticket");
    const arrival = new Date(time.now + portal.way).toISOString();
    tab.sender.press(ids(1), null);
    await time.pass(100);
    expect(keptArrival(tab.state!)).toBe(arrival);
    expect(tab.tickets.size).toBe(1);
    await time.pass(3000);
    expect(portal.asked).toHaveLength(2);
    expect(keptArrival(tab.state!)).toBe(arrival);
    await time.pass(15_000);
    expect(portal.asked).toHaveLength(3);
    expect(JSON.parse(tab.receiptOf("app_0000")!).receipt.arrival).toBe(arrival);
    expect(tab.tickets.size).toBe(0);
  });
  it("inside a batch's 200 sends only those again, with their tickets", async () => {
    const { time, portal, tab } = afterOpening("some-tickets");
    tab.sender.press(ids(4), null);
    await time.pass(100);
    expect(progress(tab.state!)).toMatchObject({ sent: 2, underWay: 2 });
    await time.pass(6000);
    expect(portal.asked[1]?.request.ids).toEqual(["app_0001", "app_0003"]);
    expect(Object.keys(portal.asked[1]?.request.tickets ?? {})).toEqual(["app_0001", "app_0003"]);
    expect(progress(tab.state!)).toMatchObject({ sent: 4, underWay: 0 });
  });
  it("comes back within five seconds, at an instant of its own", async () => {
    for (const dice of [0, 0.31, 0.999]) {
      const time = new Time(OPENING);
      const portal = new FakePortal(time);
      portal.mishaps = ["503-ticket"];
      const tab = new Tab(time, portal, new Map(), null, 0, () => dice);
      tab.sender.press(ids(1), null);
      await time.pass(10_000);
      const pause = (portal.asked[1]?.at ?? 0) - (portal.asked[0]?.at ?? 0) - 2 * portal.way;
      expect(pause).toBeCloseTo(250 + dice * 4750, 0);
      expect(pause).toBeLessThanOrEqual(5000);
    }
  });
  it("is let go when its ticket is refused, and the rest is sent again with theirs", async () => {
    const { time, portal, tab } = afterOpening("503-ticket");
    tab.sender.press(ids(3), null);
    await time.pass(100);
    portal.badTickets.add(tab.tickets.get("app_0001")!.token);
    await time.pass(10_000);
    expect(portal.asked).toHaveLength(3);
    expect(Object.keys(portal.asked[2]?.request.tickets ?? {})).toEqual(["app_0000", "app_0002"]);
    expect(progress(tab.state!)).toMatchObject({ sent: 3 });
  });
  it("is kept until its ticket's end and no longer", async () => {
    const { time, portal, tab } = afterOpening(...Array<Mishap>(4).fill("503-ticket"), ...Array<Mishap>(60).fill("503"));
    portal.ticketLasts = 12_000;
    tab.sender.press(ids(1), null);
    await time.pass(11_000);
    expect(tab.tickets.size).toBe(1);
    await time.pass(20_000);
    expect(tab.tickets.size).toBe(0);
    expect(portal.asked.at(-1)?.request.tickets).toEqual({});
    await time.pass(300_000);
    expect(tab.stepOf("app_0000")).toBe("sent");
  });
  it("survives where the API does not say how long: until it is refused", async () => {
    const { time, portal, tab } = afterOpening("503-ticket");
    portal.ticketLasts = null;
    tab.sender.press(ids(1), null);
    await time.pass(20_000);
    expect(tab.stepOf("app_0000")).toBe("sent");
  });
  it("of an application that was not ready yet then is given up, and it is sent once more without", async () => {
    const { time, portal, tab } = afterOpening("503-ticket");
    portal.notReady.add("app_0000");
    tab.sender.press(ids(1), null);
    await time.pass(10_000);
    expect(portal.asked).toHaveLength(3);
    expect(portal.asked[2]?.request.tickets).toEqual({});
    expect(tab.stepOf("app_0000")).toBe("refused");
  });
});

describe("a request without arrival", () => {
  it("is repeated after 200 ms, doubling to 3 s", async () => {
    const { time, portal, tab } = afterOpening("lost", "429", "503", "lost", "lost", "lost", "lost");
    tab.sender.press(ids(1), null);
    await time.pass(30_000);
    const at = portal.asked.map((one) => one.at);
    const pauses = at.slice(1).map((one, n) => one - (at[n] ?? 0) - 2 * portal.way);
    expect(pauses).toEqual([200, 400, 800, 1600, 3000, 3000, 3000]);
    expect(tab.stepOf("app_0000")).toBe("sent");
  });
  it("is repeated after pauses of its own, between half and one and a half as long", async () => {
    for (const dice of [0, 0.31, 0.999]) {
      const time = new Time(OPENING + 10_000);
      const portal = new FakePortal(time);
      portal.mishaps = ["lost", "429", "503", "lost", "lost", "lost"];
      const tab = new Tab(time, portal, new Map(), null, 0, () => dice);
      tab.sender.press(ids(120), null);
      await time.pass(60_000);
      const first = portal.asked.filter(({ request }) => request.ids[0] === "app_0000").map(({ at }) => at);
      const pauses = first.slice(1).map((at, n) => at - (first[n] ?? 0) - 2 * portal.way);
      expect(pauses).toHaveLength(3);
      for (const [n, pause] of [200, 400, 800].entries()) expect(pauses[n]).toBeCloseTo(pause * (0.5 + dice), 3);
      expect(progress(tab.state!)).toMatchObject({ sent: 120 });
    }
  });
  it("of two pages that were refused in the same moment do not come again together", async () => {
    const time = new Time(OPENING + 10_000);
    const portal = new FakePortal(time);
    portal.mishaps = ["429", "429"];
    for (const dice of [0.2, 0.7]) new Tab(time, portal, new Map(), null, 0, () => dice).sender.press(ids(1), null);
    await time.pass(1000);
    const [first = 0, second = 0] = portal.asked.slice(2).map(({ at }) => at);
    expect(second - first).toBeCloseTo(100, 3);
  });
  it("that was cut after the commit gives the same receipts", async () => {
    const { time, portal, tab } = afterOpening("cut-after-commit", "cut-after-commit");
    tab.sender.press(ids(120), null);
    await time.pass(50);
    const receipts = new Map(portal.stored);
    await time.pass(10_000);
    expect(progress(tab.state!)).toMatchObject({ sent: 120, underWay: 0 });
    for (const [id, receipt] of receipts) expect(tab.receiptOf(id)).toBe(receipt);
  });
  it("by the portal's own mistake is told after eight tries", async () => {
    const { time, portal, tab } = afterOpening(...Array<Mishap>(20).fill("500"));
    tab.sender.press(ids(1), null);
    await time.pass(120_000);
    expect(portal.asked).toHaveLength(8);
    expect(tab.state?.rows.get("app_0000")).toMatchObject({ step: "refused", why: { detail: "detail of errore-interno" } });
  });
});

describe("answers", () => {
  it("in another order find their rows", async () => {
    const { time, portal, tab } = afterOpening();
    portal.isReversed = true;
    tab.sender.press(ids(5), null);
    await time.pass(100);
    for (const id of ids(5)) expect(tab.receiptOf(id)).toBe(portal.stored.get(id));
  });
  it("that lack a row leave it under way", async () => {
    const { time, portal, tab } = afterOpening();
    const post = portal.post.bind(portal);
    let isFirst = true;
    portal.post = async (request) => {
      const reply = await post(request);
      if (!isFirst || reply.kind !== "outcomes") return reply;
      isFirst = false;
      return { ...reply, outcomes: reply.outcomes.slice(1) };
    };
    tab.sender.press(ids(3), null);
    await time.pass(5000);
    expect(portal.asked[1]?.request.ids).toEqual(["app_0000"]);
    expect(progress(tab.state!)).toMatchObject({ sent: 3 });
  });
  it("that say twice or late the contrary change no receipt", async () => {
    const { time, portal, tab } = afterOpening();
    tab.sender.press(ids(1), null);
    await time.pass(100);
    const receipt = tab.receiptOf("app_0000");
    tab.sender.press(ids(1), null);
    await time.pass(100);
    expect(portal.asked).toHaveLength(1);
    expect(tab.receiptOf("app_0000")).toBe(receipt);
  });
  it("leaves out what is armed: it is neither sent by hand nor refused", async () => {
    const { time, portal, tab } = afterOpening();
    portal.armed.add("app_0001");
    tab.sender.press(ids(3), null);
    await time.pass(1000);
    expect(progress(tab.state!)).toEqual({ pressed: 2, sent: 2, refused: 0, underWay: 0 });
    expect([...tab.state!.rows].filter(([, row]) => isArmed(row)).map(([id]) => id)).toEqual(["app_0001"]);
  });
  it("with a refusal say why, and a later press tries again", async () => {
    const { time, portal, tab } = afterOpening();
    portal.notReady.add("app_0001");
    tab.sender.press(ids(3), null);
    await time.pass(100);
    expect(progress(tab.state!)).toEqual({ pressed: 3, sent: 2, refused: 1, underWay: 0 });
    expect(tab.state?.rows.get("app_0001")).toMatchObject({ why: { detail: "detail of stato-non-compatibile" } });
    portal.notReady.clear();
    tab.sender.press(ids(3), null);
    await time.pass(100);
    expect(portal.asked[1]?.request.ids).toEqual(["app_0001"]);
    expect(progress(tab.state!)).toMatchObject({ sent: 3, refused: 0 });
  });
  it("that the window is closed for good end it", async () => {
    const { time, portal, tab } = afterOpening();
    portal.closesAt = OPENING + 1;
    tab.sender.press(ids(2), null);
    await time.pass(60_000);
    expect(portal.asked).toHaveLength(1);
    expect(progress(tab.state!)).toMatchObject({ refused: 2 });
  });
  it("that the session is over wait for the next sign-in", async () => {
    const { time, portal, tab } = afterOpening("401");
    tab.sender.press(ids(2), null);
    await time.pass(60_000);
    expect(portal.asked).toHaveLength(1);
    expect(tab.stepOf("app_0000")).toBe("paused");
    tab.sender.resume();
    await time.pass(100);
    expect(progress(tab.state!)).toMatchObject({ sent: 2 });
  });
});

describe("«Esci»", () => {
  it("stops all of it: a held press does not leave, and an answer that still comes leaves no ticket", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(1), OPENING);
    tab.sender.stop();
    await time.pass(60_000);
    expect(portal.asked).toHaveLength(0);
    const later = afterOpening("503-ticket");
    later.tab.sender.press(ids(1), null);
    await later.time.pass(30);
    later.tab.sender.stop();
    await later.time.pass(60_000);
    expect(later.portal.asked).toHaveLength(1);
    expect(later.tab.tickets.size).toBe(0);
  });
});

describe("answers to a request that nobody waits for any more", () => {
  const now = { local: 0, decree: OPENING + 1000 };
  const why = { kind: "", title: "", detail: "no", opensAt: null, requestId: null };
  const outcome = { id: "a", receipt: "R", isUnavailable: false, isBroken: false, isNotReady: false, ticket: null, ticketUntil: null, why };
  const received: Reply = { kind: "outcomes", arrival: null, outcomes: [outcome] };
  const pressed = press(nothingSent, ["a"], null, now).state;
  // As after a reload: the first request is forgotten, a second one has left.
  const twice = recover(pressed, new Map(), now).state;

  it("still bring their receipts, and the later answer changes nothing", () => {
    const first = answered(twice, 1, received, now, 0.5).state;
    expect(first.rows.get("a")).toEqual({ step: "sent", receipt: "R" });
    for (const later of [{ kind: "no-arrival" }, { kind: "refused", why }, { kind: "session-over" }] satisfies Reply[]) {
      const second = answered(first, 2, later, now, 0.5);
      expect(second.state.rows.get("a")).toEqual({ step: "sent", receipt: "R" });
      expect(second.requests).toEqual([]);
    }
  });
  it("bring no refusal", () => {
    expect(answered(twice, 1, { kind: "refused", why }, now, 0.5).state.rows.get("a")).toMatchObject({ step: "travelling", request: 2 });
  });
  it("twice are the same as once", () => {
    const once = answered(twice, 2, received, now, 0.5).state;
    expect(answered(once, 2, received, now, 0.5).state).toEqual(once);
  });
  it("leave a kept ticket of what was received alone", () => {
    const sent = answered(twice, 2, received, now, 0.5).state;
    const again = recover(sent, new Map([["a", { token: "t", arrival: null, until: null }]]), now);
    expect(again.requests).toEqual([]);
    expect(again.state.tickets.size).toBe(0);
  });
});

describe("two tabs and reloads", () => {
  it("give the same receipts in both tabs", async () => {
    const { time, portal, tab } = clickDay(20);
    const other = new Tab(time, portal);
    tab.sender.press(ids(150), OPENING);
    other.sender.press(ids(150), OPENING);
    await time.pass(25_000);
    expect(portal.stored.size).toBe(150);
    for (const id of ids(150)) {
      expect(tab.receiptOf(id)).toBe(portal.stored.get(id));
      expect(other.receiptOf(id)).toBe(portal.stored.get(id));
    }
  });
  it("a new tab redeems the arrival of one that was closed", async () => {
    const { time, portal, tab } = afterOpening("503-ticket");
    tab.sender.press(ids(1), null);
    await time.pass(100);
    const arrival = keptArrival(tab.state!);
    tab.sender.stop();
    const next = new Tab(time, portal, tab.tickets);
    await next.sender.recover();
    await time.pass(100);
    expect(JSON.parse(next.receiptOf("app_0000")!).receipt.arrival).toBe(arrival);
    expect(tab.tickets.size).toBe(0);
  });
  it("a reload goes on holding a press", async () => {
    const { time, portal, tab } = clickDay(20);
    tab.sender.press(ids(2), OPENING);
    const kept = fromText(toText("acc", 0, tab.kept!, []), "acc", 1000);
    tab.sender.stop();
    const again = new Tab(time, portal, new Map(), kept!.state);
    await again.sender.recover();
    await time.pass(21_000);
    expect(portal.asked.map(({ at }) => at - OPENING)).toEqual([20]);
    expect(progress(again.state!)).toMatchObject({ sent: 2 });
  });
  it("a reload shows what was received without asking, and goes on with the rest", async () => {
    const { time, portal, tab } = afterOpening(null, "hang");
    tab.sender.press(ids(150), null);
    await time.pass(100);
    expect(progress(tab.state!)).toMatchObject({ sent: 100, underWay: 50 });
    const kept = fromText(toText("acc", 0, tab.kept!, []), "acc", 1000);
    tab.sender.stop();
    const again = new Tab(time, portal, new Map(), kept!.state);
    await again.sender.recover();
    await time.pass(100);
    expect(portal.asked.map(({ request }) => request.ids.length)).toEqual([100, 50]);
    expect(progress(again.state!)).toMatchObject({ sent: 150, underWay: 0 });
  });
  it("what was kept for another account or yesterday is not taken", () => {
    const { tab } = clickDay(20);
    tab.sender.press(ids(1), OPENING);
    const text = toText("acc", 1_000_000, tab.kept!, [{ id: "app_0000", worker: "ROSSI Maria", employer: null }]);
    expect(fromText(text, "acc", 1_000_500)?.listed).toHaveLength(1);
    expect(fromText(text, "other", 1_000_500)).toBeNull();
    expect(fromText(text, "acc", 1_000_000 + 13 * 3_600_000)).toBeNull();
    expect(fromText("{", "acc", 0)).toBeNull();
    expect(fromText(null, "acc", 0)).toBeNull();
  });
});
