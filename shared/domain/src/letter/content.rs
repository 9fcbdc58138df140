//! What the letters about organisations say: to requesters, operators and contacts (ORG-1, ORG-3, ORG-4).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::LetterKind;
use crate::{
    calendar,
    enabling::{EnablingKind, EnablingStage},
    ids::{AccountId, EnablingId},
    organisation::RowOutcome,
};

/// The kind of a letter with the facts that its template names ([`LetterKind::facts`]). Personal: it has no `Display`.
#[derive(Clone, Eq, PartialEq)]
pub struct LetterContent {
    kind: LetterKind,
    facts: BTreeMap<String, String>,
}

impl std::fmt::Debug for LetterContent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("LetterContent").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl LetterContent {
    /// To the former address: its account is linked to an identity of SPID or CIE now (IDP-2).
    pub fn account_linked(former: &AccountId) -> Self {
        Self::new(LetterKind::AccountLinked, &[("account", former.as_str())])
    }

    /// To both addresses: the link was undone (IDP-2).
    pub fn link_undone(former: &AccountId) -> Self {
        Self::new(LetterKind::LinkUndone, &[("account", former.as_str())])
    }

    /// To the requester: the request to enable operators has arrived. The organisation's name, which the requester
    /// typed, goes to the requester's own address alone.
    pub fn enabling_received(
        request: &EnablingId,
        kind: EnablingKind,
        organisation: Option<&str>,
    ) -> Self {
        Self::new(
            LetterKind::EnablingReceived,
            &[("request", request.as_str()), ("subject", &subject(kind, organisation))],
        )
    }

    /// To the requester: the request has come to its end, with the reason that the office gave. Name and reason go to the
    /// requester's own address alone.
    pub fn enabling_decided(
        request: &EnablingId,
        kind: EnablingKind,
        organisation: Option<&str>,
        stage: EnablingStage,
        reason: Option<&str>,
    ) -> Self {
        let reason = reason.map(|reason| format!("\nMotivo: {reason}")).unwrap_or_default();
        Self::new(
            LetterKind::EnablingDecided,
            &[
                ("request", request.as_str()),
                ("subject", &subject(kind, organisation)),
                ("outcome", stage.label()),
                ("reason", &reason),
            ],
        )
    }

    /// To an operator: enabled for this organisation.
    pub fn operator_enabled(organisation: &str) -> Self {
        Self::new(LetterKind::OperatorEnabled, &[("organisation", &one_line(organisation))])
    }

    /// The same to an address that somebody else typed: without a word that a person typed (ADR 33).
    pub fn operator_enabled_elsewhere() -> Self {
        let organisation = "l'ente che ti ha indicato (ne leggi il nome nel portale)";
        Self::new(LetterKind::OperatorEnabled, &[("organisation", organisation)])
    }

    /// To the contact: who is enabled, and who is not and why (ORG-3). A row is surname, name and outcome.
    pub fn operators_list<'a>(
        organisation: &str,
        rows: impl IntoIterator<Item = (&'a str, &'a str, Option<RowOutcome>)>,
    ) -> Self {
        let (enabled, others): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(_, _, outcome)| outcome.is_some_and(RowOutcome::is_operator));
        let mut lines: Vec<String> = enabled
            .iter()
            .map(|(surname, name, _)| one_line(&format!("- {surname} {name}")))
            .collect();
        if lines.is_empty() {
            lines.push("Nessun operatore ancora: trasmetti l'elenco nel portale.".to_owned());
        }
        if !others.is_empty() {
            lines.push(String::new());
            lines.push("Non abilitati:".to_owned());
            lines.extend(others.iter().map(|(surname, name, outcome)| {
                let why = outcome.map(RowOutcome::label).unwrap_or_default();
                one_line(&format!("- {surname} {name}: {why}"))
            }));
        }
        Self::new(
            LetterKind::OperatorsEnabledList,
            &[("organisation", &one_line(organisation)), ("operators", &lines.join("\n"))],
        )
    }

    /// The same to an address that is not the requester's own: without a word that a person typed.
    pub fn operators_list_elsewhere() -> Self {
        let list = "L'elenco con l'esito di ogni persona è nel portale, nella richiesta.";
        Self::new(
            LetterKind::OperatorsEnabledList,
            &[("organisation", "l'organizzazione della richiesta"), ("operators", list)],
        )
    }

    /// To a contact whom an administrator recorded, at an address that is not known to be theirs (ORG-2, ADR 33).
    pub fn contact_recorded_elsewhere() -> Self {
        let organisation = "l'organizzazione di cui sei referente (ne leggi il nome nel portale)";
        Self::operators_list(organisation, [])
    }

    /// To an operator: access ends at this instant (ORG-4).
    pub fn operator_left(organisation: &str, until: Timestamp) -> Self {
        Self::new(
            LetterKind::OperatorLeft,
            &[("organisation", &one_line(organisation)), ("from", &calendar::in_words(until))],
        )
    }

    fn new(kind: LetterKind, facts: &[(&str, &str)]) -> Self {
        let facts =
            facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { kind, facts }
    }

    /// What the letter tells.
    pub const fn kind(&self) -> LetterKind {
        self.kind
    }

    /// What its text names, by the marks of its template.
    pub const fn facts(&self) -> &BTreeMap<String, String> {
        &self.facts
    }

    /// The same, to be stored.
    pub fn into_facts(self) -> BTreeMap<String, String> {
        self.facts
    }
}

