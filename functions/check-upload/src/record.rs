//! What follows from a verdict: steps of the case, judged by what is stored now, and a notice to the employer whose
//! file came to nothing (CTR-1, AGR-1, CNF-2).

use domain::{
    application::{Application, Who},
    calendar,
    decision::{Context, Decision, StepError},
    document::{UploadPurpose, UploadState},
    ids::ApplicationId,
    lifecycle::{Event, State, agreement::AgreementEvent, consequence::Act},
};
use outside::clock;
use store::{
    applications::commit::Companion,
    rows::{SaveError, instant},
    uploads::{Reason, UploadRow},
};

use super::{App, CheckError};

/// What a verdict brings about.
#[derive(Debug)]
enum Outcome {
    /// The verdict and nothing else.
    Alone(Box<UploadRow>),
    /// One decision, or the arrival of the file where that was not written before, and then the verdict's.
    Decided { arrival: Option<Box<Decision>>, verdict: Box<Decision> },
}

/// Records a verdict with what follows from it. Tells what was done, or that another request was faster.
pub(crate) async fn record(
    app: &App,
    id: &ApplicationId,
    row: &UploadRow,
) -> Result<Result<&'static str, SaveError>, CheckError> {
    let head = app.store.applications.head(id).await?.ok_or(CheckError::Lacks("its head"))?;
    let campaign = app
        .store
        .campaigns
        .in_force(&head.campaign, clock::wall())
        .await?
        .ok_or(CheckError::Lacks("its campaign"))?;
    let outages = app.store.outages.all().await?;
    let now = campaign.effective_now(clock::wall());
    let context = Context { campaign: &campaign, now, outages: &outages };
    let outcome = outcome(&head, row, &context)?;
    if let Outcome::Alone(row) = &outcome {
        let saved = app
            .store
            .applications
            .commit_without_decision(&head, &[Companion::UploadVerdict(row)])
            .await;
        return Ok(saved.map(|()| row.state.code()));
    }
    for (decision, along) in writes(&outcome, row) {
        if let Err(error) = app.store.applications.commit(decision, &[along]).await {
            return Ok(Err(error));
        }
    }
    Ok(Ok(row.state.code()))
}

fn outcome(
    head: &Application,
    row: &UploadRow,
    context: &Context<'_>,
) -> Result<Outcome, CheckError> {
    match row.purpose {
        UploadPurpose::Contract => of_contract(head, row, context),
        UploadPurpose::Agreement => of_agreement(head, row, context),
        // The employer answers with it in a step of its own (DEC-1, art. 10-bis L. 241/1990); what a form asks for becomes a
        // value of the draft, which this function does not see (FRM-6, ADR 37).
        UploadPurpose::Integration | UploadPurpose::Objection | UploadPurpose::Field => {
            Ok(Outcome::Alone(Box::new(row.clone())))
        }
    }
}

fn sender(row: &UploadRow) -> Who {
    Who::Account(row.by.clone())
}

fn of_contract(
    head: &Application,
    row: &UploadRow,
    context: &Context<'_>,
) -> Result<Outcome, CheckError> {
    let is_good = row.state == UploadState::Accepted;
    // A file that replaces one that waits for the office does not change the state; a bad one leaves the good one where
    // it is.
    if head.state() == State::ContractSent {
        return Ok(if is_good {
            let verdict = head.note(Act::ReplaceContract, sender(row), context.now);
            Outcome::Decided { arrival: None, verdict: Box::new(verdict) }
        } else {
            Outcome::Alone(Box::new(row.clone()))
        });
    }
    let arrival = if head.state() == State::ContractUploaded {
        None
    } else {
        // Judged by the arrival of the request that fixed the content (CTR-1).
        let asked =
            instant(row.asked).map_err(|_| CheckError::Lacks("the instant of the upload"))?;
        match head.step(Event::UploadContract, sender(row), &Context { now: asked, ..*context }) {
            Ok(arrival) => Some(Box::new(arrival)),
            Err(error) => return left_behind(row, error),
        }
    };
    let arrived = arrival.as_ref().map_or(head, |arrival| arrival.after());
    match arrived.step(contract_event(row), Who::System, context) {
        Ok(verdict) => Ok(Outcome::Decided { arrival, verdict: Box::new(verdict) }),
        Err(error) => left_behind(row, error),
    }
}

