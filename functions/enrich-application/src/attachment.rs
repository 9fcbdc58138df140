//! A file that passed the checks becomes the value of its field in the draft, with all that follows from a value (FRM-6,
//! FRM-2, FRM-3).
//!
//! check-upload reads hostile files and so sees no draft; it marks the upload as waiting with its verdict (ADR 37).

use std::collections::BTreeMap;

use domain::{
    application::{Application, Stage, Who},
    calendar,
    form::{Schema, Values, Writer},
    ids::{ApplicationId, UploadId},
    permission::{self, Action, Relation, Role},
    readiness::ContentSource,
};
use jiff::{Timestamp, civil::Date};
use outside::clock;
use store::{
    applications::commit::Companion,
    contention::Tries,
    readiness::{ContentWriter, NewContent, RecordError},
    rows::SaveError,
    uploads::{Reason, UploadRow},
};

use super::{App, EnrichError, campaign, schema, was_saved};

/// What becomes of a file that passed.
#[derive(Debug)]
enum Outcome {
    /// The content with the file in it.
    Value(Values),
    /// Another file for the same field was chosen later and passed, too.
    Replaced,
    /// The draft cannot take it any more; the person reads why.
    TooLate(Reason),
}

/// Puts the file of an upload into the draft, once. Duplicates have no effect.
pub(crate) async fn attach(
    app: &App,
    id: &ApplicationId,
    upload: &UploadId,
) -> Result<&'static str, EnrichError> {
    let mut tries = Tries::for_one_application();
    loop {
        tries.begin().await?;
        let Some(row) = app.store.uploads.find(id, upload).await? else {
            return Ok("no such upload");
        };
        if !row.is_waiting() {
            return Ok("attached before");
        }
        let head = app.store.applications.head(id).await?;
        let head = head.ok_or(EnrichError::Lacks("its head"))?;
        let now = clock::wall();
        let campaign = campaign(app, &head, now).await?;
        let campaign_now = campaign.effective_now(now);
        let all = app.store.uploads.of(id).await?;
        let draft = app.store.drafts.load(id).await?;
        let schema = schema(&head)?;
        let today = calendar::local_date(campaign_now);
        let (saved, outcome) =
            match outcome(&head, schema, &draft.values(), &row, &all, today, now)? {
                Outcome::Value(values) => {
                    let settled = row.clone().settled();
                    let content = NewContent {
                        head: &head,
                        schema,
                        tasks: Vec::new(),
                        draft: &draft,
                        values,
                        // The person who uploads it fills in the form: it counts as their save.
                        source: ContentSource::Person,
                        who: Who::Account(row.by.clone()),
                        at: now,
                        campaign_now,
                        attention: head.stage.attention(),
                        is_explicit: false,
                        also: vec![Companion::UploadSettled(&settled)],
                    };
                    let writer = ContentWriter {
                        applications: &app.store.applications,
                        drafts: &app.store.drafts,
                        keying: &app.keying,
                    };
                    let saved = match writer.record(&content).await {
                        Ok(_) => Ok(()),
                        // Sent or ended between loading and storing: judged anew.
                        Err(RecordError::Refused(_)) => Err(SaveError::Conflict),
                        Err(RecordError::Save(error)) => Err(error),
                    };
                    (saved, "attached")
                }
                Outcome::Replaced => (settle(app, &head, &row.settled()).await, "replaced"),
                Outcome::TooLate(why) => {
                    (settle(app, &head, &row.left_behind(why)).await, "left behind")
                }
            };
        if was_saved(saved)? {
            return Ok(outcome);
        }
    }
}

/// Takes a file off its wait without a change of the draft.
async fn settle(app: &App, head: &Application, row: &UploadRow) -> Result<(), SaveError> {
    app.store.applications.commit_without_decision(head, &[Companion::UploadSettled(row)]).await
}

