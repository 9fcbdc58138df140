//! The administrator grants a request: who becomes operator, who contact, who is told, and when nothing is granted.

use domain::{
    enabling::{EnablingCase, EnablingKind, EnablingStage},
    ids::{EnablingId, OrganisationId},
    letter::LetterKind,
    organisation::{BasisKind, OrganisationKind},
};
use jiff::SignedDuration;
use scenes::rome;
use store::{accounts::Membership, enabling::EnablingForm};

use super::*;
use crate::tests::carla;

fn account(byte: u8) -> AccountId {
    AccountId::keyed(&[byte; 32])
}

fn foggia() -> OrganisationId {
    OrganisationId::from_random([1; 16])
}

fn now() -> Timestamp {
    rome("2026-01-12 09:00")
}

/// A row of form 8.
fn row(byte: u8, surname: &str) -> NamedOperator {
    NamedOperator {
        account: account(byte),
        surname: surname.to_owned(),
        name: "ANNA".to_owned(),
        birth_date: "1980-01-01".to_owned(),
        email: format!("{}@comune.example", surname.to_lowercase()),
        fiscal_code: "RSSNNA80A41D643U".to_owned(),
        outcome: None,
    }
}

/// Carla asks for Rossi (account 1) and Verdi (account 2); an administrator presses *Abilita*.
fn request(kind: EnablingKind) -> EnablingRequest {
    let form = EnablingForm {
        organisation: foggia(),
        organisation_kind: OrganisationKind::Municipality,
        name: "Comune di Foggia".to_owned(),
        fiscal_code: "00363460718".to_owned(),
        address: "Corso Garibaldi 58, 71121 Foggia".to_owned(),
        basis: BasisKind::PublicTask,
        reference: String::new(),
        contact_role: "Dirigente".to_owned(),
        contact_phone: "0881 792111".to_owned(),
        contact_email: "carla@comune.example".to_owned(),
        legal_representative: None,
        operators: vec![row(1, "ROSSI"), row(2, "VERDI")],
    };
    EnablingRequest {
        id: EnablingId::from_random([3; 16]),
        case: EnablingCase {
            kind,
            stage: EnablingStage::Enabled,
            version: 2,
            province: "FG".to_owned(),
            requester: carla(None).id,
            named: form.named(),
            deciders: vec![account(8)],
        },
        form,
        submitted: now() - SignedDuration::from_hours(24),
        changed: now(),
    }
}

/// Nothing is recorded, and Carla has signed in.
fn unknown() -> Known {
    Known { requester: Some(carla(Some("BNCCRL80A41D643O"))), ..Known::default() }
}

fn works_for(organisation: &OrganisationId, role: Role) -> Person {
    let membership = Membership {
        role: role.code().to_owned(),
        profile: "organisation".to_owned(),
        organisation: Some(organisation.clone()),
        province: None,
        from: 0,
        until: None,
        listing: None,
    };
    Person { membership: Some(membership), ..Person::default() }
}

fn signed_in_as(email: Option<&str>) -> Person {
    Person { signed_in: true, email: email.map(str::to_owned), ..Person::default() }
}

fn outcomes(enabling: &Enabling) -> Vec<Option<RowOutcome>> {
    enabling.request.form.operators.iter().map(|row| row.outcome).collect()
}

/// Who joins, by account and role.
fn joined(enabling: &Enabling) -> Vec<(AccountId, Role)> {
    let by = account(8);
    let joining = enabling.joining(&by).unwrap();
    joining.people.iter().map(|person| (person.account.clone(), person.role)).collect()
}

fn told(enabling: &Enabling) -> Vec<(LetterKind, String)> {
    let carla = Recipient::Requester("carla@comune.example".to_owned());
    let letters = enabling.letters(Some(&carla)).unwrap();
    letters.iter().map(|letter| (letter.kind, letter.to.reveal().to_owned())).collect()
}

