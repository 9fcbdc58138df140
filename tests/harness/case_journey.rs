//! The second half, over HTTP alone: from the click day to modules 1 and 2 with real signatures; to a renunciation; to an
//! expiry by the scheduled function itself.

use std::time::Duration;

use domain::{campaign::Campaign, consular::ConsularReport, ids::ApplicationId, permission::Role};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use serde_json::{Value, json};

use crate::{
    browser::Answer,
    campaigns::{self, Plan},
    consulate::Consulate,
    contracts,
    employer::{Employer, submission_of},
    journey::{Progress, Steps},
    mailbox::LETTER_DEADLINE,
    signatures::{Form, Signatures, Signer},
    story::{StoryResult, ensure, same},
    world::World,
};

/// The province of the workplace in the form's examples.
const PROVINCE: &str = "FG";
/// How long documents, checks and messages of the portal may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// A model whose workers come for longer than a season, so that the integration agreement applies (AGR-1).
const MODEL: &str = "b2020";

/// How far the journeys went.
#[derive(Debug)]
pub struct Reached {
    /// The application.
    pub application: String,
    /// Its last state.
    pub state: String,
}

/// A case before an office and a consulate.
struct Scene<'a> {
    world: &'a World,
    steps: Steps<'a>,
    campaign: Campaign,
    employer: Employer,
    officer: Employer,
    consulate: Consulate,
    id: String,
}

/// To modules 1 and 2.
pub async fn to_the_modules(world: &World, tell: &Progress<'_>) -> StoryResult<Reached> {
    let scene = Scene::granted(world, tell).await?;
    scene.asked_to_confirm().await?;
    scene.steps.take("Conferma nell'area Comunicazioni", scene.confirms()).await?;
    scene
        .steps
        .take("il sistema consolare apprende la conferma", scene.deliver(&["confirmed"]))
        .await?;
    scene.steps.take("visto rilasciato, PEC al datore di lavoro", scene.visa_issued()).await?;
    scene.steps.take("dati di frontiera trasmessi", scene.enters()).await?;
    let contract = scene
        .steps
        .take("PEC con il codice fiscale e con il contratto da firmare", scene.receives_contract())
        .await?;
    let signatures = &Signatures::trusted_by(world).await?;
    scene
        .steps
        .take(
            "contratto firmato con il certificato di un altro: rifiutato con il motivo",
            scene.uploads_somebody_elses(signatures, &contract),
        )
        .await?;
    scene
        .steps
        .take("contratto firmato CAdES da datore e lavoratore: trasmesso al SUI", async {
            let signed = signatures
                .sign(
                    &contract,
                    Form::Cades,
                    &[scene.employer_signer(), scene.worker_signer().await?],
                )
                .await?;
            scene.uploads("contract", Form::Cades, &signed, Some("digital")).await?;
            scene.is_in("contract-sent").await
        })
        .await?;
    scene
        .steps
        .take("contratto respinto dal SUI e sostituito, firmato PAdES", async {
            scene
                .decides("reject-contract", Some("La mansione indicata è da precisare: rifirmare."))
                .await?;
            let signed = signatures
                .sign(
                    &contract,
                    Form::Pades,
                    &[scene.employer_signer(), scene.worker_signer().await?],
                )
                .await?;
            scene.uploads("contract", Form::Pades, &signed, Some("digital")).await?;
            scene.is_in("contract-sent").await
        })
        .await?;
    scene
        .steps
        .take(
            "contratto validato dal SUI",
            scene.decided("validate-contract", "contract-validated"),
        )
        .await?;
    scene.steps.take("moduli prima dell'Accordo: rifiutati", scene.modules_are_too_early()).await?;
    scene
        .steps
        .take("dati dell'Accordo, generazione, firma, validazione", scene.agreement(signatures))
        .await?;
    scene
        .steps
        .take("moduli 1 e 2 emessi", scene.decided("issue-modules", "modules-issued"))
        .await?;
    scene.steps.take("PEC con i moduli e il kit, scaricabili", scene.receives_modules()).await?;
    scene.reached().await
}

