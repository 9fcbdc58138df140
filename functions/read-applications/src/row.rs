//! The row of an application: its head, the decree in force, and as much of its content as the caller may see.

use std::{collections::HashMap, sync::Arc};

use domain::{
    application::{Application, Stage},
    calendar,
    campaign::{Activity, Campaign, Opening},
    decision::Context,
    form::Schema,
    ids::ApplicationId,
    lifecycle::State,
    permission::Action,
    readiness::{Awaited, Summary},
};
use edge::{
    access::{ActionView, ApplicationAccess, HoldView, TermView},
    http::{ApiRequest, Problem},
};
use futures::future::try_join_all;
use jiff::Timestamp;
use store::{questions::Question, rows::StoreError};

use crate::{
    App, term_and_hold_in,
    view::{ActivationView, ApplicationView, MissingField},
};

/// Drafts that are read whole at once, where they were filled in before there were summaries.
const TOGETHER: usize = 16;

/// An application with what its row needs.
#[derive(Debug)]
pub(crate) struct Row {
    /// The head, and how the caller stands to it.
    pub(crate) access: ApplicationAccess,
    campaign: Option<Arc<Campaign>>,
    /// Why the section cannot even be read now (CAL-2).
    closed: Option<Opening>,
    summary: Option<Summary>,
    activation: Option<ActivationView>,
    term: Option<TermView>,
    hold: Option<HoldView>,
    /// The arrival of the request.
    arrival: Timestamp,
}

impl Row {
    /// The rows of these, in their order, with one request to the store for a hundred of them.
    pub(crate) async fn all(
        app: &App,
        request: &ApiRequest,
        access: Vec<ApplicationAccess>,
    ) -> Result<Vec<Self>, Problem> {
        let mut rows = Vec::with_capacity(access.len());
        for access in access {
            let campaign =
                app.store.campaigns.in_force(&access.head.campaign, request.arrival).await?;
            let closed = campaign.as_ref().filter(|_| access.head.state().is_draft());
            let closed = closed.map(|campaign| {
                let now = campaign.effective_now(request.arrival);
                campaign.window(&access.head.model, Activity::Read, now)
            });
            let closed = closed.filter(|opening| !opening.is_open());
            let arrival = request.arrival;
            rows.push(Self {
                access,
                campaign,
                closed,
                summary: None,
                activation: None,
                term: None,
                hold: None,
                arrival,
            });
        }
        let wanted: Vec<&Application> =
            rows.iter().filter(|row| row.needs_content()).map(|row| &row.access.head).collect();
        let mut found = summaries(app, &wanted, request.arrival).await?;
        for row in &mut rows {
            row.summary = found.remove(&row.access.head.id);
        }
        Ok(rows)
    }

    /// What only rows that are shown need: how their codes stand and which term runs. A search looks at more rows than it
    /// shows.
    pub(crate) async fn add_what_runs(app: &App, rows: &mut [Self]) -> Result<(), Problem> {
        Self::add_activations(app, rows).await?;
        Self::add_terms(app, rows).await
    }

    /// How the codes stand of those that wait for one, for callers who may type it: nothing else tells three hundred such
    /// rows of one operator apart (ACT-1).
    async fn add_activations(app: &App, rows: &mut [Self]) -> Result<(), Problem> {
        let waits = |row: &Self| {
            row.access.head.state() == State::ToValidate
                && row.access.require(Action::VerifyCode).is_ok()
        };
        let ids: Vec<_> =
            rows.iter().filter(|row| waits(row)).map(|row| row.access.head.id.clone()).collect();
        let (codes, asked) = futures::try_join!(
            app.store.applications.activations(&ids),
            app.store.drafts.preliminaries(&ids)
        )?;
        for row in rows.iter_mut().filter(|row| waits(row)) {
            let id = &row.access.head.id;
            let Some(campaign) = &row.campaign else { continue };
            let rules = campaign.activation();
            let now = campaign.effective_now(row.arrival);
            row.activation = Some(ActivationView::of(codes.get(id), asked.get(id), rules, now));
        }
        Ok(())
    }

