// `/invio/:campaign/:model`: the page from which a model's applications are sent on their click day.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { refreshSession } from "../../api/refresh";
import { canBeArmed } from "../../armed/standing";
import { serverClock, serverNow, setServerClock } from "../../clock/clock";
import { announce } from "../../components/live";
import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { Empty, ErrorState, Loading } from "../../components/states";
import { day, long, toTheMinute } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { useCampaign, type Campaign, type Model } from "../../facts/facts";
import { pageState } from "../../routing/location";
import { to, type PageProps } from "../../routing/pages";
import { pauseRefreshes } from "../../session/keeper";
import { session, signInLink } from "../../session/session";
import { afterPaint } from "../../sending/after-paint";
import type { Listed } from "../../sending/list";
import { progress } from "../../sending/machine";
import { listAgain, quietAround } from "../../sending/moments";
import { due, plansFor, type Plan } from "../../sending/plans";
import { sendingOf, type Started } from "../../sending/start";
import { it } from "../../texts/it";
import { sending as texts } from "../../texts/it/sending";
import { FactFailed } from "../public/fact-failed";
import { ArmedNote } from "./armed-note";
import { ClockBox } from "./clock-box";
import { isSame, phaseOf, type Phase } from "./phase";
import { Progress } from "./progress";
import { Rows } from "./rows";
import { SendBox } from "./send-box";
import { useList } from "./use-list";

/** What the list of applications hands over (`navigate(…, { state })`): the rows that were chosen there. */
export interface ChosenBefore {
  applications: readonly string[];
}

/** Looks at the clock each second; tells only what changes the page. */
function usePhase(model: Model, decreeNow: () => number, isKnown: boolean): Phase {
  const [phase, setPhase] = useState(() => phaseOf(model, decreeNow()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = () => {
      const now = decreeNow();
      setPhase((before) => {
        const next = phaseOf(model, now);
        return isSame(before, next) ? before : next;
      });
      timer = setTimeout(look, 1000 - (((now % 1000) + 1000) % 1000) + 5);
    };
    look();
    return () => clearTimeout(timer);
  }, [model, decreeNow, isKnown]);
  return phase;
}

/** Does what is planned before an opening. */
function usePlans(opensAt: number | null, decreeNow: () => number, isKnown: boolean, readAgain: (ifBefore: number) => void): void {
  useEffect(() => {
    // By this computer's own clock the time for it may seem over.
    if (opensAt === null || !isKnown) return undefined;
    let plans: Plan[] = plansFor(opensAt, decreeNow(), Math.random);
    const timer = setInterval(() => {
      const now = decreeNow();
      const { deeds, left } = due(plans, now);
      plans = left;
      const began = listAgain(opensAt).from;
      if (deeds.includes("compare-clock")) void setServerClock();
      // One tab renews for all: not again if one did since the time for it began.
      if (deeds.includes("renew-session")) void refreshSession(Date.now() - (now - began));
      if (deeds.includes("read-list")) readAgain(began);
    }, 1000);
    return () => clearInterval(timer);
  }, [opensAt, decreeNow, isKnown, readAgain]);
}

/** After the quiet around an opening not all renew at once. */
const RENEWED_WITHIN = 3 * 60_000;

/** Lets the session be around an opening. It begins when it is there: a pause announced earlier would be met by a renewal. */
function useQuiet(model: Model, decreeNow: () => number): void {
  useEffect(() => {
    let end: (() => void) | null = null;
    const look = () => {
      const now = decreeNow();
      const quiet = end || serverClock.value === null ? null : quietAround(model, now);
      if (!quiet) return;
      const from = Date.now();
      end = pauseRefreshes({ from, until: from + (quiet.until - now) + Math.random() * RENEWED_WITHIN });
    };
    look();
    const timer = setInterval(look, 1000);
    return () => {
      clearInterval(timer);
      end?.();
    };
  }, [model, decreeNow]);
}

/** Compares the clock when the page opens, and until an answer comes. */
function useServerClock(): void {
  useEffect(() => {
    void setServerClock();
    const timer = setInterval(() => {
      if (serverClock.value === null) void setServerClock();
    }, 10_000);
    return () => clearInterval(timer);
  }, []);
}