/// To a renunciation that became final.
pub async fn to_the_renunciation(world: &World, tell: &Progress<'_>) -> StoryResult<Reached> {
    let mut scene = Scene::granted(world, tell).await?;
    scene.asked_to_confirm().await?;
    scene.steps.take("Rinuncia: chiesta due volte", scene.renounces()).await?;
    scene
        .steps
        .take("rinuncia annullata entro 60 minuti", async {
            scene.answers(&json!({ "answer": "undo-renunciation" })).await?.expect(200)?;
            scene.is_in("awaiting-confirmation").await
        })
        .await?;
    scene.steps.take("Rinuncia, di nuovo", scene.renounces()).await?;
    scene
        .steps
        .take("il consolato non sa nulla finché si può annullare", scene.deliver(&[]))
        .await?;
    scene.moves_the_clock("passano 70 minuti", SignedDuration::from_mins(70)).await?;
    scene
        .steps
        .take("la rinuncia è definitiva e archiviata", scene.sweeps_until("archived"))
        .await?;
    scene
        .steps
        .take("il sistema consolare apprende la rinuncia", scene.deliver(&["renounced"]))
        .await?;
    scene.reached().await
}

/// To an expiry; the permit is revoked after the days that an officer has to look.
pub async fn to_the_expiry(world: &World, tell: &Progress<'_>) -> StoryResult<Reached> {
    let mut scene = Scene::granted(world, tell).await?;
    let end = scene.asked_to_confirm().await?;
    // Without it no permit is revoked by silence (CNF-1).
    scene
        .steps
        .take("ricevuta di avvenuta consegna della PEC", scene.is_delivered("confirmation-request"))
        .await?;
    let now = scene.campaign.effective_now(clock::wall());
    scene
        .moves_the_clock(
            "passano i giorni del promemoria",
            end.duration_since(now) - SignedDuration::from_hours(30),
        )
        .await?;
    scene.steps.take("promemoria con il file di calendario", scene.is_reminded()).await?;
    let now = scene.campaign.effective_now(clock::wall());
    scene
        .moves_the_clock(
            "il termine passa senza risposta",
            end.duration_since(now) + SignedDuration::from_mins(6),
        )
        .await?;
    scene.steps.take("conferma fuori termine: rifiutata e conservata", scene.is_too_late()).await?;
    scene.steps.take("scaduta, da verificare", scene.sweeps_until("expired-to-verify")).await?;
    scene.steps.take("il consolato non sa ancora nulla", scene.deliver(&[])).await?;
    scene
        .moves_the_clock(
            "nessuno riapre la pratica per due giorni",
            SignedDuration::from_hours(5 * 24),
        )
        .await?;
    scene.steps.take("nulla osta revocato", scene.sweeps_until("revoked")).await?;
    scene
        .steps
        .take(
            "il sistema consolare apprende la mancata conferma",
            scene.deliver(&["not-confirmed"]),
        )
        .await?;
    scene.reached().await
}

impl<'a> Scene<'a> {
    /// From sign-in to the permit.
    async fn granted(world: &'a World, tell: &'a Progress<'a>) -> StoryResult<Self> {
        let steps = Steps { story: &world.story, tell };
        let campaign = steps
            .take(
                "pubblicazione della campagna",
                Plan::of("pratica", &[MODEL])?
                    .changed(|file| file.policies.closing_delay_seconds = 0)
                    .publish(world),
            )
            .await?;
        let mut employer = world.employer()?.asking_for(MODEL)?;
        employer.typed.insert("contract_kind".to_owned(), json!("permanent"));
        let id = steps
            .take(
                "accesso, verifiche, codice PEC, compilazione",
                employer.has_ready_application(&campaign, clock::wall()),
            )
            .await?;
        steps
            .take("invio e ricevuta", async {
                let body = submission_of(&employer.model, &id, &campaign);
                employer.browser.post("/api/submissions", &body).await?.expect(200)
            })
            .await?;
        let officer = world.official(Role::Officer, Some(PROVINCE)).await?;
        let scene = Self {
            consulate: Consulate::of(world)?,
            world,
            steps,
            campaign,
            employer,
            officer,
            id,
        };
        scene.steps.take("posto assegnato in quota", scene.has_a_place()).await?;
        scene
            .steps
            .take(
                "presa in carico dallo Sportello Unico",
                scene.decided("take-charge", "in-review"),
            )
            .await?;
        scene
            .steps
            .take("integrazione richiesta e trasmessa", async {
                scene.decides("request-integration", Some("Manca la prova della disponibilità dell'alloggio.")).await?;
                let answer = json!({ "answer": "provide-integration", "text": "Allego il contratto di locazione registrato." });
                scene.answers(&answer).await?.expect(200)?;
                scene.is_in("in-review").await
            })
            .await?;
        scene
            .steps
            .take("nulla osta rilasciato, PEC al datore di lavoro", async {
                scene.decides("grant", None).await?;
                scene.receives("Nulla osta rilasciato", "granted").await
            })
            .await?;
        Ok(scene)
    }

