//! The main job from sign-in to the receipt, over HTTP alone, as a browser would; publishing its campaign comes before.

use std::time::{Duration, Instant};

use domain::{campaign::Campaign, receipt::Receipt};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use serde_json::{Value, json};
use simulate_registries::{Behaviour, Demand, Scope};

use crate::{
    browser::Answer,
    campaigns::Plan,
    employer::{Employer, schema_of},
    mailbox::LETTER_DEADLINE,
    receipts::PublishedKeys,
    story::{Story, StoryResult, ensure, same},
    world::World,
};

/// In how many seconds the journey's campaign opens for sending, when nothing else is said.
pub const USUAL_OPENING: Duration = Duration::from_secs(40);

/// The same where the machine is busy with other tests.
pub const BUSY_OPENING: Duration = Duration::from_secs(80);

/// How often the page presses by itself after the portal said how long to wait.
const MOST_TRIES: u32 = 5;

/// How the journey ended.
#[derive(Debug)]
pub struct Arrived {
    /// The application.
    pub application: String,
    /// The receipt's document, byte for byte.
    pub document: Vec<u8>,
    /// What it says, verified.
    pub receipt: Receipt,
    /// The campaign that was published for it.
    pub campaign: Campaign,
    /// Who went.
    pub employer: Employer,
}

/// One step that was taken, with its duration.
pub type Progress<'a> = dyn Fn(&str, Duration) + Send + Sync + 'a;

/// Goes the whole way with a fresh employer and a fresh worker.
pub async fn run(world: &World, opens_in: Duration, tell: &Progress<'_>) -> StoryResult<Arrived> {
    // INPS and incomes come so late that the form is filled in before: the application then becomes ready by itself (ENR-3).
    let employer =
        world.employer_with(Demand { behaviour: Behaviour::Late, scope: Scope::FactsLater })?;
    Box::pin(run_with(world, employer, opens_in, tell)).await
}

/// Goes the whole way with a given employer.
pub async fn run_with(
    world: &World,
    employer: Employer,
    opens_in: Duration,
    tell: &Progress<'_>,
) -> StoryResult<Arrived> {
    let steps = Steps { story: &world.story, tell };
    let opening = clock::wall() + SignedDuration::try_from(opens_in)?;
    // The gateway counts whole milliseconds.
    let opening = Timestamp::from_millisecond(opening.as_millisecond())?;
    let campaign = steps
        .take(
            "pubblicazione della campagna",
            Plan::new("viaggio")?.sends(opening, None).publish(world),
        )
        .await?;
    let campaign = &campaign;
    steps
        .take("accesso con SPID di livello 1: rifiutato", is_refused_at_level_1(&employer))
        .await?;
    steps.take("accesso con SPID di livello 2", enters(&employer)).await?;
    let application =
        &steps.take("verifiche preliminari", employer.starts_application(campaign)).await?;
    let code = &steps
        .take(
            "codice di attivazione letto nella PEC",
            employer.reads_activation_code_from_pec(application),
        )
        .await?;
    steps.take("codice errato: rifiutato", types_wrong_code(&employer, application, code)).await?;
    steps
        .take(
            "codice giusto: la compilazione si apre",
            types_right_code(&employer, application, code),
        )
        .await?;
    steps
        .take(
            "due schede sullo stesso campo: conflitto mostrato",
            second_tab_conflicts(&employer, application, campaign),
        )
        .await?;
    steps
        .take("compilazione, sezione per sezione", fills_in(&employer, application, campaign))
        .await?;
    steps
        .take("dati dei registri arrivati: da inviare da sola", employer.sees_it_ready(application))
        .await?;
    let wait = steps
        .take(
            "invio prima dell'apertura: rifiutato con il tempo che manca",
            is_too_early(&employer, application, campaign, opening),
        )
        .await?;
    let answer = steps
        .take(
            "attesa e invio all'apertura",
            submits_at_opening(&employer, application, campaign, wait),
        )
        .await?;
    let document = answer.body.clone();
    steps
        .take(
            "invio ripetuto: la stessa ricevuta",
            submits_again(&employer, application, campaign, &document),
        )
        .await?;
    let receipt = steps
        .take(
            "ricevuta verificata con le chiavi pubblicate",
            verifies(&employer, &document, application, campaign, opening),
        )
        .await?;
    steps.take("PEC con la ricevuta", receives_receipt(&employer, application, &receipt)).await?;
    steps.take("storico e comunicazioni", sees_history(&employer, application)).await?;
    steps.take("ricevuta scaricata di nuovo", downloads(&employer, application, &document)).await?;
    Ok(Arrived {
        application: application.clone(),
        document,
        receipt,
        campaign: campaign.clone(),
        employer,
    })
}

/// The steps of a journey: the journey reports each with its duration, and a deviation names its step.
pub(crate) struct Steps<'a> {
    pub(crate) story: &'a Story,
    pub(crate) tell: &'a Progress<'a>,
}