/// What becomes of a file that passed, by what is stored now.
fn outcome(
    head: &Application,
    schema: &Schema,
    current: &Values,
    row: &UploadRow,
    all: &[UploadRow],
    today: Date,
    now: Timestamp,
) -> Result<Outcome, EnrichError> {
    if row.is_replaced(all) {
        return Ok(Outcome::Replaced);
    }
    if matches!(head.stage, Stage::Armed(_)) {
        return Ok(Outcome::TooLate(Reason {
            code: "armed".to_owned(),
            text: "Il file è integro e ha superato le verifiche, ma non fa parte della domanda perché nel frattempo l'invio è stato prenotato. Per aggiungerlo, annullare la prenotazione, allegare di nuovo il file e prenotare di nuovo.".to_owned(),
        }));
    }
    if !permission::may(Role::System, Relation::None, head.state(), Action::RecordValue) {
        return Ok(Outcome::TooLate(Reason {
            code: "draft-went-on".to_owned(),
            text: "Il file è integro e ha superato le verifiche, ma non fa parte della domanda perché nel frattempo la domanda è stata inviata, bloccata o eliminata. Controllare a che punto è la domanda: se serve ancora, allegare il file quando lo Sportello Unico chiede documenti.".to_owned(),
        }));
    }
    let field = row.field.as_ref().ok_or(EnrichError::Lacks("the field of its file"))?;
    let reference = row.reference().ok_or(EnrichError::Lacks("the file that passed"))?;
    let wanted = BTreeMap::from([(field.to_string(), reference.value())]);
    match schema.check_changes(current, &wanted, Writer::System, today) {
        Ok(accepted) => {
            let mut values = current.clone();
            schema.apply(&mut values, accepted, Writer::System, now);
            Ok(Outcome::Value(values))
        }
        Err(errors) => Ok(Outcome::TooLate(Reason {
            code: "does-not-fit".to_owned(),
            text: format!(
                "Il file è integro, ma questo campo non lo accetta. {}",
                errors.first().map_or_else(String::new, |error| error.message.clone())
            ),
        })),
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        application::{ArmedSend, Ready},
        document::{FileFormat, UploadPurpose, UploadState},
        form::ValueSource,
        lifecycle::State,
    };
    use jiff::civil::date;
    use outside::files::StoredFile;
    use scenes::{case_in, parties};
    use store::uploads::{UploadRequest, Verdict};

    use super::*;

    /// An application in a state before or after the sending.
    fn head(state: State) -> Application {
        let ready = Ready {
            digest: [5; 32],
            worker: None,
            province: "FG".to_owned(),
            since: Timestamp::UNIX_EPOCH,
        };
        let stage = match state {
            State::ToComplete => Stage::ToComplete { attention: None },
            State::ToSend => Stage::ToSend(ready),
            State::Armed => Stage::Armed(ArmedSend {
                ready,
                armed: Timestamp::UNIX_EPOCH,
                submitted_by: parties().filer,
            }),
            State::Deleted => Stage::Deleted,
            sent => return case_in(sent),
        };
        Application { stage, ..case_in(State::Submitted) }
    }

    const TODAY: Date = date(2026, 11, 28);

    /// A file of that length for a field, announced at that millisecond, which passed.
    fn passed(name: u8, field: &str, format: FileFormat, bytes: u64, asked: i64) -> UploadRow {
        let declared = UploadRequest {
            purpose: UploadPurpose::Field,
            field: field.parse().ok(),
            media_type: format.media_type().to_owned(),
            bytes,
            sha256: "ab".repeat(32),
            worker_signature: None,
        };
        let file =
            StoredFile { key: "key".to_owned(), version: None, sha256: "ab".repeat(32), bytes };
        let found = Verdict { format: Some(format), file: Some(file), ..Verdict::default() };
        let at = Timestamp::from_millisecond(asked).unwrap();
        let (application, by) = (head(State::ToComplete).id, parties().filer);
        UploadRow::awaited(&application, UploadId::from_random([name; 16]), declared, by, at, at)
            .examined(found, at)
    }

    fn judged(state: State, row: &UploadRow, all: &[UploadRow], current: &Values) -> Outcome {
        let schema = Schema::find("c-stag-agricoltura@1").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        outcome(&head(state), schema, current, row, all, TODAY, now).unwrap()
    }

    /// FRM-6: the file is a value with its digest, from an upload and not typed; a later one takes its place.
    #[test]
    fn a_file_that_passed_is_the_value_of_its_field() {
        let row = passed(1, "passport_file", FileFormat::Jpeg, 900_000, 1_000);
        let all = std::slice::from_ref(&row);
        let Outcome::Value(values) = judged(State::ToComplete, &row, all, &Values::new()) else {
            panic!("it is no value")
        };
        let stored = &values["passport_file"];
        assert_eq!(stored.source, ValueSource::Upload);
        assert_eq!(stored.value["sha256"], "ab".repeat(32));
        let later = passed(2, "passport_file", FileFormat::Pdf, 1, 2_000);
        let Outcome::Value(values) =
            judged(State::ToSend, &later, std::slice::from_ref(&later), &values)
        else {
            panic!("it does not replace")
        };
        assert_eq!(values["passport_file"].value["media_type"], "application/pdf");
        // The checks of the first end last: the person's last choice stays.
        let both = [row.clone(), later];
        assert!(matches!(judged(State::ToComplete, &row, &both, &values), Outcome::Replaced));
    }

    /// FRM-6, SUB-4: what was sent is frozen: a file that comes too late is refused, and says so.
    #[test]
    fn a_file_that_comes_after_the_sending_is_no_part_of_it() {
        let row = passed(1, "passport_file", FileFormat::Jpeg, 900_000, 1_000);
        let all = std::slice::from_ref(&row);
        for state in [State::Submitted, State::Deleted, State::Granted] {
            let Outcome::TooLate(why) = judged(state, &row, all, &Values::new()) else {
                panic!("it counts at {state}")
            };
            assert_eq!(why.code, "draft-went-on");
            let after = row.clone().left_behind(why);
            assert_eq!((after.state, after.is_waiting()), (UploadState::Refused, false));
        }
    }

    /// NEW-1: what was armed is what is sent: a file whose checks end after the arm is refused, and says how to add it.
    #[test]
    fn a_file_that_comes_after_the_arm_is_no_part_of_it() {
        let row = passed(1, "passport_file", FileFormat::Jpeg, 900_000, 1_000);
        let all = std::slice::from_ref(&row);
        let Outcome::TooLate(why) = judged(State::Armed, &row, all, &Values::new()) else {
            panic!("it counts")
        };
        assert_eq!(why.code, "armed");
        assert!(why.text.contains("annullare la prenotazione"), "{}", why.text);
    }

    /// FRM-6: what the form does not take at this field is no value, however it got here.
    #[test]
    fn a_file_that_does_not_fit_its_field_is_refused() {
        for row in [
            passed(1, "income_file", FileFormat::Png, 10, 1_000),
            passed(1, "income_file", FileFormat::Pdf, 2_000_001, 1_000),
            passed(1, "worker_name", FileFormat::Pdf, 10, 1_000),
            passed(1, "no_such_field", FileFormat::Pdf, 10, 1_000),
        ] {
            let all = std::slice::from_ref(&row);
            let outcome = judged(State::ToComplete, &row, all, &Values::new());
            assert!(matches!(outcome, Outcome::TooLate(why) if why.code == "does-not-fit"));
        }
    }
}
