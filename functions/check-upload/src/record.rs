//! What follows from a verdict: steps of the case, judged by what is stored now, and a notice to the employer whose
//! file came to nothing (CTR-1, AGR-1, CNF-2).

use domain::{
    application::{Application, Who},
    calendar,
    case::{Step, StepError},
    document::{UploadPurpose, UploadState},
    ids::ApplicationId,
    lifecycle::{Event, State, agreement::AgreementEvent},
    notice::NoticeKind,
    permission::Action,
};
use outside::clock;
use store::{
    applications::change::Change,
    rows::{SaveError, StoreError, instant},
    uploads::{Reason, UploadRow, Uploads},
};

use super::{CheckError, Needs};

/// What a verdict brings about.
#[derive(Debug)]
enum Outcome {
    /// The verdict and nothing else.
    Alone(UploadRow),
    /// The file replaces one that waits for the office; the state stays.
    Replaced(Application),
    /// The contract goes on, by way of its arrival where that was not written before.
    Contract { arrived: Option<Application>, after: Application },
    /// The integration agreement does.
    Agreement { arrived: Option<Application>, after: Application },
}

/// Records a verdict with what follows from it. Says what was done, or that another write was faster.
pub(crate) async fn record(
    needs: &Needs,
    id: &ApplicationId,
    row: &UploadRow,
) -> Result<Result<&'static str, SaveError>, CheckError> {
    let head = needs.applications.head(id).await?.ok_or(CheckError::Lacks("its head"))?;
    let campaign = needs
        .campaigns
        .in_force(&head.campaign, clock::wall())
        .await?
        .ok_or(CheckError::Lacks("its campaign"))?;
    let outages = needs.outages.all().await?;
    let now = campaign.effective_now(clock::wall());
    let step = Step { outages: &outages, ..Step::new(&campaign, now) };
    let outcome = outcome(&head, row, &step)?;
    if let Outcome::Alone(row) = &outcome {
        let items = vec![needs.uploads.examined_item(row)?];
        let saved = needs.applications.save_content(&head, items).await;
        return Ok(saved.map(|()| row.state.code()));
    }
    for change in changes(&needs.uploads, &head, row, &outcome)? {
        if let Err(error) = needs.applications.save(&change).await {
            return Ok(Err(error));
        }
    }
    Ok(Ok(row.state.code()))
}

fn outcome(head: &Application, row: &UploadRow, step: &Step<'_>) -> Result<Outcome, CheckError> {
    match row.purpose {
        UploadPurpose::Contract => of_contract(head, row, step),
        UploadPurpose::Agreement => of_agreement(head, row, step),
        // The employer answers with it in a step of its own (DEC-1).
        UploadPurpose::Integration => Ok(Outcome::Alone(row.clone())),
    }
}

fn of_contract(
    head: &Application,
    row: &UploadRow,
    step: &Step<'_>,
) -> Result<Outcome, CheckError> {
    let is_good = row.state == UploadState::Accepted;
    // A file that replaces one that waits for the office does not change the state; a bad one leaves the good one where
    // it is.
    if head.state() == State::ContractSent {
        return Ok(if is_good {
            Outcome::Replaced(head.touched(step.now))
        } else {
            Outcome::Alone(row.clone())
        });
    }
    let arrived = if head.state() == State::ContractUploaded {
        None
    } else {
        // Judged by the arrival of the request that fixed the content (CTR-1).
        let asked =
            instant(row.asked).map_err(|_| CheckError::Lacks("the instant of the upload"))?;
        match head.step(Event::UploadContract, &Step { now: asked, ..*step }) {
            Ok(arrived) => Some(arrived),
            Err(error) => return left_behind(row, error),
        }
    };
    match arrived.as_ref().unwrap_or(head).step(contract_event(row), step) {
        Ok(after) => Ok(Outcome::Contract { arrived, after }),
        Err(error) => left_behind(row, error),
    }
}

fn of_agreement(
    head: &Application,
    row: &UploadRow,
    step: &Step<'_>,
) -> Result<Outcome, CheckError> {
    let arrived = head.agreement_step(AgreementEvent::Upload, step).ok();
    match arrived.as_ref().unwrap_or(head).agreement_step(agreement_event(row), step) {
        Ok(after) => Ok(Outcome::Agreement { arrived, after }),
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
    Ok(Outcome::Alone(row))
}

/// Why a file that passed does not reach the office, and what to do next.
fn not_transmitted(why: StepError) -> Result<Reason, CheckError> {
    let (code, because, next) = match why {
        StepError::Late(end) => (
            "term-over",
            format!("il termine è scaduto {}", calendar::in_words(end)),
            "Scrivere per PEC allo Sportello Unico, che può riaprire la pratica.",
        ),
        StepError::Overtaken(end) => (
            "term-over",
            format!("la scadenza del termine ({}) era già registrata", calendar::in_words(end)),
            "Scrivere per PEC allo Sportello Unico, che può riaprire la pratica.",
        ),
        StepError::Term(_) => return Err(CheckError::Lacks("the rule of its term")),
        StepError::Refused(_)
        | StepError::Agreement(_)
        | StepError::NoAgreement
        | StepError::NotSent
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

/// The changes of the head that are written, one after the other; none where the verdict stands alone.
fn changes<'a>(
    uploads: &Uploads,
    head: &'a Application,
    row: &UploadRow,
    outcome: &'a Outcome,
) -> Result<Vec<Change<'a>>, StoreError> {
    let sender = || Who::Account(row.by.clone());
    let (arrival, mut verdict) = match outcome {
        Outcome::Alone(_) => return Ok(Vec::new()),
        Outcome::Replaced(after) => {
            let mut change = Change::new(Some(head), after, None, sender());
            change.occurrence.action = Some(Action::UploadContract);
            change.notices = vec![NoticeKind::ContractReceived];
            (None, change)
        }
        Outcome::Contract { arrived, after } => {
            let before = arrived.as_ref().unwrap_or(head);
            let arrival = arrived
                .as_ref()
                .map(|arrived| Change::step(head, arrived, Event::UploadContract, sender()));
            (arrival, Change::step(before, after, contract_event(row), Who::System))
        }
        Outcome::Agreement { arrived, after } => {
            let before = arrived.as_ref().unwrap_or(head);
            let arrival = arrived.as_ref().map(|arrived| {
                Change::of_agreement(head, arrived, AgreementEvent::Upload, sender())
            });
            let event = agreement_event(row);
            let mut change = Change::of_agreement(before, after, event, Who::System);
            if event == AgreementEvent::RefuseFile {
                change.notices.push(NoticeKind::AgreementFileRefused);
            }
            (arrival, change)
        }
    };
    verdict.content.push(uploads.examined_item(row)?);
    let mut changes = Vec::new();
    if let Some(mut arrival) = arrival {
        // Otherwise a delivery that comes second would leave the case where no verdict follows.
        arrival.content.push(uploads.still_awaited_item(row)?);
        changes.push(arrival);
    }
    changes.push(verdict);
    Ok(changes)
}

#[cfg(test)]
mod tests;