fn subject(kind: EnablingKind, organisation: Option<&str>) -> String {
    match organisation {
        Some(organisation) => format!("{} – {}", kind.label(), one_line(organisation)),
        None => kind.label().to_owned(),
    }
}

/// A name in a letter is one line of what can be seen: a name that breaks the line could pass for our own text.
fn one_line(text: &str) -> String {
    let visible: String =
        text.chars().map(|symbol| if symbol.is_control() { ' ' } else { symbol }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter whose template names what is missing would never leave.
    #[test]
    fn every_letter_has_exactly_the_facts_of_its_template() {
        let request = EnablingId::from_random([1; 16]);
        let kind = EnablingKind::Municipality;
        let refused = EnablingStage::Refused;
        for content in [
            LetterContent::account_linked(&AccountId::keyed(&[1; 32])),
            LetterContent::link_undone(&AccountId::keyed(&[1; 32])),
            LetterContent::enabling_received(&request, kind, Some("Comune di Foggia")),
            LetterContent::enabling_decided(
                &request,
                kind,
                Some("Comune di Foggia"),
                refused,
                Some("x"),
            ),
            LetterContent::enabling_decided(
                &request,
                kind,
                Some("Comune di Foggia"),
                refused,
                None,
            ),
            LetterContent::operator_enabled("Comune di Foggia"),
            LetterContent::operator_enabled_elsewhere(),
            LetterContent::operators_list("Comune di Foggia", []),
            LetterContent::operators_list_elsewhere(),
            LetterContent::contact_recorded_elsewhere(),
            LetterContent::operator_left("Comune di Foggia", Timestamp::UNIX_EPOCH),
        ] {
            let mut needed = content.kind().facts().to_vec();
            needed.sort_unstable();
            let given: Vec<&str> = content.facts().keys().map(String::as_str).collect();
            assert_eq!(given, needed, "{}", content.kind());
        }
    }

    /// ORG-3: the contact reads who may work and what to do about the others.
    #[test]
    fn the_contact_reads_who_is_enabled_and_why_the_others_are_not() {
        let content = LetterContent::operators_list(
            "Patronato Esempio",
            [
                ("ROSSI", "ANNA", Some(RowOutcome::Enabled)),
                ("VERDI", "BRUNO", Some(RowOutcome::NeverSignedIn)),
                ("BIANCHI", "CARLA", Some(RowOutcome::AlreadyOperator)),
            ],
        );
        assert_eq!(
            content.facts()["operators"],
            "- ROSSI ANNA\n- BIANCHI CARLA\n\nNon abilitati:\n- VERDI BRUNO: Non è mai entrato nel portale con SPID o \
             CIE: deve farlo una volta prima dell'abilitazione"
        );
        assert!(!format!("{content:?}").contains("ROSSI"));
    }

    /// What a stranger types as a name cannot pass for the portal's own text, and leaves for no address of others.
    #[test]
    fn a_name_stays_on_its_line_and_goes_to_the_own_address_alone() {
        let name = "Patronato\r\n\r\nChe cosa fare adesso: paga qui\u{0}\u{85}";
        let request = EnablingId::from_random([1; 16]);
        let kind = EnablingKind::Agency;
        let folded = "Patronato Che cosa fare adesso: paga qui";
        let content = LetterContent::enabling_received(&request, kind, Some(name));
        assert_eq!(content.facts()["subject"], format!("{} – {folded}", kind.label()));
        assert_eq!(LetterContent::operator_enabled(name).facts()["organisation"], folded);
        let list = LetterContent::operators_list(name, [("ROSSI\nPaga", "ANNA", None)]);
        assert_eq!(list.facts()["organisation"], folded);
        assert!(list.facts()["operators"].contains("- ROSSI Paga ANNA"));
        let elsewhere = LetterContent::enabling_received(&request, kind, None);
        assert_eq!(elsewhere.facts()["subject"], kind.label());
    }

    #[test]
    fn a_list_without_operators_says_what_to_do() {
        let content = LetterContent::operators_list("Patronato Esempio", []);
        assert!(content.facts()["operators"].contains("trasmetti l'elenco"));
    }

    #[test]
    fn a_refusal_is_told_with_its_reason() {
        let request = EnablingId::from_random([1; 16]);
        let content = LetterContent::enabling_decided(
            &request,
            EnablingKind::Agency,
            Some("Lavoro Foggia"),
            EnablingStage::Refused,
            Some("Il numero non risulta nell'albo."),
        );
        assert_eq!(content.facts()["outcome"], "Respinta");
        assert_eq!(content.facts()["reason"], "\nMotivo: Il numero non risulta nell'albo.");
        assert_eq!(content.facts()["subject"], "Agenzia per il lavoro – Lavoro Foggia");
    }
}
