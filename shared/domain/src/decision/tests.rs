//! Terms and the sweeper on invented cases of 2026 (TRM-1, CNF-1 to CNF-4, CTR-1, SWP-1).

use jiff::SignedDuration;

use std::collections::BTreeMap;

use super::*;
use crate::{
    application::{Parties, Ready, Submission},
    calendar::RomeTime,
    campaign::WindowFile,
    ids::{ApplicationId, OwnerId},
    lifecycle::TRANSITIONS,
    procedure::StoredProcedure,
    receipt::ReceiptCode,
    term::Outage,
};

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

pub(super) fn rome(text: &str) -> Timestamp {
    text.parse::<RomeTime>().unwrap().instant()
}

pub(super) fn demo() -> Campaign {
    Campaign::parse(include_str!("../../../../campaigns/demo.toml")).unwrap()
}

/// By what is judged while no outage is known.
pub(super) const fn judged(campaign: &Campaign, now: Timestamp) -> Context<'_> {
    Context { campaign, now, outages: &[] }
}

/// What the sweeper does, as these tests read it.
#[derive(Debug, PartialEq)]
pub(super) enum Sweep {
    NotYet,
    Extended(Application),
    Reminded(Application),
    Ended(Event, Application),
}

/// Decisions of which a test looks at the application after it; the portal makes them all.
pub(super) trait Moves {
    fn moved(&self, event: Event, context: &Context<'_>) -> Result<Application, StepError>;
    fn agreement_moved(
        &self,
        event: AgreementEvent,
        context: &Context<'_>,
    ) -> Result<Application, StepError>;
    fn begun(
        &self,
        kind: TermKind,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Application>, StepError>;
    fn voided(&self, kind: TermKind, context: &Context<'_>) -> Option<Application>;
    fn told(&self, kind: TermKind, context: &Context<'_>) -> Option<Application>;
    fn swept(&self, context: &Context<'_>) -> Result<Sweep, StepError>;
}

impl Moves for Application {
    /// A contract is sent as if the worker entered now, without an agreement.
    fn moved(&self, event: Event, context: &Context<'_>) -> Result<Application, StepError> {
        let decision = match event {
            Event::SendContract => self.send_contract(context.now, false, context),
            event => self.step(event, Who::System, context),
        };
        decision.map(Decision::into_after)
    }

    fn agreement_moved(
        &self,
        event: AgreementEvent,
        context: &Context<'_>,
    ) -> Result<Application, StepError> {
        self.agreement_step(event, Who::System, context).map(Decision::into_after)
    }

    fn begun(
        &self,
        kind: TermKind,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Application>, StepError> {
        Ok(self.begin(kind, since, context)?.map(Decision::into_after))
    }

    fn voided(&self, kind: TermKind, context: &Context<'_>) -> Option<Application> {
        self.void(kind, context).map(Decision::into_after)
    }

    /// The receipt of the delivery of a term's PEC is read.
    fn told(&self, kind: TermKind, context: &Context<'_>) -> Option<Application> {
        self.delivered(kind, None, context).unwrap().map(Decision::into_after)
    }

    fn swept(&self, context: &Context<'_>) -> Result<Sweep, StepError> {
        let Some(decision) = self.sweep(context)? else { return Ok(Sweep::NotYet) };
        Ok(match decision.cause() {
            Cause::Event(event) => Sweep::Ended(event, decision.into_after()),
            Cause::Act(Act::Remind) => Sweep::Reminded(decision.into_after()),
            Cause::Act(Act::ExtendTerm | Act::Reschedule) => Sweep::Extended(decision.into_after()),
            cause => panic!("{cause:?}"),
        })
    }
}

/// An application in a state, with no term yet.
pub(super) fn application(state: State) -> Application {
    application_with(state, None)
}

/// An application in a state, with this term alone.
pub(super) fn application_with(state: State, term: Option<Term>) -> Application {
    let terms: BTreeMap<_, _> = term.into_iter().map(|term| (term.kind(), term)).collect();
    let stored = StoredProcedure { terms, ..StoredProcedure::default() };
    let ready = Ready {
        digest: [5; 32],
        worker: None,
        province: "FG".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    };
    let submission = Submission {
        ready,
        arrival: rome("2026-01-12 09:00:00.003"),
        code: ReceiptCode::from_random([6; 10]),
        submitted_by: AccountId::keyed(&[1; 32]),
        campaign_version: 1,
        armed: None,
    };
    Application {
        id: ApplicationId::from_random([7; 16]),
        campaign: "demo".parse().unwrap(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse().unwrap(),
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: Parties {
            representative: AccountId::keyed(&[1; 32]),
            owner: OwnerId::keyed(&[2; 32]),
            filer: AccountId::keyed(&[1; 32]),
            organisation: None,
        },
        version: 4,
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        stage: Stage::Sent { submission, procedure: Procedure::restore(state, stored).unwrap() },
    }
}

fn term(application: &Application, kind: TermKind) -> Option<Term> {
    application.procedure().unwrap().term(kind).copied()
}

fn due(application: &Application) -> Option<Timestamp> {
    application.procedure().unwrap().due()
}

/// A case whose PEC asked for a confirmation at `sent`: until 18 May 2026, 24:00, when that is 2 May at 9.
fn asked(campaign: &Campaign, sent: Timestamp) -> Application {
    let step = judged(campaign, sent);
    let waiting = application(State::Granted).moved(Event::ReportChecks, &step).unwrap();
    assert_eq!((term(&waiting, TermKind::Confirmation), due(&waiting)), (None, None));
    waiting.begun(TermKind::Confirmation, sent, &step).unwrap().unwrap()
}

/// CNF-1, TRM-1: fifteen days from the sending, the end at midnight, told to the sweeper with its reminders first.
#[test]
fn the_term_to_confirm_begins_with_its_pec() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    assert_eq!(term(&case, TermKind::Confirmation).unwrap().end(), rome("2026-05-20 00:00"));
    assert_eq!(due(&case), Some(rome("2026-05-10 00:00")), "ten days left");
    // The same PEC reported twice begins nothing twice.
    let again = case.begun(
        TermKind::Confirmation,
        rome("2026-05-05 09:00"),
        &judged(&campaign, rome("2026-05-05 09:00")),
    );
    assert_eq!(again, Ok(None));
}

/// CNF-3: the portal does not ask an employer again who has answered, and sends no reminder of a term that is over.
#[test]
fn a_notice_that_the_case_has_left_behind_has_nothing_to_say() {
    let campaign = demo();
    let now = rome("2026-05-04 09:00");
    let step = judged(&campaign, now);
    let asked = asked(&campaign, now);
    let beyond = |case: &Application, kind, step: &Context<'_>| case.is_beyond(kind, step).unwrap();
    for kind in [NoticeKind::ConfirmationRequest, NoticeKind::TermReminder] {
        assert!(!beyond(&asked, kind, &step), "{kind}");
        let confirmed = asked.moved(Event::Confirm, &step).unwrap();
        assert!(beyond(&confirmed, kind, &step), "{kind}");
        // A notice about the past leaves whatever happened since.
        assert!(!beyond(&confirmed, NoticeKind::Confirmed, &step));
    }
    let end = judged(&campaign, rome("2026-05-20 00:00"));
    assert!(beyond(&asked, NoticeKind::TermReminder, &end));
    // Renounced before the request had left, and undone: without it no term would ever run.
    let renouncing = asked.moved(Event::Renounce, &step).unwrap();
    assert!(!beyond(&renouncing, NoticeKind::ConfirmationRequest, &step));
    let void = asked.voided(TermKind::Confirmation, &step).unwrap();
    assert!(!beyond(&void, NoticeKind::ConfirmationRequest, &step), "it may be sent again");
    assert!(beyond(&void, NoticeKind::TermReminder, &step));
}

/// CNF-2: the boundary is the arrival's, to the millisecond, whatever the sweeper does.
#[test]
fn an_answer_counts_until_the_last_millisecond_and_not_at_the_end() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let end = rome("2026-05-20 00:00");
    for event in [Event::Confirm, Event::Renounce] {
        assert!(case.moved(event, &judged(&campaign, end - ONE_MS)).is_ok(), "{event}");
        assert_eq!(case.moved(event, &judged(&campaign, end)), Err(StepError::Late(end)));
    }
    let swept_at = |now| case.swept(&judged(&campaign, now)).unwrap();
    assert!(!matches!(swept_at(end), Sweep::Ended(..)), "a timely answer may be in flight");
    assert!(!matches!(swept_at(end + SignedDuration::from_mins(5) - ONE_MS), Sweep::Ended(..)));
    let Sweep::Ended(event, after) = swept_at(end + SignedDuration::from_mins(5)) else {
        panic!("not expired")
    };
    assert_eq!((event, after.state()), (Event::Expire, State::ExpiredToVerify));
}

/// CNF-3: each reminder once; several that were missed are one.
#[test]
fn reminders_go_out_once_and_missed_ones_together() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let Sweep::Reminded(first) = case.swept(&judged(&campaign, rome("2026-05-10 00:00"))).unwrap()
    else {
        panic!("no reminder")
    };
    assert_eq!(due(&first), Some(rome("2026-05-15 00:00")), "five days left");
    let early = first.swept(&judged(&campaign, rome("2026-05-10 00:01")));
    assert_eq!(early, Ok(Sweep::NotYet));
    // The sweeper was out for nine days: one reminder for the two that were missed.
    let Sweep::Reminded(late) = first.swept(&judged(&campaign, rome("2026-05-18 12:00"))).unwrap()
    else {
        panic!("no reminder")
    };
    assert_eq!(due(&late), Some(rome("2026-05-19 00:00")), "one day left");
    let Sweep::Ended(..) = first.swept(&judged(&campaign, rome("2026-06-30 12:00"))).unwrap()
    else {
        panic!("reminded of what is over")
    };
}

/// CNF-1: 60 minutes to undo, never beyond the end of the term itself; the consulate and the archive come after.
#[test]
fn a_renunciation_can_be_undone_for_an_hour_or_until_the_end_of_the_term() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let at = rome("2026-05-06 10:00");
    let renouncing = case.moved(Event::Renounce, &judged(&campaign, at)).unwrap();
    let undo_end = at + SignedDuration::from_hours(1);
    assert_eq!(term(&renouncing, TermKind::RenounceUndo).unwrap().end(), undo_end);
    assert_eq!(due(&renouncing), Some(undo_end + SignedDuration::from_mins(5)));
    let undone =
        renouncing.moved(Event::UndoRenunciation, &judged(&campaign, undo_end - ONE_MS)).unwrap();
    assert_eq!(term(&undone, TermKind::Confirmation), term(&case, TermKind::Confirmation));
    assert_eq!(due(&undone), Some(rome("2026-05-10 00:00")));
    assert_eq!(
        renouncing.moved(Event::UndoRenunciation, &judged(&campaign, undo_end)),
        Err(StepError::Late(undo_end))
    );
    let late = rome("2026-05-19 23:30");
    let last_minute = case.moved(Event::Renounce, &judged(&campaign, late)).unwrap();
    assert_eq!(term(&last_minute, TermKind::RenounceUndo).unwrap().end(), rome("2026-05-20 00:00"));
    let sweep_at = rome("2026-05-20 00:05");
    let Sweep::Ended(Event::CompleteRenunciation, renounced) =
        last_minute.swept(&judged(&campaign, sweep_at)).unwrap()
    else {
        panic!("not final")
    };
    let Sweep::Ended(Event::Archive, archived) =
        renounced.swept(&judged(&campaign, sweep_at)).unwrap()
    else {
        panic!("not archived")
    };
    assert_eq!((archived.state(), due(&archived)), (State::Archived, None));
}

/// CNF-4: two days for a person to look, then the revocation; a reopened case is asked anew.
#[test]
fn an_expired_case_is_looked_at_before_it_is_revoked_and_can_be_reopened() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let read = judged(&campaign, rome("2026-05-04 09:01"));
    let case = case.told(TermKind::Confirmation, &read).unwrap();
    assert_eq!(case.told(TermKind::Confirmation, &read), None, "one receipt is enough");
    let swept = rome("2026-05-20 00:06");
    let Sweep::Ended(_, expired) = case.swept(&judged(&campaign, swept)).unwrap() else {
        panic!("not expired")
    };
    assert_eq!(due(&expired), Some(rome("2026-05-23 00:05")));
    let Sweep::Ended(Event::ConfirmExpiry, revoked) =
        expired.swept(&judged(&campaign, rome("2026-05-23 00:05"))).unwrap()
    else {
        panic!("not revoked")
    };
    for state in [&expired, &revoked] {
        let reopened =
            state.moved(Event::ReopenCase, &judged(&campaign, rome("2026-05-24 10:00"))).unwrap();
        assert_eq!((term(&reopened, TermKind::Confirmation), due(&reopened)), (None, None));
    }
}

/// CNF-1, COM-2: without the receipt of a delivery an expired case waits for a person for as long as it takes, and says
/// why; a receipt that is read late gives the office its days, and only then the permit is revoked.
#[test]
fn no_permit_is_revoked_by_silence_while_no_receipt_says_that_the_pec_was_delivered() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    assert_eq!(case.hold(&judged(&campaign, rome("2026-05-19 23:59"))), Ok(None));
    let swept = judged(&campaign, rome("2026-05-20 00:05"));
    let Sweep::Ended(Event::Expire, expired) = case.swept(&swept).unwrap() else {
        panic!("not expired")
    };
    assert_eq!((term(&expired, TermKind::Verification), due(&expired)), (None, None));
    assert_eq!(expired.hold(&swept), Ok(Some(Hold::ConfirmationWithoutReceipt)));
    let months_later = judged(&campaign, rome("2026-09-01 09:00"));
    assert_eq!(expired.swept(&months_later), Ok(Sweep::NotYet));
    for event in [Event::ReopenCase, Event::ConfirmExpiry] {
        assert!(expired.moved(event, &months_later).is_ok(), "a person decides: {event}");
    }

    let told = expired.told(TermKind::Confirmation, &months_later).unwrap();
    assert_eq!((told.state(), told.hold(&months_later)), (State::ExpiredToVerify, Ok(None)));
    assert_eq!(due(&told), Some(rome("2026-09-04 00:05")), "two days from the receipt");
    assert_eq!(told.swept(&months_later), Ok(Sweep::NotYet));
    let then = judged(&campaign, rome("2026-09-04 00:05"));
    let Sweep::Ended(event, revoked) = told.swept(&then).unwrap() else { panic!("not revoked") };
    assert_eq!((event, revoked.state()), (Event::ConfirmExpiry, State::Revoked));

    // Of a PEC that is sent anew nothing is known, whatever became of the one before.
    let reopened = told.moved(Event::ReopenCase, &months_later).unwrap();
    let asked_anew = reopened.begun(TermKind::Confirmation, months_later.now, &months_later);
    let asked_anew = asked_anew.unwrap().unwrap();
    assert!(!asked_anew.procedure().unwrap().is_delivered(TermKind::Confirmation));
}

/// What a decision does to the terms is told apart: one begins, one only gets another end, one is there no more.
#[test]
fn a_decision_tells_which_term_begins_moves_and_ends() {
    let campaign = demo();
    let at = rome("2026-05-04 10:00");
    let now = judged(&campaign, at);
    let waiting = application(State::AwaitingConfirmation);
    let begun = waiting.begin(TermKind::Confirmation, at, &now).unwrap().unwrap();
    let term = *begun.after().procedure().unwrap().term(TermKind::Confirmation).unwrap();
    assert_eq!(begun.terms(), [TermChange::Begins(term)]);
    // The scenes of tests alone bring about decisions of which nobody learns.
    assert!(begun.is_told() && !begun.clone().untold().is_told());

    let case = begun.into_after();
    let outages = [Outage::new(rome("2026-05-06 09:00"), rome("2026-05-08 09:00")).unwrap()];
    let later = Context { outages: &outages, ..judged(&campaign, rome("2026-05-12 09:00")) };
    let decision = case.sweep(&later).unwrap().unwrap();
    let moved = *decision.after().procedure().unwrap().term(TermKind::Confirmation).unwrap();
    assert!(moved.end() > term.end());
    assert_eq!(decision.terms(), [TermChange::Moves(moved)]);

    let confirmed = case.step(Event::Confirm, Who::System, &now).unwrap();
    assert!(confirmed.terms().contains(&TermChange::Ends(TermKind::Confirmation)));
}

/// A case that was stored before receipts were asked for has a term to verify already: it ends nothing.
#[test]
fn a_term_to_verify_from_before_revokes_nothing_without_the_receipt() {
    let campaign = demo();
    let verification = campaign.term(TermKind::Verification, rome("2026-05-20 00:05")).unwrap();
    let stored = application_with(State::ExpiredToVerify, Some(verification));
    let Stage::Sent { submission, procedure } = &stored.stage else { panic!("not sent") };
    let over = judged(&campaign, rome("2026-05-23 00:05"));
    let procedure = procedure.clone().scheduled(&over);
    assert_eq!(procedure.due(), None);
    let due = StoredProcedure { due: Some(over.now), ..procedure.stored() };
    let procedure = Procedure::restore(State::ExpiredToVerify, due).unwrap();
    let case = stored.sent(submission, procedure, over.now);
    let Sweep::Extended(settled) = case.swept(&over).unwrap() else { panic!("it took effect") };
    assert_eq!(settled.state(), State::ExpiredToVerify);
    assert_eq!(settled.swept(&judged(&campaign, rome("2026-09-01 09:00"))), Ok(Sweep::NotYet));
}

/// DEC-1, COM-2: nor is an employer cut off from an integration that no receipt says to have been asked for.
#[test]
fn a_review_is_not_resumed_by_itself_while_no_receipt_says_that_the_employer_was_asked() {
    let campaign = demo();
    let at = rome("2026-03-02 10:00");
    let requested = application(State::InReview)
        .moved(Event::RequestIntegration, &judged(&campaign, at))
        .unwrap()
        .begun(TermKind::Integration, at, &judged(&campaign, at))
        .unwrap()
        .unwrap();
    let end = term(&requested, TermKind::Integration).unwrap().end();
    let over = judged(&campaign, end + SignedDuration::from_hours(24));
    let swept = match requested.swept(&over).unwrap() {
        Sweep::Extended(swept) => swept,
        other => panic!("{other:?}"),
    };
    assert_eq!((swept.state(), due(&swept)), (State::IntegrationRequested, None));
    assert_eq!(swept.hold(&over), Ok(Some(Hold::IntegrationWithoutReceipt)));
    assert!(swept.moved(Event::ProvideIntegration, &over).is_ok(), "the employer is not late");
    assert!(swept.moved(Event::ResumeReview, &over).is_ok(), "an officer decides");

    let told = swept.told(TermKind::Integration, &over).unwrap();
    assert_eq!(told.hold(&over), Ok(None));
    assert_eq!(told.moved(Event::ProvideIntegration, &over), Err(StepError::Late(end)));
    let Sweep::Ended(Event::ResumeReview, _) = told.swept(&over).unwrap() else {
        panic!("not resumed")
    };
}

/// Art. 10-bis L. 241/1990, CTR-1: a person decides there; the office reads that no receipt is on record.
#[test]
fn an_office_reads_that_no_receipt_says_what_the_employer_was_told() {
    let campaign = demo();
    let at = rome("2026-03-02 10:00");
    let announced = application(State::InReview)
        .moved(Event::AnnounceRefusal, &judged(&campaign, at))
        .unwrap()
        .begun(TermKind::Preavviso, at, &judged(&campaign, at))
        .unwrap()
        .unwrap();
    let over = judged(&campaign, rome("2026-03-13 00:00"));
    assert_eq!(announced.hold(&judged(&campaign, over.now - ONE_MS)), Ok(None));
    assert_eq!(announced.hold(&over), Ok(Some(Hold::RefusalWithoutReceipt)));
    let told = announced.told(TermKind::Preavviso, &over).unwrap();
    assert_eq!(told.hold(&over), Ok(None));

    let to_sign =
        application(State::EntryReported).moved(Event::SendContract, &judged(&campaign, at));
    let to_sign = to_sign.unwrap();
    let later = judged(&campaign, rome("2026-04-01 10:00"));
    let overdue = |case: &Application| match case.swept(&later).unwrap() {
        Sweep::Ended(Event::ExpireContract, overdue) => overdue,
        other => panic!("{other:?}"),
    };
    assert_eq!(overdue(&to_sign).hold(&later), Ok(Some(Hold::ContractWithoutReceipt)));
    let told = to_sign.told(TermKind::Contract, &judged(&campaign, at)).unwrap();
    assert_eq!(overdue(&told).hold(&later), Ok(None));
    assert_eq!(application(State::Granted).hold(&later), Ok(None));
}

/// TRM-1: where the campaign lets a term begin with the delivery, one receipt begins it and says that it was delivered.
#[test]
fn a_term_that_begins_with_its_delivery_is_delivered() {
    let campaign = demo();
    let now = judged(&campaign, rome("2026-05-04 09:01"));
    let waiting = application(State::Granted).moved(Event::ReportChecks, &now).unwrap();
    let since = rome("2026-05-04 09:00");
    let decision = waiting.delivered(TermKind::Confirmation, Some(since), &now).unwrap().unwrap();
    assert_eq!(decision.cause(), Cause::Act(Act::BeginTerm));
    let case = decision.after().procedure().unwrap();
    assert_eq!(case.term(TermKind::Confirmation).unwrap().start(), since);
    assert!(case.is_delivered(TermKind::Confirmation));
    // Without a term, and without leave to begin one, a receipt changes nothing.
    assert_eq!(waiting.delivered(TermKind::Confirmation, None, &now), Ok(None));
    let runs = waiting.begun(TermKind::Confirmation, since, &now).unwrap().unwrap();
    let decision = runs.delivered(TermKind::Confirmation, Some(now.now), &now).unwrap().unwrap();
    assert_eq!(decision.cause(), Cause::Act(Act::RecordDelivery));
    assert_eq!(term(decision.after(), TermKind::Confirmation), term(&runs, TermKind::Confirmation));
}

/// CNF-4: an outage inside the term suspends it, for the answer and for the sweeper alike.
#[test]
fn an_outage_moves_the_boundary_before_anything_is_written() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let outages = [Outage::new(rome("2026-05-19 20:00"), rome("2026-05-20 02:00")).unwrap()];
    let step = |now| Context { outages: &outages, ..judged(&campaign, now) };
    let moved = rome("2026-05-21 00:00");
    assert!(case.moved(Event::Confirm, &step(rome("2026-05-20 10:00"))).is_ok());
    assert_eq!(case.moved(Event::Confirm, &step(moved)), Err(StepError::Late(moved)));
    let Sweep::Extended(extended) = case.swept(&step(rome("2026-05-20 00:06"))).unwrap() else {
        panic!("expired in spite of the outage")
    };
    assert_eq!(term(&extended, TermKind::Confirmation).unwrap().end(), moved);
    // Once written, the same outage lengthens nothing twice.
    let Sweep::Ended(Event::Expire, _) =
        extended.swept(&step(moved + SignedDuration::from_mins(5))).unwrap()
    else {
        panic!("not expired")
    };
}