/// ORG-3: Rossi, who has signed in under the address of the list, reads for whom she works; to Verdi, whose address Carla only
/// typed, the letter says that it stands in the portal.
#[test]
fn an_operator_reads_the_name_of_the_body_at_the_own_address_alone() {
    let mut known = unknown();
    known.people.insert(account(1), signed_in_as(Some("Rossi@comune.example")));
    known.people.insert(account(2), signed_in_as(Some("verdi.bruno@posta.example")));
    let enabling = Enabling::decide(request(EnablingKind::Municipality), &known).unwrap();
    let letters = enabling.letters(None).unwrap();
    let told: Vec<_> = letters
        .iter()
        .map(|letter| (letter.to.reveal(), letter.facts["organisation"].as_str()))
        .collect();
    let [rossi, verdi] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(*rossi, ("rossi@comune.example", "Comune di Foggia"));
    assert_eq!(verdi.0, "verdi@comune.example");
    assert!(!verdi.1.contains("Foggia") && verdi.1.contains("nel portale"), "{}", verdi.1);
}

/// What Carla typed leaves for no address that she only typed.
#[test]
fn an_address_that_was_only_typed_reads_no_word_that_was_typed() {
    let enabling = Enabling::decide(request(EnablingKind::Municipality), &unknown()).unwrap();
    let typed = Recipient::Typed("chiunque@example.it".to_owned());
    let letters = enabling.letters(Some(&typed)).unwrap();
    let to_typed: Vec<_> =
        letters.iter().filter(|letter| letter.to.reveal() == "chiunque@example.it").collect();
    assert_eq!(to_typed.len(), 1);
    let told = format!("{:?}", to_typed[0].facts);
    assert!(!told.contains("ROSSI") && !told.contains(&enabling.request.form.name), "{told}");
    assert!(told.contains("nel portale"), "{told}");
    // The hour's letters to that address have left: the operators are told all the same.
    let fewer = enabling.letters(None).unwrap();
    assert_eq!(fewer.len() + 1, letters.len());
}

/// ORG-3: operators of a municipality are enabled by their codes alone; each is told, and Carla, who asked, keeps the list.
#[test]
fn a_new_municipality_gets_its_operators_and_a_contact() {
    let enabling = Enabling::decide(request(EnablingKind::Municipality), &unknown()).unwrap();
    assert_eq!(outcomes(&enabling), [Some(RowOutcome::Enabled); 2]);
    assert_eq!(
        joined(&enabling),
        [
            (account(1), Role::Operator),
            (account(2), Role::Operator),
            (carla(None).id, Role::OrganisationContact),
        ]
    );
    let by = account(8);
    let joining = enabling.joining(&by).unwrap();
    assert!(joining.is_new);
    assert_eq!((joining.at, joining.organisation.basis.from), (now(), now()));
    assert_eq!(
        told(&enabling),
        [
            (LetterKind::OperatorEnabled, "rossi@comune.example".to_owned()),
            (LetterKind::OperatorEnabled, "verdi@comune.example".to_owned()),
            (LetterKind::OperatorsEnabledList, "carla@comune.example".to_owned()),
        ]
    );
}

/// ORG-1: forms 7 and 8 enable an operator who has signed in under the same address; the others stay out with a reason.
#[test]
fn an_operator_of_an_association_has_signed_in_under_the_same_address() {
    let mut known = unknown();
    known.people.insert(account(1), signed_in_as(Some("Rossi@comune.example")));
    let enabling = Enabling::decide(request(EnablingKind::Organisation), &known).unwrap();
    assert_eq!(outcomes(&enabling), [Some(RowOutcome::Enabled), Some(RowOutcome::NeverSignedIn)]);
    let contact = (carla(None).id, Role::OrganisationContact);
    assert_eq!(joined(&enabling), [(account(1), Role::Operator), contact]);
    assert_eq!(told(&enabling).len(), 2, "Verdi gets no letter, the list says why");
    known.people.insert(account(2), signed_in_as(None));
    let enabling = Enabling::decide(request(EnablingKind::Organisation), &known).unwrap();
    assert_eq!(outcomes(&enabling)[1], Some(RowOutcome::OtherAddress));
}