function chosenBefore(): ReadonlySet<string> | null {
  const given = (pageState() as Partial<ChosenBefore> | null)?.applications;
  return Array.isArray(given) ? new Set(given) : null;
}

/** What was pressed stands first: before a reload it had names, from a closed tab only its identifier came. */
function merged(listed: readonly Listed[], before: readonly Listed[], pressed: Iterable<string>): Listed[] {
  const all = new Map<string, Listed>();
  for (const id of pressed) all.set(id, { id, worker: null, employer: null });
  for (const row of [...before, ...listed]) all.set(row.id, row);
  return [...all.values()];
}

interface OfModel {
  campaign: Campaign;
  model: Model;
  started: Started;
}

function SendingOf({ campaign, model, started }: OfModel) {
  const decreeNow = useMemo(() => () => serverNow() + campaign.clock_offset_ms, [campaign]);
  const isKnown = serverClock.value !== null;
  const phase = usePhase(model, decreeNow, isKnown);
  const state = started.state.value;
  const { list, read } = useList({ campaign: campaign.campaign, model: model.id, isWanted: phase.name !== "far" && phase.name !== "over", decreeNow });
  const opensAt = "opensAt" in phase ? phase.opensAt : null;
  useServerClock();
  usePlans(opensAt, decreeNow, isKnown, read);
  useQuiet(model, decreeNow);
  const rows = useMemo(() => merged(list.rows ?? [], started.listed, state.rows.keys()), [list.rows, started, state.rows]);
  const isFresh = state.rows.size === 0 && state.held === null;
  // `null` is all that were never pressed: what becomes ready before the opening is then chosen too.
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(() => (isFresh ? chosenBefore() : new Set()));
  const held = useMemo(() => new Set(state.held?.ids ?? []), [state.held]);
  const toSend = useMemo(
    () =>
      rows.map(({ id }) => id).filter((id) => {
        const row = state.rows.get(id);
        return !held.has(id) && (chosen === null ? row === undefined : chosen.has(id) && (row === undefined || row.step === "refused"));
      }),
    [rows, state.rows, held, chosen],
  );
  const open = useMemo(() => rows.filter(({ id }) => !["sent", "waiting", "travelling", "paused"].includes(state.rows.get(id)?.step ?? "")), [rows, state.rows]);
  const isToday = phase.name === "last-minute" || (phase.name === "before" && day(phase.opensAt) === day(decreeNow()));
  const mayChoose = phase.name === "before" || phase.name === "last-minute" || phase.name === "open";
  const signedIn = session.value;
  const canSend = signedIn.state !== "signed-in" || signedIn.view.level >= 2;
  const pressedHere = useRef(false);
  const chosenAtPress = useRef<ReadonlySet<string> | null>(null);
  // Told that it was too early, people press again, and nobody looks for two hundred boxes once more.
  useEffect(() => {
    if (state.notice !== null && pressedHere.current) afterPaint(() => setChosen(chosenAtPress.current));
  }, [state.notice]);
  const press = () => {
    pressedHere.current = true;
    started.name(rows);
    started.sender.press(toSend, opensAt);
    chosenAtPress.current = chosen;
    // With what the press has changed, not before it.
    afterPaint(() => setChosen(new Set()));
  };
  const cancel = () => {
    setChosen(held);
    started.sender.cancel();
    announce(texts.cancelled);
  };
  const readMore = async () => {
    const known = new Set(rows.map(({ id }) => id));
    const found = await read();
    if (!found) return;
    const more = found.filter(({ id }) => !known.has(id)).map(({ id }) => id);
    if (more.length > 0) setChosen(new Set(more));
    announce(more.length > 0 ? texts.progress.moreFound(more.length) : texts.progress.moreNone);
  };
  const isHeld = state.held !== null;
  useEffect(() => {
    // Who has pressed is not told to press.
    if (phase.name !== "last-minute" || isHeld) return undefined;
    // After the mark of one minute has been spoken.
    const timer = setTimeout(() => announce(texts.canPress), 2500);
    return () => clearTimeout(timer);
  }, [phase.name, isHeld]);
  return (
    <>
      <ClockBox phase={phase} offsetMs={campaign.clock_offset_ms} />
      {!canSend && (
        <Callout tone="warning" title={it.state.levelTitle}>
          <p>{texts.level}</p>
          <p>
            <a href={signInLink()}>{it.state.enter}</a>
          </p>
        </Callout>
      )}
      {phase.name === "far" && (
        <>
          <p>{texts.openings.far}</p>
          <p>
            <a href={to("/domande/pronte")}>{texts.openings.farMore}</a>
          </p>
        </>
      )}
      {canBeArmed(campaign) && <ArmedNote campaign={campaign.campaign} model={model.id} isBefore={opensAt !== null} />}
      {phase.name === "over" && <Over since={phase.since} />}
      {state.notice && (
        <Callout tone="warning" title={state.notice.title}>
          <p>{state.notice.detail}</p>
          {state.notice.opensAt && <p>{texts.openings.opens(long(state.notice.opensAt))}</p>}
        </Callout>
      )}
      {state.rows.size > 0 && <Progress state={state} takesFocus={pressedHere.current} onMore={mayChoose && progress(state).underWay === 0 ? readMore : null} />}
      {list.rows !== null && mayChoose && open.length > 0 && <p class="sending-total">{isToday ? texts.totalToday(open.length) : texts.total(open.length)}</p>}
      {mayChoose && list.rows !== null && open.length > 0 && (
        <SendBox phase={phase} chosen={toSend.length} of={open.length} held={state.held} onPress={press} onCancel={cancel} />
      )}
      {list.problem && <ErrorState problem={list.problem} onRetry={() => void read()} />}
      {list.isLoading && list.rows === null && mayChoose && <Loading lines={8} onRetry={() => void read()} />}
      {list.rows !== null && rows.length === 0 && (
        <Empty message={texts.rows.empty}>
          <p>
            <a href={to("/domande/pronte")}>{texts.rows.emptyMore}</a>
          </p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Rows rows={rows} state={state} chosen={toSend} onChoose={mayChoose && state.held === null ? setChosen : null} />
      )}
    </>
  );
}