/// CNF-4: an entry of the ledger was wrong and is corrected. What employers were told of stays; others are not lengthened.
#[test]
fn a_corrected_outage_shortens_no_term_that_was_told() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let told = *case.procedure().unwrap().term(TermKind::Confirmation).unwrap();
    let long = Outage::new(rome("2026-05-10 08:00"), rome("2026-05-15 08:00")).unwrap();
    let short = Outage::new(rome("2026-05-10 08:00"), rome("2026-05-10 11:00")).unwrap();
    let lengthened = campaign.extended(&told, &[long]).unwrap();
    assert!(lengthened.end() > told.end());
    assert_eq!(campaign.extended(&lengthened, &[short]), Ok(lengthened));
    assert_eq!(campaign.extended(&lengthened, &[]), Ok(lengthened));
    assert!(campaign.extended(&told, &[short]).unwrap().end() < lengthened.end());
}

/// IDP-2: exactly what followed goes back, with its place in the yearly limit, and nothing that moved on meanwhile.
#[test]
fn an_undone_link_gives_back_exactly_what_followed() {
    let (former, by_spid, colleague) =
        (AccountId::keyed(&[1; 32]), AccountId::keyed(&[8; 32]), AccountId::keyed(&[9; 32]));
    let (now, who) = (rome("2026-05-04 09:00"), Who::Account(AccountId::keyed(&[3; 32])));
    let own = application(State::InReview);
    let followed = own.followed(&former);
    assert_eq!(followed, Followed { representative: true, filer: true, counted: true });
    let linked = own.linked(&former, &by_spid, now);
    assert_eq!(linked.limit(), Limit::Taken(None));
    let linked = linked.into_after();
    let back = linked.unlinked(followed, &by_spid, &former, who.clone(), now);
    assert_eq!(back.limit(), Limit::GivenBack);
    assert_eq!(back.before().unwrap().parties.filer, by_spid, "whose place it is");
    assert_eq!(back.after().parties, own.parties);
    assert!(back.notices().is_empty());

    // Handed over to a colleague meanwhile: only the representative goes back.
    let handed = linked.handed_over(&colleague, who.clone(), now).into_after();
    let back = handed.unlinked(followed, &by_spid, &former, who.clone(), now);
    assert_eq!(back.limit(), Limit::Kept);
    assert_eq!(back.after().parties.filer, colleague);
    assert_eq!(back.after().parties.representative, former);

    // Only the representative followed: what the other account filed itself stays its own.
    let mut filed_by_other = application(State::InReview);
    filed_by_other.parties.filer = by_spid.clone();
    let followed = filed_by_other.followed(&former);
    assert_eq!(followed, Followed { representative: true, filer: false, counted: false });
    let linked = filed_by_other.linked(&former, &by_spid, now);
    assert_eq!(linked.limit(), Limit::Kept);
    let back = linked.after().unlinked(followed, &by_spid, &former, who, now);
    assert_eq!(back.after().parties, filed_by_other.parties);
    assert_eq!(back.limit(), Limit::Kept);
}