impl Steps<'_> {
    pub(crate) async fn take<T>(
        &self,
        what: &str,
        step: impl Future<Output = StoryResult<T>>,
    ) -> StoryResult<T> {
        let begun = Instant::now();
        self.story.tell(format_args!("— {what}"));
        match step.await {
            Ok(given) => {
                (self.tell)(what, begun.elapsed());
                Ok(given)
            }
            Err(deviation) => Err(self.story.deviation(format!("{what}: {}", deviation.what()))),
        }
    }
}

/// IDP-1: the portal refuses a lower level with an explanation and opens no session.
async fn is_refused_at_level_1(employer: &Employer) -> StoryResult {
    let answer = employer.signs_in(1).await?;
    answer.refused(403, "livello-insufficiente")?;
    let session = employer.browser.get("/api/session").await?;
    ensure(session.status == 401, format!("{session}: level 1 opened a session"))
}

async fn enters(employer: &Employer) -> StoryResult {
    employer.signs_in(2).await?.expect(303)?;
    let session = employer.browser.get("/api/session").await?.expect(200)?;
    same("level of the session", &session.number("/level")?, &2)
}

/// ACT-1: a wrong code does not open the form.
async fn types_wrong_code(employer: &Employer, application: &str, code: &str) -> StoryResult {
    let wrong = with_another_last_symbol(code);
    employer.types_code(application, &wrong).await?.refused(422, "codice-errato")?;
    let row = employer.application(application).await?;
    same(
        "state after a wrong code",
        &row.get("state").and_then(Value::as_str),
        &Some("to-validate"),
    )
}

async fn types_right_code(employer: &Employer, application: &str, code: &str) -> StoryResult {
    employer.types_code(application, code).await?.expect(200)?;
    let row = employer.application(application).await?;
    same(
        "state after the right code",
        &row.get("state").and_then(Value::as_str),
        &Some("to-complete"),
    )
}

/// FRM-2: two tabs never silently overwrite each other.
async fn second_tab_conflicts(
    employer: &Employer,
    application: &str,
    campaign: &Campaign,
) -> StoryResult {
    let typed = employer.typed_values(&schema_of(campaign), clock::wall())?;
    let (field, value) = typed
        .iter()
        .flat_map(|(_, values)| values)
        .find(|(field, _)| field.as_str() == "workplace_street")
        .ok_or_else(|| employer.story().deviation("the form has no workplace_street"))?;
    let change = |value: &Value| json!([{ "field": field, "base": null, "value": value }]);
    employer.draft(application).await?;
    employer.saves_changes(application, &change(value)).await?.expect(200)?;
    let second =
        employer.saves_changes(application, &change(&"Via dell'altra scheda".into())).await?;
    let second = second.refused(409, "modifica-in-conflitto")?;
    same("field in conflict", &second.text("/conflicts/0/field")?, field)?;
    let stored = stored_value(&employer.draft(application).await?.json()?, field);
    same("value after the conflict", &stored.as_ref(), &Some(value))
}

/// FRM-3: everything that people type is there; a registry is not, and the page says which.
async fn fills_in(employer: &Employer, application: &str, campaign: &Campaign) -> StoryResult {
    employer.fills_form(application, &schema_of(campaign), clock::wall()).await?;
    let row = employer.application(application).await?;
    same(
        "state before the late values",
        &row.get("state").and_then(Value::as_str),
        &Some("to-complete"),
    )?;
    let waits = row
        .get("waiting_for")
        .and_then(Value::as_array)
        .is_some_and(|registries| !registries.is_empty());
    ensure(waits, format!("the page does not say which registry is late: {row}"))
}

/// SUB-1: refused with the time left; nothing is sent.
async fn is_too_early(
    employer: &Employer,
    application: &str,
    campaign: &Campaign,
    opening: Timestamp,
) -> StoryResult<Duration> {
    if clock::wall() >= opening {
        return Err(employer.story().deviation("the campaign opened before the application was ready: give it more seconds (--opens-in)"));
    }
    let answer =
        employer.submits(application, campaign).await?.refused(409, "finestra-non-aperta")?;
    let opens_at: Timestamp = answer.text("/opens_at")?.parse()?;
    let now: Timestamp = answer.text("/now")?.parse()?;
    let wait = answer.number("/retry_after_ms")?;
    same("opening that the refusal tells", &opens_at, &opening)?;
    same("time left", &wait, &(opening.as_millisecond() - now.as_millisecond()))?;
    let row = employer.application(application).await?;
    same("state after the refusal", &row.get("state").and_then(Value::as_str), &Some("to-send"))?;
    Ok(Duration::from_millis(u64::try_from(wait)?))
}