/** Nothing more can be sent: where what was sent and the calendar are. */
function Over({ since }: { since: string | null }) {
  return (
    <>
      <p>{texts.openings.over(since ? toTheMinute(since, "end") : null)}</p>
      <p>
        <a href={to("/domande/inviate")}>{texts.openings.overSent}</a>
      </p>
      <p>
        <a href={to("/calendario")}>{texts.openings.overCalendar}</a>
      </p>
    </>
  );
}

/** The page. */
export default function SendingPage({ params }: PageProps) {
  const fact = useCampaign(params["campaign"] ?? "");
  const signedIn = session.value;
  const crumbs = [{ label: texts.list, href: to("/domande") }];
  const account = signedIn.state === "signed-in" ? signedIn.view.account : null;
  const campaign = fact.state === "ready" ? fact.data : null;
  const model = campaign?.models.find((one) => one.id === params["model"]);
  const started = useMemo(
    () =>
      campaign && model && account
        ? sendingOf({ campaign: campaign.campaign, model: model.id, account, offsetMs: campaign.clock_offset_ms })
        : null,
    [campaign, model, account],
  );
  if (fact.state === "loading") {
    return (
      <Page title={texts.title} crumbs={crumbs}>
        <Loading lines={8} />
      </Page>
    );
  }
  if (fact.state !== "ready") {
    return (
      <Page title={texts.title} crumbs={crumbs}>
        <FactFailed url={CALENDAR} />
      </Page>
    );
  }
  if (!campaign || !model || !started) {
    return (
      <Page title={texts.absentTitle} crumbs={crumbs}>
        <p>{texts.absent}</p>
        <p>
          <a href={to("/domande")}>{it.list.toApplications}</a>
        </p>
      </Page>
    );
  }
  return (
    <Page title={texts.title} crumbs={crumbs} lead={model.label} isWide>
      <SendingOf campaign={campaign} model={model} started={started} />
    </Page>
  );
}
