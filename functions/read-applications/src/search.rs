//! *Ricerca domanda*: by identifier, worker, employer, decree, model, state and period, newest first (SRC-1).

use std::collections::BTreeMap;

use domain::{
    fiscal_code::{CompanyCode, PersonCode},
    ids::{ApplicationId, CampaignId, ModelId},
    lifecycle::State,
    search::{Employer, Filter, NamePrefix},
};
use edge::{
    access::ApplicationAccess,
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, Mistake, boolean, text, whole_number},
        page_query::{LARGEST_PAGE, USUAL_PAGE, WRONG_CURSOR, WRONG_LIMIT},
    },
};
use jiff::civil::Date;
use lambda_http::{Body, Response};
use outside::keying::Keying;

use crate::{
    App, NO_APPLICATIONS,
    part::{Part, Position},
    row::Row,
    view::{ApplicationList, Shape},
};

/// Rows whose names are looked at together.
const TOGETHER: usize = 100;

const NOTHING_FOUND: &str =
    "Nessuna domanda corrisponde alla ricerca: togli o correggi un criterio e riprova.";

/// What people read where the first thousands hold nothing, and more follow.
const NOTHING_YET: &str = "Nella parte di elenco letta finora nessuna domanda corrisponde: prosegui con la pagina seguente.";

const NAMES_NEED_LEVEL_2: &str = "Per cercare per nome o codice fiscale serve un'identità SPID di livello 2 o superiore, oppure la CIE. Con e-mail e password puoi cercare per numero della domanda, modello, stato o data.";

/// Searches the caller's applications; for operators those of their organisation. Names and codes travel in the body,
/// since URLs end in many logs.
#[utoipa::path(
    post, path = "/api/applications/search", operation_id = "searchApplications",
    request_body = SearchRequest,
    responses(
        (status = 200, description = "A page of applications, newest first within each thousand; with `next`, more may follow, also after a page that is short or empty", body = ApplicationList),
        (status = 403, description = "Level too low to search by name"),
        (status = 422, description = "Wrong fields, or a cursor of another search"),
    )
)]
pub(crate) async fn search(app: &App, request: &ApiRequest) -> Result<Response<Body>, Problem> {
    let caller = app.authenticator.authenticate_for_read(request).await?;
    let query = SearchQuery::read(&app.keying, request)?;
    let filter = &query.filter;
    if filter.looks_at_names() {
        // A caller who may not read a name must not find it out by searching either.
        caller
            .require_level_2()
            .map_err(|refused| Problem::from(refused).detail(NAMES_NEED_LEVEL_2))?;
    }
    let list = list_of(filter)?;
    let position = match &query.cursor {
        None => Position::default(),
        Some(cursor) => {
            let last = app.cursors.open(&caller.account, &list, cursor);
            let position = last.and_then(|last| Position::read(&last));
            position.ok_or_else(|| Problem::field("cursor", WRONG_CURSOR))?
        }
    };
    let mut part = match &filter.id {
        Some(id) => Part::one(app, &caller, id).await?,
        None => Part::of(app, &caller, &position).await?,
    };
    let mut found = std::mem::take(&mut part.all);
    let is_first_page = position == Position::default();
    let counts = is_first_page.then(|| counted(&found));
    let has_none = filter.id.is_none() && found.is_empty();
    found.retain(|access| position.is_before(access) && filter.fits(&access.head));

    let together = if filter.looks_at_names() { TOGETHER } else { query.limit + 1 };
    let mut page = Vec::new();
    for some in found.chunks(together) {
        let rows = Row::all(app, request, some.to_vec()).await?;
        page.extend(rows.into_iter().filter(|row| filter.fits_names(row.names())));
        if page.len() > query.limit {
            break;
        }
    }
    let has_more = page.len() > query.limit;
    page.truncate(query.limit);
    Row::add_what_runs(app, &mut page).await?;
    let next = match page.last().filter(|_| has_more) {
        Some(last) => Some(part.after_row(&last.access)),
        None => part.next,
    };
    let message = match &next {
        Some(_) if page.is_empty() => Some(NOTHING_YET),
        None if page.is_empty() && is_first_page && has_none => Some(NO_APPLICATIONS),
        None if page.is_empty() && is_first_page => Some(NOTHING_FOUND),
        Some(_) | None => None,
    };
    let next = next.map(|next| app.cursors.seal(&caller.account, &list, &next.text()));
    let message = message.map(str::to_owned);
    let applications = page.iter().map(Row::view).collect();
    query.shape.answer(&ApplicationList { applications, next, message, counts })
}

/// How many there are in each state.
fn counted(all: &[ApplicationAccess]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for access in all {
        *counts.entry(access.head.state().code()).or_default() += 1;
    }
    counts
}