    async fn reached(&self) -> StoryResult<Reached> {
        let row = self.employer.application(&self.id).await?;
        let state = row.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Reached { application: self.id.clone(), state })
    }

    fn application(&self) -> StoryResult<ApplicationId> {
        Ok(self.id.parse()?)
    }

    /// Lets a scheduled function run now: minutes need not pass.
    async fn runs(&self, function: &str) -> StoryResult<Value> {
        self.world.emulator.invoke(&self.world.function(function)?, &json!({})).await
    }

    async fn has_a_place(&self) -> StoryResult {
        self.world
            .story
            .eventually("a place is allotted", PATIENCE, || async {
                self.runs("rank-submissions").await?;
                let path = format!("/api/office/applications/{}", self.id);
                let dossier = self.officer.browser.get(&path).await?;
                Ok(
                    if dossier.status == 200
                        && dossier.json()?.pointer("/case/place/in_quota") == Some(&json!(true))
                    {
                        Ok(())
                    } else {
                        Err(dossier.to_string())
                    },
                )
            })
            .await
    }

    /// The officer decides what the dossier shows.
    async fn decides(&self, decision: &str, reason: Option<&str>) -> StoryResult<Value> {
        let path = format!("/api/office/applications/{}", self.id);
        let dossier = self.officer.browser.get(&path).await?.expect(200)?.json()?;
        let path = format!("{path}/decisions");
        let version = dossier.pointer("/case/version");
        let body = json!({ "decision": decision, "reason": reason, "version": version });
        self.officer.browser.post(&path, &body).await?.expect(200)?.json()
    }

    async fn decided(&self, decision: &str, state: &str) -> StoryResult {
        self.decides(decision, None).await?;
        self.is_in(state).await
    }

    async fn answers(&self, body: &Value) -> StoryResult<Answer> {
        self.employer.browser.post(&format!("/api/applications/{}/answers", self.id), body).await
    }

    async fn is_in(&self, state: &str) -> StoryResult {
        self.employer.sees_state(&self.id, state, PATIENCE).await.map(|_| ())
    }

    /// Waits until the communications show a PEC of this kind as taken by the provider.
    async fn receives(&self, label: &str, kind: &str) -> StoryResult {
        self.world
            .story
            .eventually(&format!("the PEC «{label}» was sent"), LETTER_DEADLINE, || async {
                let sent = self.employer.communications(&self.id).await?;
                let found = sent.iter().any(|notice| {
                    notice.get("kind") == Some(&kind.into())
                        && notice.get("copy") != Some(&json!(true))
                        && matches!(
                            notice.get("fate").and_then(Value::as_str),
                            Some("accepted" | "delivered")
                        )
                });
                Ok(if found { Ok(()) } else { Err(format!("{sent:?}")) })
            })
            .await
    }

    /// The consular checks are concluded: the PEC asks to confirm; gives the end of the term.
    async fn asked_to_confirm(&self) -> StoryResult<Timestamp> {
        self.steps
            .take("accertamenti consolari conclusi, PEC con la richiesta di conferma", async {
                let id = self.application()?;
                self.consulate.reports(&id, ConsularReport::ChecksConcluded).await?.expect(200)?;
                self.receives("Richiesta di conferma", "confirmation-request").await?;
                let row = self.employer.application(&self.id).await?;
                let end = row.pointer("/term/ends_at").and_then(Value::as_str).unwrap_or_default();
                Ok(end.parse()?)
            })
            .await
    }

    async fn confirms(&self) -> StoryResult {
        self.answers(&json!({ "answer": "confirm" })).await?.expect(200)?;
        // Pressed twice: the same.
        self.answers(&json!({ "answer": "confirm" })).await?.expect(200)?;
        self.is_in("confirmed").await
    }

    async fn renounces(&self) -> StoryResult {
        let answer = self.answers(&json!({ "answer": "renounce" })).await?;
        answer.refused(409, "rinuncia-da-confermare")?;
        self.is_in("awaiting-confirmation").await?;
        self.answers(&json!({ "answer": "renounce", "confirmed": true })).await?.expect(200)?;
        self.is_in("renouncing").await
    }

    async fn is_too_late(&self) -> StoryResult {
        self.answers(&json!({ "answer": "confirm" }))
            .await?
            .refused(409, "termine-scaduto")
            .map(|_| ())
    }

    /// What the consular system has heard, in all.
    async fn deliver(&self, wanted: &[&str]) -> StoryResult {
        let id = self.application()?;
        self.world
            .story
            .eventually("the consular system heard what it should", PATIENCE, || async {
                let heard = self.consulate.heard_decisions(&id).await?;
                Ok(if heard == wanted { Ok(()) } else { Err(format!("{heard:?}")) })
            })
            .await
    }

    async fn visa_issued(&self) -> StoryResult {
        self.consulate
            .reports(&self.application()?, ConsularReport::VisaIssued)
            .await?
            .expect(200)?;
        self.receives("Visto rilasciato", "visa-issued").await
    }

    async fn enters(&self) -> StoryResult {
        let today = domain::calendar::local_date(self.campaign.effective_now(clock::wall()));
        let body = json!({ "province": "RM", "municipality": "Fiumicino", "date": today.to_string(), "visa_number": "ITA1234567" });
        let path = format!("/api/applications/{}/entry", self.id);
        self.employer.browser.post(&path, &body).await?.expect(200).map(|_| ())
    }

    async fn document(&self, kind: &str) -> StoryResult<Vec<u8>> {
        contracts::document(self.world, &self.employer, &self.id, kind).await
    }

    async fn receives_contract(&self) -> StoryResult<Vec<u8>> {
        self.receives("Codice fiscale definitivo", "worker-fiscal-code").await?;
        self.receives("Contratto di soggiorno da firmare", "contract-to-sign").await?;
        self.is_in("contract-to-sign").await?;
        let contract = self.document("contract").await?;
        ensure(contract.starts_with(b"%PDF-"), "the contract is no PDF")?;
        Ok(contract)
    }

    fn employer_signer(&self) -> Signer {
        let person = &self.employer.demo.representative;
        let name = format!("{} {}", person.first_name, person.last_name);
        Signer::Person(person.fiscal_code.reveal().to_owned(), name)
    }

    async fn worker_signer(&self) -> StoryResult<Signer> {
        let entry = self.world.drafts()?.entry(&self.application()?).await?;
        let code = entry.and_then(|entry| entry.fiscal_code).unwrap_or_default();
        Ok(Signer::Person(code, "Lavoratore Straniero".to_owned()))
    }

    async fn uploads_and_reads(
        &self,
        purpose: &str,
        form: Form,
        file: &[u8],
        worker: Option<&str>,
    ) -> StoryResult<Value> {
        contracts::uploads(self.world, &self.employer, &self.id, purpose, form, file, worker).await
    }

    async fn uploads(
        &self,
        purpose: &str,
        form: Form,
        file: &[u8],
        worker: Option<&str>,
    ) -> StoryResult {
        let view = self.uploads_and_reads(purpose, form, file, worker).await?;
        same("verdict", &view.get("state"), &Some(&json!("accepted"))).map_err(|deviation| {
            self.world.story.deviation(format!("{}: {view}", deviation.what()))
        })
    }

    async fn uploads_somebody_elses(
        &self,
        signatures: &Signatures,
        contract: &[u8],
    ) -> StoryResult {
        let signed = signatures.sign(contract, Form::Cades, &[Signer::Invented("other")]).await?;
        let view =
            self.uploads_and_reads("contract", Form::Cades, &signed, Some("digital")).await?;
        same("verdict", &view.get("state"), &Some(&json!("refused")))?;
        ensure(view.to_string().contains("employer-missing"), format!("another reason: {view}"))?;
        self.is_in("contract-to-sign").await
    }

    async fn modules_are_too_early(&self) -> StoryResult {
        let path = format!("/api/office/applications/{}/decisions", self.id);
        let answer =
            self.officer.browser.post(&path, &json!({ "decision": "issue-modules" })).await?;
        answer.refused(409, "stato-non-compatibile").map(|_| ())
    }

    async fn agreement(&self, signatures: &Signatures) -> StoryResult {
        let path = format!("/api/applications/{}/agreement", self.id);
        let body = json!({
            "street": "Via Napoli 6", "municipality": "Foggia", "province": "FG", "postal_code": "71122",
            "telephone": "+39 320 0000000",
            "family": [{ "surname": "Kaur", "name": "Simran", "born": "2015-03-02", "relation": "child" }],
        });
        self.employer.browser.post(&path, &body).await?.expect(200)?;
        self.decides("generate-agreement", None).await?;
        self.receives("Accordo di integrazione da firmare", "agreement-to-sign").await?;
        let agreement = self.document("agreement").await?;
        let signed =
            signatures.sign(&agreement, Form::Pades, &[self.worker_signer().await?]).await?;
        self.uploads("agreement", Form::Pades, &signed, None).await?;
        self.decides("validate-agreement", None).await.map(|_| ())
    }

    async fn receives_modules(&self) -> StoryResult {
        self.receives("Moduli 1 e 2", "modules-issued").await?;
        for kind in ["module-1", "module-2", "kit"] {
            let file = self.document(kind).await?;
            ensure(file.starts_with(b"%PDF-"), format!("{kind} is no PDF"))?;
        }
        Ok(())
    }

    /// The provider's receipt is read, as the schedule lets it.
    async fn is_delivered(&self, kind: &str) -> StoryResult {
        self.world
            .story
            .eventually("the PEC is delivered", PATIENCE, || async {
                self.runs("read-pec-receipts").await?;
                let sent = self.employer.communications(&self.id).await?;
                let found =
                    sent.iter().any(|sent| sent["kind"] == kind && sent["fate"] == "delivered");
                Ok(if found { Ok(()) } else { Err(format!("{sent:?}")) })
            })
            .await
    }

    async fn is_reminded(&self) -> StoryResult {
        self.world
            .story
            .eventually("a reminder went out", PATIENCE, || async {
                self.runs("sweep-deadlines").await?;
                let sent = self.employer.communications(&self.id).await?;
                let found =
                    sent.iter().any(|notice| notice.get("kind") == Some(&json!("term-reminder")));
                Ok(if found { Ok(()) } else { Err(format!("{sent:?}")) })
            })
            .await
    }

    /// The sweeper runs as its schedule lets it, until it has brought the case there.
    async fn sweeps_until(&self, state: &str) -> StoryResult {
        self.world
            .story
            .eventually(&format!("the sweeper makes it {state}"), PATIENCE, || async {
                let swept = self.runs("sweep-deadlines").await?;
                let row = self.employer.application(&self.id).await?;
                let seen = row.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
                Ok(if seen == state { Ok(()) } else { Err(format!("{seen}; {swept}")) })
            })
            .await
    }

    /// A new version of the campaign whose clock is ahead by that much more, in force at once.
    async fn moves_the_clock(&mut self, what: &str, by: SignedDuration) -> StoryResult {
        let mut file = self.campaign.clone().into_file();
        file.version += 1;
        file.clock_offset_ms += i64::try_from(by.as_millis())?;
        let moved = Campaign::try_from(file)?;
        let publishes = campaigns::publish(self.world, &moved, true);
        self.steps.take(what, publishes).await?;
        self.campaign = moved;
        // Functions keep a copy for a minute: the journey asks the function that judges terms by the second until it
        // knows the new version.
        self.world
            .story
            .eventually("the portal knows the new version", Duration::from_secs(75), || async {
                let row = self.employer.application(&self.id).await?;
                let left = row.pointer("/term/ms_left").and_then(Value::as_i64);
                let end = row
                    .pointer("/term/ends_at")
                    .and_then(Value::as_str)
                    .and_then(|end| end.parse::<Timestamp>().ok());
                let Some((left, end)) = left.zip(end) else { return Ok(Ok(())) };
                let wanted = end
                    .duration_since(self.campaign.effective_now(clock::wall()))
                    .as_millis()
                    .max(0);
                Ok(if (i128::from(left) - wanted).abs() < 30_000 {
                    Ok(())
                } else {
                    Err(row.to_string())
                })
            })
            .await
    }
}
