//! What the consular system (MAECI) learns of an application, and what it reports (CNF-1, ENT-1).

use crate::{coded::coded, lifecycle::Event};

coded! {
    /// What is told to the consular system.
    pub enum ConsularDecision as "consular decision" {
        /// The employer confirmed: the visa may be issued.
        Confirmed = "confirmed", "Confermata";
        /// The employer renounced, for good.
        Renounced = "renounced", "Rinunciata";
        /// Nobody answered in time: no visa.
        NotConfirmed = "not-confirmed", "Non confermata";
        /// The permit is revoked.
        Revoked = "revoked", "Nulla osta revocato";
        /// The permit ended unused.
        Lapsed = "lapsed", "Nulla osta scaduto";
        /// The office took the case up again: what was told before does not hold.
        Reopened = "reopened", "Pratica riaperta";
    }
}

impl ConsularDecision {
    /// What an event is to the consular system; nothing before it knows of the application.
    pub fn of(event: Event, was_granted: bool) -> Option<Self> {
        match event {
            Event::Confirm => Some(Self::Confirmed),
            Event::CompleteRenunciation => Some(Self::Renounced),
            Event::Withdraw if was_granted => Some(Self::Renounced),
            Event::ConfirmExpiry => Some(Self::NotConfirmed),
            Event::Revoke => Some(Self::Revoked),
            Event::Lapse => Some(Self::Lapsed),
            Event::ReopenCase => Some(Self::Reopened),
            _ => None,
        }
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(ConsularDecision::ALL, ConsularDecision::label);
        codes_lead_back(ConsularReport::ALL, ConsularReport::label);
    }

    /// CNF-1: a renunciation reaches the consulate only when it can no longer be undone.
    #[test]
    fn nothing_is_told_while_a_renunciation_can_be_undone() {
        assert_eq!(ConsularDecision::of(Event::Renounce, true), None);
        assert_eq!(ConsularDecision::of(Event::UndoRenunciation, true), None);
        assert_eq!(
            ConsularDecision::of(Event::CompleteRenunciation, true),
            Some(ConsularDecision::Renounced)
        );
        // CNF-4: an expiry is told when a person, or two days, have found that it stands.
        assert_eq!(ConsularDecision::of(Event::Expire, true), None);
    }
}
