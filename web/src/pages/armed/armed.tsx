// `/invio/:campaign/:model/prenotato`: people arm what is ready, see what is armed, disarm until the opening, and find the
// receipts after it.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { api, call, Problem } from "../../api/client";
import { UNREADABLE } from "../../api/problem";
import type { ArmedOutcomeView } from "../../api/generated";
import { ask } from "../../armed/ask";
import { after, atOpening, told, type ArmedRow, type Wish } from "../../armed/rows";
import { armingStanding, canBeArmed, isSameStanding, type ArmingStanding } from "../../armed/standing";
import { serverClock, serverNow, setServerClock } from "../../clock/clock";
import { Countdown } from "../../components/countdown";
import { TextField } from "../../components/field";
import { Icon } from "../../components/icon";
import { announce } from "../../components/live";
import { Callout } from "../../components/messages";
import { Page } from "../../components/page";
import { Empty, ErrorState, Loading } from "../../components/states";
import { long, milliseconds, toTheMillisecond } from "../../dates/instant";
import { CALENDAR } from "../../facts/address";
import { readFact, useCampaign, type Campaign, type Model } from "../../facts/facts";
import { pageState, place } from "../../routing/location";
import { to, type PageProps } from "../../routing/pages";
import { fits } from "../../sending/list";
import { session, signInLink, warnAtSignOut } from "../../session/session";
import { it } from "../../texts/it";
import { texts } from "../../texts/it/armed";
import { FactFailed } from "../public/fact-failed";
import type { ChosenBefore } from "../sending/sending";
import { PickList } from "./pick-list";
import { useRows } from "./use-rows";

/** From so many rows on a list is worth searching. */
const LONG = 10;

/** What became of a press, until the next one. */
interface Answer {
  wish: Wish;
  done: number;
  refused: number;
  /** What the API says of the opening at which they arrive. */
  opensAt: string | null;
  /** What was not settled, and why. */
  left: readonly string[];
  problem: Problem | null;
}

/** Looks at the clock each second; tells only what changes the page. */
function useStanding(model: Model, decreeNow: () => number, isKnown: boolean): ArmingStanding {
  const [standing, setStanding] = useState(() => armingStanding(model, decreeNow()));
  useEffect(() => {
    const look = () =>
      setStanding((before) => {
        const next = armingStanding(model, decreeNow());
        return isSameStanding(before, next) ? before : next;
      });
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [model, decreeNow, isKnown]);
  return standing;
}

function useServerClock(): void {
  useEffect(() => {
    void setServerClock(1);
    const timer = setInterval(() => {
      if (serverClock.value === null) void setServerClock(1);
    }, 10_000);
    return () => clearInterval(timer);
  }, []);
}

/** From the list several, from the page or the row of an application this one. */
function chosenBefore(): ReadonlySet<string> | null {
  const one = new URLSearchParams(place.value.search).get("domanda");
  if (one) return new Set([one]);
  const given = (pageState() as Partial<ChosenBefore> | null)?.applications;
  return Array.isArray(given) ? new Set(given) : null;
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms * (1 + Math.random() / 4)));

function Opening({ standing, offsetMs }: { standing: ArmingStanding; offsetMs: number }) {
  return (
    <div class="band">
      {standing.state === "before" && (
        <>
          <p>{texts.opens(long(standing.opensAt))}</p>
          <Countdown until={standing.opensAt} label={texts.opensIn} isOpening offsetMs={offsetMs} />
        </>
      )}
      {standing.state === "opened" && <p>{texts.opened(toTheMillisecond(standing.openedAt))}</p>}
      {standing.state === "none" && <p>{texts.none}</p>}
    </div>
  );
}