/// CNF-4: what an outage lengthened stays lengthened through every step that keeps the term, the agreement's included.
#[test]
fn no_step_shortens_what_an_outage_lengthened() {
    let campaign = demo();
    let entered = rome("2026-06-01 08:00");
    let outages = [Outage::new(rome("2026-06-10 08:00"), rome("2026-06-12 08:00")).unwrap()];
    let told = |now: &str| Context { outages: &outages, ..judged(&campaign, rome(now)) };
    let to_sign = application(State::EntryReported)
        .send_contract(entered, true, &judged(&campaign, entered))
        .unwrap()
        .into_after();
    let end = |case: &Application| term(case, TermKind::Contract).unwrap().end();
    let lengthened = match to_sign.swept(&told("2026-06-12 09:00")).unwrap() {
        Sweep::Extended(lengthened) => lengthened,
        other => panic!("{other:?}"),
    };
    assert!(end(&lengthened) > end(&to_sign));
    let mut case = lengthened.clone();
    for event in [AgreementEvent::EnterData, AgreementEvent::Generate] {
        case = case.agreement_moved(event, &told("2026-06-12 10:00")).unwrap();
        assert_eq!(end(&case), end(&lengthened), "{event}");
    }
    for event in [Event::UploadContract, Event::AcceptContractFile, Event::RejectContract] {
        case = case.moved(event, &told("2026-06-12 11:00")).unwrap();
        assert!(end(&case) >= end(&lengthened), "{event}");
    }
    // The end of the term is the lengthened one for the answer, too.
    let last = end(&lengthened) - ONE_MS;
    let late = Context { now: last, ..told("2026-06-12 11:00") };
    assert!(to_sign.moved(Event::UploadContract, &late).is_ok());
    assert!(matches!(
        to_sign.moved(Event::UploadContract, &judged(&campaign, last)),
        Err(StepError::Late(_))
    ));
}