fn of_agreement(
    head: &Application,
    row: &UploadRow,
    context: &Context<'_>,
) -> Result<Outcome, CheckError> {
    let arrival = head.agreement_step(AgreementEvent::Upload, sender(row), context);
    let arrival = arrival.ok().map(Box::new);
    let arrived = arrival.as_ref().map_or(head, |arrival| arrival.after());
    match arrived.agreement_step(agreement_event(row), Who::System, context) {
        Ok(verdict) => Ok(Outcome::Decided { arrival, verdict: Box::new(verdict) }),
        Err(error) => left_behind(row, error),
    }
}

fn contract_event(row: &UploadRow) -> Event {
    if row.state == UploadState::Accepted {
        Event::AcceptContractFile
    } else {
        Event::RefuseContractFile
    }
}

fn agreement_event(row: &UploadRow) -> AgreementEvent {
    if row.state == UploadState::Accepted {
        AgreementEvent::AcceptFile
    } else {
        AgreementEvent::RefuseFile
    }
}

/// The verdict about a file with which the case cannot go on. A file that passed does not reach the office either, so
/// the function refuses it in words of its own; a refused file keeps its reasons.
fn left_behind(row: &UploadRow, why: StepError) -> Result<Outcome, CheckError> {
    let mut row = row.clone();
    if row.state == UploadState::Accepted {
        row.state = UploadState::Refused;
        row.refusals = vec![not_transmitted(why)?];
        // It is no document of the case.
        row.file = None;
    }
    Ok(Outcome::Alone(Box::new(row)))
}

/// Why a file that passed does not reach the office, and what to do next.
fn not_transmitted(why: StepError) -> Result<Reason, CheckError> {
    let (code, because, next) = match why {
        StepError::Late(end) => (
            "term-over",
            format!("il termine è scaduto {}", calendar::until_in_words(end)),
            "Scrivere per PEC allo Sportello Unico, che può riaprire la pratica.",
        ),
        StepError::Overtaken(end) => (
            "term-over",
            format!(
                "la scadenza del termine ({}) era già registrata",
                calendar::until_in_words(end)
            ),
            "Scrivere per PEC allo Sportello Unico, che può riaprire la pratica.",
        ),
        StepError::Term(_) => return Err(CheckError::Lacks("the rule of its term")),
        StepError::Refused(_)
        | StepError::Agreement(_)
        | StepError::NoAgreement
        | StepError::NotSent
        | StepError::NoEntry
        | StepError::Early(_)
        | StepError::NotTold => (
            "case-went-on",
            "nel frattempo la pratica è andata avanti".to_owned(),
            "Controllare a che punto è la pratica: se questo file serve ancora, scrivere per PEC allo Sportello Unico, che può riaprirla.",
        ),
    };
    let text = format!(
        "Il file è integro e ha superato le verifiche, ma non è stato trasmesso allo Sportello Unico perché {because}. {next}"
    );
    Ok(Reason { code: code.to_owned(), text })
}

/// The decisions that are written, one after the other, with what goes along; none where the verdict stands alone.
fn writes<'a>(outcome: &'a Outcome, row: &'a UploadRow) -> Vec<(&'a Decision, Companion<'a>)> {
    match outcome {
        Outcome::Alone(_) => Vec::new(),
        Outcome::Decided { arrival, verdict } => arrival
            .iter()
            // Otherwise a delivery that comes second would leave the case where no verdict follows.
            .map(|arrival| (arrival.as_ref(), Companion::NoVerdictYet(row)))
            .chain([(verdict.as_ref(), Companion::UploadVerdict(row))])
            .collect(),
    }
}

#[cfg(test)]
mod tests;