    async fn add_terms(app: &App, rows: &mut [Self]) -> Result<(), Problem> {
        let has_procedure = |row: &&mut Self| row.access.head.procedure().is_some();
        if !rows.iter_mut().any(|row| has_procedure(&row)) {
            return Ok(());
        }
        let outages = app.store.outages.all().await?;
        for row in rows.iter_mut().filter(has_procedure) {
            let Some(campaign) = &row.campaign else { continue };
            let now = campaign.effective_now(row.arrival);
            let context = Context { campaign, now, outages: &outages };
            (row.term, row.hold) = term_and_hold_in(&row.access.head, &context)?;
        }
        Ok(())
    }

    /// Names are for callers who may see the form; how far a draft is, for callers who may see that it exists.
    fn needs_content(&self) -> bool {
        let is_open_draft = matches!(self.access.head.stage, Stage::ToComplete { .. });
        self.closed.is_none() && (is_open_draft || self.may_see_form())
    }

    fn may_see_form(&self) -> bool {
        self.access.require(Action::ReadForm).is_ok()
    }

    /// What may be shown of the content's names.
    pub(crate) fn names(&self) -> Option<&Summary> {
        self.summary.as_ref().filter(|_| self.may_see_form())
    }

    /// What the caller may do, with what the calendar says to it (CAL-3).
    fn actions(&self) -> Vec<ActionView> {
        match &self.campaign {
            Some(campaign) => {
                self.access.actions_at(campaign, campaign.effective_now(self.arrival))
            }
            None => self.access.actions(),
        }
    }

    /// As it is shown: state, percent while it is filled in, what is late, what may be done.
    pub(crate) fn view(&self) -> ApplicationView {
        let head = &self.access.head;
        let mut view = ApplicationView::of(head, self.actions());
        let model = self.campaign.as_ref().and_then(|campaign| campaign.model(&head.model));
        view.model_label = model.map(|model| model.label().to_owned());
        if let Some(opening) = &self.closed {
            view.closed = opening.explanation(Activity::Read);
            if let Opening::Closed { opens_at: Some(opens_at), .. } = opening {
                view.reopens = Some(calendar::rfc3339(*opens_at));
            }
        }
        if let Some(names) = self.names() {
            view.worker = names.worker.shown();
            view.employer.clone_from(&names.employer);
            view.missing = MissingField::all(names, &head.schema);
        }
        view.activation.clone_from(&self.activation);
        view.term.clone_from(&self.term);
        view.hold.clone_from(&self.hold);
        if let (Stage::ToComplete { .. }, Some(summary)) = (&head.stage, &self.summary) {
            view.percent = Some(summary.percent);
            view.waiting_for = summary.awaited.iter().copied().map(question).collect();
        }
        view
    }
}

/// The summaries of these applications; a draft that was filled in before there were any is read whole.
pub(crate) async fn summaries(
    app: &App,
    heads: &[&Application],
    now: Timestamp,
) -> Result<HashMap<ApplicationId, Summary>, StoreError> {
    let ids: Vec<_> = heads.iter().map(|head| head.id.clone()).collect();
    let mut found = app.store.drafts.summaries(&ids).await?;
    let without: Vec<_> = heads
        .iter()
        .filter(|head| matches!(head.stage, Stage::ToComplete { .. }))
        .filter(|head| !found.contains_key(&head.id))
        .filter_map(|head| Schema::find(&head.schema).map(|schema| (&head.id, schema)))
        .collect();
    for together in without.chunks(TOGETHER) {
        let read = together.iter().map(|(id, _)| app.store.drafts.load(id));
        let drafts = try_join_all(read).await?;
        for ((id, schema), draft) in together.iter().zip(drafts) {
            let today = calendar::local_date(now);
            found.insert((*id).clone(), Summary::of(schema, &draft.values(), today));
        }
    }
    Ok(found)
}

/// The name of the question that brings these values.
pub(crate) fn question(awaited: Awaited) -> String {
    Question::Facts(awaited.registry, awaited.mode).name()
}