/** Whether the API asked for a pause that is not over yet. */
function useWaits(problem: Problem | null): boolean {
  const [waits, setWaits] = useState(false);
  useEffect(() => {
    const ms = problem?.retryAfterMs ?? 0;
    setWaits(ms > 0);
    if (ms === 0) return undefined;
    const timer = setTimeout(() => setWaits(false), ms);
    return () => clearTimeout(timer);
  }, [problem]);
  return waits;
}

/** Arming and disarming may be repeated: where nobody knows what an answer meant, people are told so. */
const detailOf = ({ kind, detail }: Problem) => (kind === UNREADABLE ? texts.answer.unanswered : detail);

/** What became of a press; it takes the focus, since the button that was pressed may be gone. */
function AnswerBox({ answer, onRetry }: { answer: Answer; onRetry: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), [answer]);
  const { wish, done, refused, opensAt, left, problem } = answer;
  const title = texts.answer[wish](done);
  const isMixed = refused > 0 || left.length > 0;
  return (
    <div ref={box} tabIndex={-1} class="answer" role="group" aria-label={title}>
      {(done > 0 || refused > 0) && (
        <Callout tone={isMixed ? "warning" : "success"} title={title}>
          {done > 0 && wish === "arm" && opensAt && <p>{texts.answer.leaves(done, long(opensAt))}</p>}
          {done > 0 && wish === "disarm" && <p>{texts.answer.again(done)}</p>}
          {refused > 0 && <p>{wish === "arm" ? texts.answer.armRefused(refused) : texts.answer.disarmRefused(refused)}</p>}
        </Callout>
      )}
      {left.length > 0 && !problem && (
        <Callout tone="warning" title={texts.answer.unsettled(left.length)}>
          <button type="button" class="btn btn-outline-primary" onClick={onRetry}>
            <Icon name="refresh" />
            {texts.answer.retry}
          </button>
        </Callout>
      )}
      {problem && <ErrorState problem={problem} detail={detailOf(problem)} {...(problem.isPassing || problem.status === 429 || problem.kind === UNREADABLE ? { onRetry } : {})} />}
    </div>
  );
}