/// CNF-2, CNF-4: an employer who answers an expired case reads that the term is over, or that the answer came in time
/// and was overtaken.
#[test]
fn an_answer_to_an_expired_case_is_late_or_was_overtaken() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let end = rome("2026-05-20 00:00");
    let swept = judged(&campaign, end + SignedDuration::from_mins(5));
    let Sweep::Ended(_, expired) = case.swept(&swept).unwrap() else { panic!("not expired") };
    for event in [Event::Confirm, Event::Renounce] {
        let answered = |now| expired.moved(event, &judged(&campaign, now));
        assert_eq!(answered(end - ONE_MS), Err(StepError::Overtaken(end)));
        assert_eq!(answered(end), Err(StepError::Late(end)));
    }
    // An outage that is recorded only now moves the end, not the case: an office reopens it.
    let outages = [Outage::new(rome("2026-05-19 20:00"), rome("2026-05-20 02:00")).unwrap()];
    let told = Context { outages: &outages, ..judged(&campaign, rome("2026-05-20 10:00")) };
    let moved = rome("2026-05-21 00:00");
    assert_eq!(expired.moved(Event::Confirm, &told), Err(StepError::Overtaken(moved)));
    // Whatever has nothing to do with that term is refused by state.
    let withdrawn = expired.moved(Event::Withdraw, &swept);
    assert!(matches!(withdrawn, Err(StepError::Refused(_))));
}

