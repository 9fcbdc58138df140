//! An administrator records an organisation with its basis and its contact (ORG-2).

use domain::{
    letter::LetterContent,
    organisation::{
        FirstSignIn, ListedPerson, Objection, OrganisationAction, OrganisationKind,
        OrganisationRelation, RowOutcome, may,
    },
    permission::Role,
};
use edge::{
    http::{self, ApiRequest, Problem, ProblemKind},
    letters::letter,
};
use jiff::Timestamp;
use lambda_http::{Body, Response};
use store::{
    accounts::Account,
    contention::{Tries, none_on_conflict},
    organisations::{Joining, Operator, Organisation},
    sessions::Caller,
};

use crate::{
    App, end_sessions_with_basis,
    request::{NewOrganisation, OrganisationBody},
    view::OrganisationView,
};

/// An administrator records a national body with its basis and its contact; a further contact is added the same way.
///
/// What is recorded already, by an administrator or with its first request, stays as it is: the answer shows it.
#[utoipa::path(
    post, path = "/api/organisations", operation_id = "recordOrganisation",
    request_body = OrganisationBody,
    responses(
        (status = 201, description = "Recorded, or recorded before, with this contact; the same for a repetition", body = OrganisationView),
        (status = 409, description = "Recorded as another kind, its basis is over, or the contact works for it or for another organisation"),
    )
)]
pub(crate) async fn record(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_change(request).await?;
    require_role(caller.role)?;
    let recording = NewOrganisation::read(request)?;
    let now = request.arrival;
    let proposed = recording.organisation(&app.keying, now);
    let contact = recording.contact.operator(&app.keying, Role::OrganisationContact, now);
    if contact.account == caller.account {
        return Err(Problem::new(ProblemKind::NotAllowed)
            .detail("Non puoi nominare te stesso referente: deve farlo un altro amministratore."));
    }
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let recorded = app.store.organisations.find(&proposed.id).await?;
        let is_new = recorded.is_none();
        let organisation = recorded.unwrap_or_else(|| proposed.clone());
        require_same_kind_and_basis(&organisation, proposed.kind, now)?;
        match outcome_of_contact(app, &organisation, &contact, now).await? {
            RowOutcome::Enabled => {}
            // A repetition, or a double click.
            RowOutcome::IsContact => return recorded_view(&organisation, &caller, now),
            other => return Err(no_contact(other)),
        }
        let contact = Operator { until: organisation.basis.until, ..contact.clone() };
        let identity = app.store.accounts.find(&contact.account).await?;
        let list = first_list(&organisation, &recording.contact_email, identity.as_ref());
        let letter = letter(&recording.contact_email, list)?;
        end_sessions_with_basis(app, &organisation, &contact.account).await?;
        let joining = Joining {
            organisation: &organisation,
            is_new,
            people: std::slice::from_ref(&contact),
            by: &caller.account,
            at: now,
            by_list: None,
        };
        if none_on_conflict(app.store.organisations.join(&joining, letter.as_slice()).await)?
            .is_some()
        {
            return recorded_view(&organisation, &caller, now);
        }
    }
}

/// Administrators record organisations; everybody else asks for the enabling of operators.
pub(crate) fn require_role(role: Role) -> Result<(), Problem> {
    if may(role, OrganisationRelation::Stranger, OrganisationAction::Record) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::NotAllowed).detail(
        "Le organizzazioni le registra un amministratore del portale. Per abilitare gli operatori della tua, presenta una richiesta di abilitazione.",
    ))
}

/// What is recorded stays as it is: it must be of the same kind, and its basis must not be over.
pub(crate) fn require_same_kind_and_basis(
    organisation: &Organisation,
    kind: OrganisationKind,
    now: Timestamp,
) -> Result<(), Problem> {
    if organisation.kind != kind {
        return Err(Problem::new(ProblemKind::OrganisationRecorded).detail(format!(
            "Con questo codice fiscale è già registrata un'organizzazione di un altro tipo ({}): controlla i dati nella sua scheda.",
            organisation.kind.label()
        )));
    }
    if organisation.basis.has_ended(now) {
        return Err(Problem::new(ProblemKind::BasisEnded));
    }
    Ok(())
}

/// What the named contact is to the organisation so far, judged as the store's condition judges it ([`Joining`]).
async fn outcome_of_contact(
    app: &App,
    organisation: &Organisation,
    contact: &Operator,
    now: Timestamp,
) -> Result<RowOutcome, Problem> {
    let people =
        app.store.organisations.people(std::slice::from_ref(&contact.account), None).await?;
    let works_for = people.get(&contact.account).and_then(|person| person.works_for(now));
    let listed = ListedPerson {
        works_for,
        first_sign_in: FirstSignIn::NotNeeded,
        objection: Objection::None,
    };
    Ok(RowOutcome::of(&organisation.id, listed))
}

/// What the contact reads: the body's name, which an administrator typed, where the address is that of the contact's own
/// identity (ADR 33).
pub(crate) fn first_list(
    organisation: &Organisation,
    address: &str,
    identity: Option<&Account>,
) -> LetterContent {
    let own = identity.map(|account| account.email.as_deref());
    match FirstSignIn::compare(address, own) {
        FirstSignIn::SameAddress => LetterContent::operators_list(&organisation.name, []),
        FirstSignIn::NotNeeded | FirstSignIn::Never | FirstSignIn::OtherAddress => {
            LetterContent::contact_recorded_elsewhere()
        }
    }
}

/// Why a person cannot become the contact.
pub(crate) fn no_contact(outcome: RowOutcome) -> Problem {
    let problem = Problem::new(ProblemKind::NotAllowed);
    if outcome == RowOutcome::AlreadyOperator {
        problem.detail(
            "La persona indicata è operatore di questa organizzazione, e chi tiene l'elenco non può esserlo. Comunica prima la sua cessazione come operatore, oppure indica un'altra persona.",
        )
    } else {
        problem.detail(format!("Il referente indicato non può esserlo. {}.", outcome.label()))
    }
}

fn recorded_view(
    organisation: &Organisation,
    caller: &Caller,
    now: Timestamp,
) -> Result<Response<Body>, Problem> {
    let belonging = OrganisationRelation::of(&organisation.id, caller.organisation.as_ref());
    http::json(201, &OrganisationView::of(organisation, caller.role, belonging, now))
}