function ArmedOf({ campaign, model }: { campaign: Campaign; model: Model }) {
  const decreeNow = useMemo(() => () => serverNow() + campaign.clock_offset_ms, [campaign]);
  const isClockKnown = serverClock.value !== null;
  useServerClock();
  const standing = useStanding(model, decreeNow, isClockKnown);
  const { state, change, read } = useRows({ campaign: campaign.campaign, model: model.id, standing, decreeNow, isClockKnown });
  const [typed, setTyped] = useState("");
  // `null` is all that can be armed.
  const [toArm, setToArm] = useState<ReadonlySet<string> | null>(chosenBefore);
  const [toDisarm, setToDisarm] = useState<ReadonlySet<string>>(() => chosenBefore() ?? new Set());
  const [busy, setBusy] = useState<{ wish: Wish; done: number; of: number } | null>(null);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const canSend = session.value.state !== "signed-in" || session.value.view.level >= 2;
  const openedAt = standing.state === "opened" ? standing.openedAt : null;

  const isBusy = busy !== null;
  const waits = useWaits(answer?.problem ?? null);
  useEffect(() => (isBusy ? warnAtSignOut(() => texts.busy.leaving) : undefined), [isBusy]);

  const press = async (wish: Wish, ids: readonly string[]) => {
    const send = wish === "arm" ? api.armApplications : api.disarmApplications;
    const outcomes: ArmedOutcomeView[] = [];
    let opensAt: string | null = null;
    setAnswer(null);
    setBusy({ wish, done: 0, of: ids.length });
    try {
      const left = await ask(ids, {
        pause,
        send: async (applications) => (await call((options) => send({ campaign: campaign.campaign, model: model.id, applications }, options))).data,
        onAnswer: (settled, opening) => {
          outcomes.push(...settled);
          opensAt = opening;
          change((rows) => after(rows, settled));
          setBusy({ wish, done: outcomes.length, of: ids.length });
        },
      });
      const { done, refused } = told(wish, outcomes);
      setAnswer({ wish, done, refused, opensAt, left: left.ids, problem: left.problem });
      if (wish === "arm") setToArm(new Set(left.ids));
      else setToDisarm(new Set(left.ids));
      announce(left.problem ? detailOf(left.problem) : texts.answer[wish](done), left.problem ? "assertive" : "polite");
      // The browser's copy of the calendar may be older than an opening that was moved.
      if (opensAt && standing.state === "before" && milliseconds(opensAt) !== milliseconds(standing.opensAt)) void readFact(CALENDAR, true);
    } finally {
      setBusy(null);
    }
  };
  const check = async () => {
    const found = await read(true);
    if (found) announce(spoken([...found.values()]));
  };

  const rows = useMemo(() => [...(state.rows ?? new Map<string, ArmedRow>()).values()], [state.rows]);
  useEffect(() => {
    if (openedAt === null) return;
    setAnswer(null);
    change(atOpening);
  }, [openedAt]);
  useEffect(() => {
    if (openedAt !== null && state.hasReceiptsOf === openedAt && rows.length > 0) announce(spoken(rows));
  }, [state.hasReceiptsOf]);

  const inState = (wanted: ArmedRow["state"]) => rows.filter((row) => row.state === wanted);
  const shown = (some: readonly ArmedRow[]) => (typed.trim() === "" ? some : some.filter((row) => fits(row, typed)));
  const ready = inState("ready");
  const armed = inState("armed");
  const sent = inState("sent");
  const arming = ready.filter(({ id }) => toArm === null || toArm.has(id)).map(({ id }) => id);
  const disarming = armed.filter(({ id, canChange }) => canChange && toDisarm.has(id)).map(({ id }) => id);
  const mayArm = standing.state === "before" && canSend;
  const mayDisarm = standing.state !== "opened" && canSend;
  const sentLink = <a href={to("/domande/inviate")}>{texts.sentPage}</a>;

  return (
    <>
      <Opening standing={standing} offsetMs={campaign.clock_offset_ms} />
      {!canSend && (
        <Callout tone="warning" title={it.state.levelTitle}>
          <p>{texts.level}</p>
          <p>
            <a href={signInLink()}>{it.state.enter}</a>
          </p>
        </Callout>
      )}
      {standing.state === "before" && (
        <Callout title={texts.meaning.title} level={2}>
          <p>{texts.meaning.text}</p>
          <p>{texts.meaning.more}</p>
        </Callout>
      )}
      {answer && <AnswerBox answer={answer} onRetry={() => void press(answer.wish, answer.left)} />}
      {state.problem && <ErrorState problem={state.problem} onRetry={() => void read(openedAt !== null)} />}
      {state.isLoading && state.rows === null && <Loading lines={8} onRetry={() => void read(openedAt !== null)} />}
      {rows.length > LONG && (
        <TextField
          id="armed-filter"
          type="search"
          label={texts.filter}
          help={texts.filterHelp}
          value={typed}
          onInput={setTyped}
          onBlur={() => typed && announce(texts.found(shown(rows).length))}
        />
      )}
      {mayArm && state.rows !== null && ready.length === 0 && (
        <Empty message={texts.ready.empty}>
          <p>
            <a href={to("/domande/pronte")}>{texts.ready.emptyMore}</a>
          </p>
        </Empty>
      )}
      {standing.state === "before" && ready.length > 0 && (
        <PickList id="armed-ready" title={texts.ready.title} text={texts.ready.text} rows={shown(ready)} of={ready.length} openedAt={null} choice={mayArm && !isBusy ? { chosen: new Set(arming), onChoose: setToArm } : null}>
          {mayArm && (busy?.wish === "arm" || arming.length > 0) && (
            <div class="buttons sending-bar">
              <button type="button" class="btn btn-primary" disabled={isBusy || waits} onClick={() => void press("arm", arming)}>
                <Icon name="clock" />
                {busy?.wish === "arm" ? texts.busy.arm(busy.done, busy.of) : texts.ready.go(arming.length)}
              </button>
            </div>
          )}
          {mayArm && !isBusy && arming.length === 0 && <p>{texts.ready.nothing}</p>}
        </PickList>
      )}
      {openedAt === null && armed.length > 0 && (
        <PickList id="armed-armed" title={texts.armed.title} text={standing.state === "none" ? texts.armed.waiting : texts.armed.text} rows={shown(armed)} of={armed.length} openedAt={null} choice={mayDisarm && !isBusy ? { chosen: new Set(disarming), onChoose: setToDisarm } : null}>
          {mayDisarm && (busy?.wish === "disarm" || disarming.length > 0) && (
            <div class="buttons sending-bar">
              <button type="button" class="btn btn-outline-primary" disabled={isBusy || waits} onClick={() => void press("disarm", disarming)}>
                {busy?.wish === "disarm" ? texts.busy.disarm(busy.done, busy.of) : texts.armed.go(disarming.length)}
              </button>
            </div>
          )}
          {mayDisarm && !isBusy && disarming.length === 0 && <p>{texts.armed.nothing}</p>}
        </PickList>
      )}
      {openedAt !== null && armed.length > 0 && (
        <PickList id="armed-under-way" title={texts.underWay.title} text={state.hasReceiptsOf === openedAt ? texts.underWay.late : texts.underWay.text(toTheMillisecond(openedAt))} rows={shown(armed)} of={armed.length} openedAt={openedAt} choice={null}>
          {state.hasReceiptsOf === openedAt && (
            <p class="buttons">
              <button type="button" class="btn btn-outline-primary" disabled={state.isLoading} onClick={() => void check()}>
                <Icon name="refresh" />
                {texts.underWay.check}
              </button>
            </p>
          )}
        </PickList>
      )}
      {sent.length > 0 && (
        <PickList
          id="armed-sent"
          title={texts.sent.title}
          text={
            <>
              {texts.sent.text} {sentLink}.
            </>
          }
          rows={shown(sent)}
          of={sent.length}
          openedAt={openedAt}
          choice={null}
        />
      )}
      {openedAt !== null && state.rows !== null && armed.length === 0 && sent.length === 0 && (
        <p>
          {texts.sent.nothing} {sentLink}.
        </p>
      )}
      {standing.state !== "before" && (
        <p>
          <a href={to("/invio/:campaign/:model", { campaign: campaign.campaign, model: model.id })}>{texts.sendingPage}</a>
        </p>
      )}
    </>
  );
}

function spoken(rows: readonly ArmedRow[]): string {
  const known = rows.filter(({ state }) => state !== "ready");
  return texts.underWay.spoken(known.filter(({ state }) => state === "sent").length, known.length);
}

/** The page. */
export default function ArmedPage({ params }: PageProps) {
  const fact = useCampaign(params["campaign"] ?? "");
  const crumbs = [{ label: texts.list, href: to("/domande") }];
  const campaign = fact.state === "ready" ? fact.data : null;
  const model = campaign?.models.find((one) => one.id === params["model"]);
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
  if (!campaign || !model || !canBeArmed(campaign)) {
    const why = campaign && model ? texts.unlike : texts.absent;
    return (
      <Page title={why.title} crumbs={crumbs}>
        <p>{why.text}</p>
        <p>
          {campaign && model ? (
            <a href={to("/invio/:campaign/:model", { campaign: campaign.campaign, model: model.id })}>{texts.sendingPage}</a>
          ) : (
            <a href={to("/domande")}>{it.list.toApplications}</a>
          )}
        </p>
      </Page>
    );
  }
  return (
    <Page title={texts.title} crumbs={crumbs} lead={model.label} isWide>
      <ArmedOf campaign={campaign} model={model} />
    </Page>
  );
}