/// COM-2: a PEC that was not delivered stops its term; the next one starts another.
#[test]
fn a_term_is_void_when_its_pec_was_not_delivered() {
    let campaign = demo();
    let case = asked(&campaign, rome("2026-05-04 09:00"));
    let step = judged(&campaign, rome("2026-05-05 09:00"));
    let void = case.voided(TermKind::Confirmation, &step).unwrap();
    assert_eq!((term(&void, TermKind::Confirmation), due(&void)), (None, None));
    assert_eq!(void.voided(TermKind::Confirmation, &step), None);
    let anew = void.begun(TermKind::Confirmation, step.now, &step).unwrap().unwrap();
    assert_eq!(term(&anew, TermKind::Confirmation).unwrap().end(), rome("2026-05-21 00:00"));
    // It was found out only when the case had expired: no days make a revocation of it, a person looks.
    let swept = judged(&campaign, rome("2026-05-20 00:05"));
    let Sweep::Ended(_, expired) = case.swept(&swept).unwrap() else { panic!("not expired") };
    let void_too_late = expired.voided(TermKind::Confirmation, &swept).unwrap();
    assert_eq!(void_too_late.hold(&swept), Ok(Some(Hold::ConfirmationNotDelivered)));
    assert_eq!((void_too_late.state(), due(&void_too_late)), (State::ExpiredToVerify, None));
    let much_later = judged(&campaign, rome("2026-09-01 09:00"));
    assert_eq!(void_too_late.swept(&much_later), Ok(Sweep::NotYet));
    assert!(void_too_late.moved(Event::ReopenCase, &much_later).is_ok());
    // An employer who has answered for good had read the PEC; one who takes the answer back is asked anew.
    assert_eq!(
        case.moved(Event::Confirm, &step).unwrap().voided(TermKind::Confirmation, &step),
        None
    );
    let renouncing = case.moved(Event::Renounce, &step).unwrap();
    let undone = renouncing.voided(TermKind::Confirmation, &step).unwrap();
    let undone = undone.moved(Event::UndoRenunciation, &step).unwrap();
    assert_eq!((undone.state(), due(&undone)), (State::AwaitingConfirmation, None));
    // An employer who answers while the PEC is on its way is never late.
    assert!(void.moved(Event::Confirm, &judged(&campaign, rome("2026-07-01 09:00"))).is_ok());
}