async fn submits_at_opening(
    employer: &Employer,
    application: &str,
    campaign: &Campaign,
    wait: Duration,
) -> StoryResult<Answer> {
    let mut wait = wait;
    for _ in 0..MOST_TRIES {
        employer.story().waits_as_told(wait).await;
        let answer = employer.submits(application, campaign).await?;
        if answer.status != 409 {
            return answer.expect(200);
        }
        wait = Duration::from_millis(u64::try_from(
            answer.refused(409, "finestra-non-aperta")?.number("/retry_after_ms")?,
        )?);
    }
    Err(employer
        .story()
        .deviation(format!("still not open after {MOST_TRIES} tries at the told instant")))
}

/// SUB-2: the same receipt, byte for byte.
async fn submits_again(
    employer: &Employer,
    application: &str,
    campaign: &Campaign,
    document: &[u8],
) -> StoryResult {
    let answer = employer.submits(application, campaign).await?.expect(200)?;
    ensure(answer.body == document, "the repetition gave another receipt")
}

/// SUB-4: anyone can check it; any changed byte fails.
async fn verifies(
    employer: &Employer,
    document: &[u8],
    application: &str,
    campaign: &Campaign,
    opening: Timestamp,
) -> StoryResult<Receipt> {
    let keys = employer
        .story()
        .eventually("the campaign's key is published", LETTER_DEADLINE, || async {
            let answer = employer.browser.get(crate::receipts::KEYS_PATH).await?;
            if answer.status != 200 {
                return Ok(Err(answer.to_string()));
            }
            let keys = PublishedKeys::parse(&answer.body)?;
            let seen = format!("{} other keys", keys.keys.len());
            Ok(if keys.keys.iter().any(|key| key.campaign == *campaign.id()) {
                Ok(keys)
            } else {
                Err(seen)
            })
        })
        .await?;
    let receipt = keys.verify(document)?;
    same("application in the receipt", &receipt.application.as_str(), &application)?;
    same("campaign in the receipt", &receipt.campaign, campaign.id())?;
    ensure(
        receipt.arrival >= opening,
        format!("arrival {} is before the opening {opening}", receipt.arrival),
    )?;
    let mut forged = document.to_vec();
    if let Some(byte) = forged.iter_mut().rev().find(|byte| byte.is_ascii_digit()) {
        *byte = if *byte == b'9' { b'8' } else { *byte + 1 };
    }
    ensure(keys.verify(&forged).is_err(), "a receipt with a changed byte verifies")?;
    Ok(receipt)
}

/// SUB-5, PEC-1: the receipt follows by PEC.
async fn receives_receipt(
    employer: &Employer,
    application: &str,
    receipt: &Receipt,
) -> StoryResult {
    let code = receipt.code.as_str();
    let letter = employer
        .pec
        .receives(employer.story(), "the receipt", |letter| {
            letter.speaks_of(application) && letter.speaks_of(code)
        })
        .await?;
    ensure(
        letter.activation_code().is_none(),
        "the receipt's letter holds something like an activation code",
    )
}

/// AUD-1, COM-1: everything that happened and everything that was sent.
async fn sees_history(employer: &Employer, application: &str) -> StoryResult {
    let wanted = ["verify-code", "complete", "submit"];
    employer
        .story()
        .eventually("the history holds every step", LETTER_DEADLINE, || async {
            let events = employer.history(application).await?;
            let codes: Vec<String> = events
                .iter()
                .filter_map(|event| event.get("event")?.as_str().map(str::to_owned))
                .collect();
            let is_whole = wanted.iter().all(|code| codes.iter().any(|found| found == code));
            Ok(if is_whole { Ok(()) } else { Err(format!("{codes:?}")) })
        })
        .await?;
    employer
        .story()
        .eventually("both PECs were accepted by the provider", LETTER_DEADLINE, || async {
            let sent = employer.communications(application).await?;
            let accepted = |kind: &str| {
                sent.iter().any(|notice| {
                    notice.get("kind") == Some(&kind.into())
                        && notice.get("accepted_at").is_some_and(|at| !at.is_null())
                })
            };
            Ok(if accepted("activation-code") && accepted("receipt") {
                Ok(())
            } else {
                Err(format!("{sent:?}"))
            })
        })
        .await
}

/// SUB-6: downloadable for good, byte for byte.
async fn downloads(employer: &Employer, application: &str, document: &[u8]) -> StoryResult {
    let answer = employer.receipt(application).await?.expect(200)?;
    ensure(answer.body == document, "the downloaded receipt is another one")
}

/// A value of the draft as the page shows it.
pub fn stored_value(draft: &Value, field: &str) -> Option<Value> {
    draft.get("values")?.get(field)?.get("value").cloned()
}

/// A code that differs from the right one in its last symbol.
pub fn with_another_last_symbol(code: &str) -> String {
    let mut symbols: Vec<char> = code.chars().collect();
    if let Some(last) = symbols.last_mut() {
        *last = if *last == 'A' { 'B' } else { 'A' };
    }
    symbols.into_iter().collect()
}