/// What a cursor of this search is bound to, beside the caller.
fn list_of(filter: &Filter) -> Result<String, Problem> {
    let filter = serde_json::to_string(filter).map_err(|error| Problem::internal(&error))?;
    Ok(format!("search {filter}"))
}

/// What the client asks for.
struct SearchQuery {
    filter: Filter,
    limit: usize,
    cursor: Option<String>,
    shape: Shape,
}

impl SearchQuery {
    fn read(keying: &Keying, request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: SearchRequest = request.form()?;
        let worker = body.worker();
        let employer = body.employer().and_then(|typed| {
            employer(keying, &typed).or_else(|| body.refuse("employer", "non-valido", NO_LETTER))
        });
        let filter = Filter {
            id: body.id(),
            worker,
            employer,
            campaign: body.campaign(),
            model: body.model(),
            state: body.state(),
            sent: if body.has("sent") { body.sent() } else { None },
            created_from: body.created_from(),
            created_until: body.created_until(),
        };
        if let (Some(from), Some(until)) = (filter.created_from, filter.created_until)
            && until < from
        {
            body.refuse::<()>(
                "created_until",
                "non-valido",
                "Il giorno finale viene prima di quello iniziale.",
            );
        }
        let limit = if body.has("limit") { body.limit() } else { usize::try_from(USUAL_PAGE).ok() };
        let cursor = body.cursor();
        let shape = body.fields().unwrap_or(Shape::Whole);
        let limit = body.complete(limit)?;
        Ok(Self { filter, limit, cursor, shape })
    }
}

/// By fiscal code, where it is one, else by the beginning of the name.
fn employer(keying: &Keying, typed: &str) -> Option<Employer> {
    let typed = typed.trim();
    let company = typed.parse::<CompanyCode>().ok().map(|code| keying.company(&code));
    let person = typed.parse::<PersonCode>().ok().map(|code| keying.person(&code));
    let owners: Vec<_> = company.into_iter().chain(person).collect();
    if owners.is_empty() {
        NamePrefix::of(typed).map(Employer::Named)
    } else {
        Some(Employer::Keyed(owners))
    }
}

const NO_LETTER: &str = "Scrivi almeno una lettera o una cifra.";
const DAY: &str = "Una data come 2026-01-31.";

form! {
    /// The body of a search; whatever is left out fits.
    pub(crate) struct SearchRequest {
        /// One application.
        id: ApplicationId = text()
            .pattern("^app_[0-9a-z]{26}$")
            .parsed("L'identificativo della domanda, come nel riepilogo.")
            .optional(),
        /// How surname or name of the worker begins, whatever its case and accents.
        worker: NamePrefix = text().checked(beginning).optional(),
        /// How the employer's name begins, or its whole fiscal code.
        employer: String = text().optional(),
        /// The decree, as in the calendar.
        campaign: CampaignId = text()
            .pattern("^[a-z0-9-]{1,40}$")
            .parsed("L'identificativo del decreto, come nel calendario.")
            .optional(),
        /// The model, as in the calendar.
        model: ModelId = text()
            .pattern("^[a-z0-9-]{1,40}$")
            .parsed("L'identificativo del modello, come nel calendario.")
            .optional(),
        /// State code.
        state: State = text().parsed("Il codice di uno stato della domanda.").optional(),
        /// Only those that were sent, whatever became of them since, or only those that were not.
        sent: bool = boolean().sometimes(),
        /// Created on this day in Rome or later.
        created_from: Date = text().format("date").parsed(DAY).optional(),
        /// Created on this day in Rome or earlier.
        created_until: Date = text().format("date").parsed(DAY).optional(),
        /// How many, 20 when not given.
        limit: usize = whole_number(1, Some(100)).checked(limit).sometimes(),
        /// Where the page before ended; good for the same search of the same person.
        cursor: String = text().optional(),
        /// `row` leaves out of each application what a table does not show: the digest, what is missing or awaited, and every null.
        fields: Shape = text().codes(|| vec!["row"]).checked(shape).optional(),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn beginning(typed: String) -> Result<NamePrefix, Mistake> {
    NamePrefix::of(&typed).ok_or_else(|| Mistake::invalid(NO_LETTER))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn shape(typed: String) -> Result<Shape, Mistake> {
    Shape::named(Some(&typed)).ok_or_else(|| Mistake::invalid("Scrivi row, oppure togli il campo."))
}

fn limit(number: u64) -> Result<usize, Mistake> {
    let largest = usize::try_from(LARGEST_PAGE).unwrap_or_default();
    let limit = usize::try_from(number).ok().filter(|limit| (1..=largest).contains(limit));
    limit.ok_or_else(|| Mistake::invalid(WRONG_LIMIT))
}