/// CTR-1: the contract's term runs from the entry in Italy, 8 days before 2 December 2025 and 15 from then on.
#[test]
fn the_contract_is_due_within_the_days_of_the_entry() {
    let campaign = demo();
    for (entry, end) in
        [("2025-12-01 08:00", "2025-12-10 00:00"), ("2026-06-01 08:00", "2026-06-17 00:00")]
    {
        let context = judged(&campaign, rome(entry) + SignedDuration::from_hours(30));
        let to_sign = application(State::EntryReported)
            .send_contract(rome(entry), false, &context)
            .unwrap()
            .into_after();
        assert_eq!(term(&to_sign, TermKind::Contract).unwrap().end(), rome(end));
        let late = to_sign.moved(Event::UploadContract, &judged(&campaign, rome(end)));
        assert_eq!(late, Err(StepError::Late(rome(end))));
        let uploaded =
            to_sign.moved(Event::UploadContract, &judged(&campaign, rome(end) - ONE_MS)).unwrap();
        assert_eq!(due(&uploaded), None, "nothing expires while the file is looked into");
        assert!(uploaded.moved(Event::AcceptContractFile, &judged(&campaign, rome(end))).is_ok());
    }
}

/// CTR-1: a rejected file can be replaced, however late the office looked at it; a term that runs is never shortened.
#[test]
fn a_contract_that_is_sent_back_has_a_term_to_be_replaced_in() {
    let campaign = demo();
    let at = |now: &str| judged(&campaign, rome(now));
    let mut sent = application(State::EntryReported);
    for event in [Event::SendContract, Event::UploadContract, Event::AcceptContractFile] {
        sent = sent.moved(event, &at("2026-06-01 08:00")).unwrap();
    }
    let end = |case: &Application| term(case, TermKind::Contract).unwrap().end();
    assert_eq!(end(&sent), rome("2026-06-17 00:00"));
    let back = sent.moved(Event::RejectContract, &at("2026-06-25 10:00")).unwrap();
    assert_eq!(end(&back), rome("2026-07-11 00:00"));
    assert!(back.moved(Event::UploadContract, &at("2026-07-10 23:59")).is_ok());
    let same_day = sent.moved(Event::RejectContract, &at("2026-06-01 09:00")).unwrap();
    assert_eq!(end(&same_day), end(&sent));
}