/// Where no row is right nothing is decided: the administrator refuses with a reason instead.
#[test]
fn nobody_is_enabled_where_no_row_is_right() {
    let mut known = unknown();
    let refused = Enabling::decide(request(EnablingKind::Organisation), &known).unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::NobodyEnabled);
    let elsewhere = OrganisationId::from_random([2; 16]);
    for byte in [1, 2] {
        known.people.insert(account(byte), works_for(&elsewhere, Role::Operator));
    }
    let refused = Enabling::decide(request(EnablingKind::Municipality), &known).unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::NobodyEnabled);
}

/// ORG-3: a requester who stands in the own list keeps no list.
#[test]
fn a_requester_in_the_own_list_becomes_operator_and_not_contact() {
    let mut request = request(EnablingKind::Municipality);
    request.case.requester = account(1);
    let enabling = Enabling::decide(request, &unknown()).unwrap();
    assert_eq!(joined(&enabling), [(account(1), Role::Operator), (account(2), Role::Operator)]);
}

/// A requester who works for another organisation by now could not keep the list.
#[test]
fn a_request_whose_requester_works_elsewhere_is_not_granted() {
    let mut known = unknown();
    let elsewhere = OrganisationId::from_random([2; 16]);
    known.people.insert(carla(None).id, works_for(&elsewhere, Role::OrganisationContact));
    let refused = Enabling::decide(request(EnablingKind::Municipality), &known).unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::NobodyEnabled);
    assert!(refused.text().contains("respingila"), "{}", refused.text());
}

fn recorded(until: Option<Timestamp>) -> Known {
    let mut organisation = organisation(&request(EnablingKind::Municipality), now());
    organisation.basis.from = now() - SignedDuration::from_hours(24);
    organisation.basis.until = until;
    Known { organisation: Some(organisation), ..unknown() }
}

/// ORG-2: an organisation that an administrator recorded meanwhile has the contact of the recording alone.
#[test]
fn a_recorded_organisation_gets_no_second_contact() {
    let enabling = Enabling::decide(request(EnablingKind::Municipality), &recorded(None)).unwrap();
    assert_eq!(joined(&enabling), [(account(1), Role::Operator), (account(2), Role::Operator)]);
    let by = account(8);
    assert!(!enabling.joining(&by).unwrap().is_new);
}

/// A repetition for an operator changes nothing for that person.
#[test]
fn an_operator_of_the_organisation_stays_one() {
    let mut known = recorded(None);
    known.people.insert(account(1), works_for(&foggia(), Role::Operator));
    let enabling = Enabling::decide(request(EnablingKind::Municipality), &known).unwrap();
    assert_eq!(outcomes(&enabling), [Some(RowOutcome::AlreadyOperator), Some(RowOutcome::Enabled)]);
    assert_eq!(joined(&enabling), [(account(2), Role::Operator)]);
}

/// ORG-2: a membership ends with the basis, and nobody is enabled after it.
#[test]
fn operators_stay_until_the_basis_ends() {
    let end = now() + SignedDuration::from_millis(1);
    let enabling =
        Enabling::decide(request(EnablingKind::Municipality), &recorded(Some(end))).unwrap();
    let by = account(8);
    assert!(enabling.joining(&by).unwrap().people.iter().all(|person| person.until == Some(end)));
    let refused =
        Enabling::decide(request(EnablingKind::Municipality), &recorded(Some(now()))).unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::BasisEnded);
}

/// ORG-1: a step that only hands the request on enables nobody and writes to nobody.
#[test]
fn a_step_that_enables_nobody_joins_nobody_and_tells_nobody() {
    let enabling = Enabling::of_nobody(request(EnablingKind::Organisation));
    assert!(enabling.joining(&account(8)).is_none());
    assert_eq!(told(&enabling), []);
    assert_eq!(outcomes(&enabling), [None, None]);
}
