//! What the consular system (MAECI) learns of an application, and what it reports (CNF-1, ENT-1).

use std::collections::BTreeSet;

use crate::{
    coded::coded,
    lifecycle::{Event, State, TRANSITIONS},
    permission::Action,
};

coded! {
    /// The decisions that the portal sends to the consular system.
    pub enum ConsularDecision as "consular decision" {
        /// The employer confirmed: the visa may be issued.
        Confirmed = "confirmed", "Confermata";
        /// The employer renounced, for good.
        Renounced = "renounced", "Rinunciata";
        /// No answer came in time: no visa.
        NotConfirmed = "not-confirmed", "Non confermata";
        /// The permit is revoked.
        Revoked = "revoked", "Nulla osta revocato";
        /// The permit ended unused.
        Lapsed = "lapsed", "Nulla osta scaduto";
        /// The office reopened the case: the message before no longer holds.
        Reopened = "reopened", "Pratica riaperta";
    }
}

coded! {
    /// What the consular system reports.
    pub enum ConsularReport as "consular report" {
        /// Its checks on the visa application are concluded (art. 22 c. 5-quinquies D.Lgs. 286/1998).
        ChecksConcluded = "checks-concluded", "Accertamenti conclusi";
        /// The visa is issued.
        VisaIssued = "visa-issued", "Visto rilasciato";
        /// The visa is denied.
        VisaRefused = "visa-refused", "Visto negato";
    }
}

impl ConsularReport {
    /// The event of the lifecycle.
    pub const fn event(self) -> Event {
        match self {
            Self::ChecksConcluded => Event::ReportChecks,
            Self::VisaIssued => Event::IssueVisa,
            Self::VisaRefused => Event::RefuseVisa,
        }
    }

    /// The right that it needs.
    pub const fn action(self) -> Action {
        match self {
            Self::ChecksConcluded => Action::ReportChecks,
            Self::VisaIssued | Self::VisaRefused => Action::ReportVisa,
        }
    }

    /// Whether a report that the state does not take now may be taken later: some way of the lifecycle leads on to a
    /// state that takes it. Where none does it is true already, or overtaken, and sending it again would never help.
    ///
    /// A revocation is no way on, although a court may reopen the case behind it: what was reported before stays so.
    pub fn is_early(self, state: State) -> bool {
        let mut reached = BTreeSet::from([state]);
        loop {
            let next: BTreeSet<_> = TRANSITIONS
                .iter()
                .filter(|row| reached.contains(&row.from) && row.event != Event::Revoke)
                .map(|row| row.to)
                .collect();
            if next.is_subset(&reached) {
                break;
            }
            reached.extend(next);
        }
        state.on(self.event()).is_err()
            && reached.into_iter().any(|state| state.on(self.event()).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{coded::check::codes_lead_back, lifecycle::consequence::Consulate};

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(ConsularDecision::ALL, ConsularDecision::label);
        codes_lead_back(ConsularReport::ALL, ConsularReport::label);
    }

    /// CNF-1: the portal asks again for a report that comes too early, not for one that is true already or overtaken.
    #[test]
    fn a_report_is_early_as_long_as_a_way_leads_to_a_state_that_takes_it() {
        use ConsularReport as R;
        use State as S;
        for (report, early, not_early) in [
            (
                R::ChecksConcluded,
                &[S::Submitted, S::InReview, S::IntegrationRequested, S::BlockedAfterSending][..],
                &[S::Granted, S::AwaitingConfirmation, S::Confirmed, S::Refused, S::Archived][..],
            ),
            (
                R::VisaIssued,
                &[S::Granted, S::AwaitingConfirmation, S::Renouncing, S::ExpiredToVerify][..],
                &[S::Confirmed, S::VisaIssued, S::EntryReported, S::ContractSent, S::Renounced][..],
            ),
            (
                R::VisaRefused,
                &[S::Submitted, S::AwaitingConfirmation, S::Renouncing, S::Revoked][..],
                &[S::Granted, S::Confirmed, S::VisaIssued, S::ModulesIssued, S::Archived][..],
            ),
        ] {
            for state in early {
                assert!(report.is_early(*state), "{report} at {state}");
            }
            for state in not_early {
                assert!(!report.is_early(*state), "{report} at {state}");
            }
        }
    }

    /// CNF-1: a renunciation reaches the consulate only when it can no longer be undone.
    #[test]
    fn nothing_is_told_while_a_renunciation_can_be_undone() {
        let told = |event: Event| event.consequences().consulate;
        assert_eq!(told(Event::Renounce), Consulate::Nothing);
        assert_eq!(told(Event::UndoRenunciation), Consulate::Nothing);
        assert_eq!(told(Event::CompleteRenunciation), Consulate::Told(ConsularDecision::Renounced));
        // CNF-4: the consulate learns of an expiry when an officer confirms it, or after two days.
        assert_eq!(told(Event::Expire), Consulate::Nothing);
    }
}