/// CNF-4: the permit of a case that is reopened after its revocation is valid no longer than before.
#[test]
fn a_revoked_permit_that_is_reopened_still_ends_by_itself() {
    let campaign = demo();
    let step = judged(&campaign, rome("2026-05-04 09:00"));
    let granted = application(State::InReview).moved(Event::Grant, &step).unwrap();
    let validity = term(&granted, TermKind::NullaOstaValidity).unwrap();
    let mut case = granted.moved(Event::Revoke, &step).unwrap();
    for event in [Event::ReopenCase, Event::Confirm] {
        case = case.moved(event, &step).unwrap();
    }
    assert_eq!(term(&case, TermKind::NullaOstaValidity), Some(validity));
    assert_eq!(due(&case), Some(validity.expiry_writable_from(campaign.policies().grace())));
}

/// AGR-1, MOD-1: the agreement opens with the contract's sending, and the modules wait for it.
#[test]
fn the_modules_wait_for_an_agreement_that_applies() {
    use AgreementEvent as E;
    let campaign = demo();
    let step = judged(&campaign, rome("2026-06-01 08:00"));
    let entered = application(State::EntryReported);
    let mut case = entered.send_contract(step.now, true, &step).unwrap().into_after();
    for event in [Event::UploadContract, Event::AcceptContractFile, Event::ValidateContract] {
        case = case.moved(event, &step).unwrap();
    }
    assert!(matches!(case.moved(Event::IssueModules, &step), Err(StepError::Refused(_))));
    for event in [E::EnterData, E::Generate, E::Upload, E::AcceptFile, E::Validate] {
        case = case.agreement_moved(event, &step).unwrap();
        assert_eq!(case.state(), State::ContractValidated);
    }
    let issued = case.moved(Event::IssueModules, &step).unwrap();
    assert_eq!(issued.state(), State::ModulesIssued);
    assert!(due(&issued).is_some(), "put away some day");
    assert_eq!(
        application(State::ContractSent).agreement_moved(E::EnterData, &step),
        Err(StepError::NoAgreement)
    );
}

/// Art. 10-bis L. 241/1990: no refusal before the employer's days to answer are over.
#[test]
fn a_refusal_waits_for_the_answer_to_the_notice_of_reasons() {
    let campaign = demo();
    let at = rome("2026-03-02 10:00");
    let announced =
        application(State::InReview).moved(Event::AnnounceRefusal, &judged(&campaign, at)).unwrap();
    // COM-2: the employer's days do not run while the notice was not sent, or did not arrive.
    let much_later = judged(&campaign, rome("2026-09-01 10:00"));
    assert_eq!(announced.moved(Event::Refuse, &much_later), Err(StepError::NotTold));
    let announced =
        announced.begun(TermKind::Preavviso, at, &judged(&campaign, at)).unwrap().unwrap();
    let end = rome("2026-03-13 00:00");
    let refuse = |now| announced.moved(Event::Refuse, &judged(&campaign, now));
    assert_eq!(refuse(end - ONE_MS), Err(StepError::Early(end)));
    assert!(refuse(end).is_ok());
    assert!(announced.moved(Event::Object, &judged(&campaign, at)).is_ok());
}

/// DEC-1, CAL-4: a permit needs a place in its line, except of a model that was off quota when it was sent.
#[test]
fn a_permit_needs_a_place_unless_its_model_was_off_quota_when_it_was_sent() {
    let campaign = demo();
    let reviewed = application(State::InReview);
    let arrival = reviewed.stage.submission().unwrap().arrival;
    assert!(quota::needs_place(&campaign, &reviewed));
    let place = |campaign: &Campaign, event| {
        let step = judged(campaign, rome("2026-03-02 10:00"));
        reviewed.step(event, Who::System, &step).unwrap().place()
    };
    assert_eq!(place(&campaign, Event::Grant), Place::Required);
    assert_eq!(place(&campaign, Event::Refuse), Place::GivenUp);

    let off_quota_from = |from: Timestamp| {
        let mut file = demo().into_file();
        let model = file.models.iter_mut().find(|model| model.id == reviewed.model).unwrap();
        let window = WindowFile { from: crate::calendar::rfc3339(from), until: None };
        model.off_quota = Some(window);
        Campaign::try_from(file).unwrap()
    };
    let before = off_quota_from(arrival);
    assert!(!quota::needs_place(&before, &reviewed));
    assert_eq!(place(&before, Event::Grant), Place::Kept);
    let only_since = off_quota_from(arrival + ONE_MS);
    assert!(quota::needs_place(&only_since, &reviewed));
    assert_eq!(place(&only_since, Event::Grant), Place::Required);

    let draft = Application { stage: Stage::ToValidate, ..reviewed.clone() };
    assert!(!quota::needs_place(&campaign, &draft), "nothing was sent");
}

/// DEC-1: seasonal work has the shorter term.
#[test]
fn the_office_decides_within_the_term_of_the_kind_of_work() {
    let campaign = demo();
    let taken = |model: &str| {
        let submitted =
            Application { model: model.parse().unwrap(), ..application(State::Submitted) };
        let step = judged(&campaign, rome("2026-02-01 10:00"));
        submitted.moved(Event::TakeCharge, &step).unwrap()
    };
    assert!(term(&taken("c-stag-agricoltura"), TermKind::NullaOstaSeasonal).is_some());
    assert!(term(&taken("a-bis"), TermKind::NullaOsta).is_some());
}

/// Whatever happens, every step leads where the table says, and never schedules the past of a term that has not ended.
#[test]
fn every_transition_after_sending_can_be_taken_as_a_step() {
    let campaign = demo();
    let now = rome("2026-06-01 08:00");
    let answered_by = campaign.term(TermKind::Preavviso, rome("2026-03-02 10:00")).unwrap();
    for row in TRANSITIONS.iter().filter(|row| row.from.is_sent() && row.event != Event::Block) {
        let answered = (row.from == State::RefusalAnnounced).then_some(answered_by);
        let before = application_with(row.from, answered);
        let after = before.moved(row.event, &judged(&campaign, now)).unwrap();
        assert_eq!((after.state(), after.version, after.changed), (row.to, 5, now), "{row:?}");
    }
}
