//! The checks that make a campaign out of a file; the error lists all problems at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::file::{CampaignFile, ModelFile, WindowFile};
use super::privacy::PrivacyPoint;
use super::window::Window;
use super::{Campaign, CampaignModel, LONGEST_LATE_TOKEN, Order};
use crate::calendar::RomeTime;
use crate::form::Table;
use crate::term::{RuleSet, TermKind};

/// More would be a mistake of units.
const LONGEST_OFFSET_MS: u64 = 20 * 366 * 86_400_000;

/// Longer than every timeout and retry of ours, in seconds.
const SHORTEST_GRACE_SECONDS: u32 = 60;

const MOST_ACTIVATION_ATTEMPTS: u8 = 5;

const MOST_SHARDS: u16 = 256;

const SHORTEST_KEPT_DAYS: u32 = 30;

const SHORTEST_KEPT_CASE_DAYS: u32 = 365;

const LONGEST_KEPT_DAYS: u32 = 36_525;

/// In characters.
const LONGEST_NOTICE_VERSION: usize = 40;

/// Something wrong in a campaign file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `models[0].submit[1].from`.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Why a text is not a campaign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CampaignError {
    /// Not TOML, a key that is missing or unknown, or a value of the wrong type: the message has line and column.
    #[error("{0}")]
    Unreadable(String),
    /// Everything that is wrong with the values.
    #[error("{}", in_lines(.0))]
    Invalid(Vec<Problem>),
}

fn in_lines(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

pub(super) fn checked(file: CampaignFile) -> Result<Campaign, CampaignError> {
    let mut problems = Problems::default();
    check_head(&file, &mut problems);
    check_policies(&file, &mut problems);
    check_enrichment(&file, &mut problems);
    let password_sign_in = file
        .password_sign_in
        .as_ref()
        .and_then(|window| problems.window("password_sign_in", window));
    let models = checked_models(&file, &mut problems);
    check_quotas(&file, &mut problems);
    let terms = checked_terms(&file, &mut problems);
    if problems.0.is_empty() {
        Ok(Campaign { file, models, terms, password_sign_in })
    } else {
        Err(CampaignError::Invalid(problems.0))
    }
}

fn check_head(file: &CampaignFile, problems: &mut Problems) {
    problems.require("version", file.version >= 1, "le versioni cominciano da 1");
    problems.require("year", (2000..=2100).contains(&file.year), "non è l'anno di un decreto");
    problems.text("title", &file.title);
    problems.text("law", &file.law);
    check_privacy(file, problems);
    for (name, kept, shortest) in [
        ("drafts", &file.retention.drafts, SHORTEST_KEPT_DAYS),
        ("cases", &file.retention.cases, SHORTEST_KEPT_CASE_DAYS),
    ] {
        problems.require(
            &format!("retention.{name}.days"),
            (shortest..=LONGEST_KEPT_DAYS).contains(&kept.days),
            "una bozza si conserva per almeno 30 giorni, una pratica chiusa per almeno un anno, nulla per più di 100 anni",
        );
        problems.text(&format!("retention.{name}.source"), &kept.source);
    }
    problems.require(
        "clock_offset_ms",
        file.clock_offset_ms.unsigned_abs() <= LONGEST_OFFSET_MS,
        "più di vent'anni: l'unità è il millisecondo",
    );
    problems.require(
        "limits.private",
        file.limits.private != Some(0),
        "per nessun limite togli la voce",
    );
}

/// A notice says all that the law asks for, or is not there at all, as in files of before.
fn check_privacy(file: &CampaignFile, problems: &mut Problems) {
    problems.text("privacy_notice", &file.privacy_notice);
    problems.require(
        "privacy_notice",
        file.privacy_notice.len() <= LONGEST_NOTICE_VERSION
            && file.privacy_notice.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        "la versione fa parte di un indirizzo: al massimo 40 lettere, cifre e trattini, come 2025-10-23",
    );
    if file.privacy.is_empty() {
        return;
    }
    for point in PrivacyPoint::ALL {
        problems.require(
            &format!("privacy.{point}"),
            file.privacy.get(point).is_some_and(|text| !text.trim().is_empty()),
            "lo chiedono gli articoli 13 e 14 del Regolamento (UE) 2016/679",
        );
    }
}

fn check_policies(file: &CampaignFile, problems: &mut Problems) {
    let activation = &file.activation;
    problems.require(
        "activation.valid_for",
        activation.valid_for.is_positive(),
        "un codice deve valere per qualche tempo",
    );
    problems.require(
        "activation.max_attempts",
        (1..=MOST_ACTIVATION_ATTEMPTS).contains(&activation.max_attempts),
        "da 1 a 5 tentativi",
    );
    problems.require("activation.min_pause", !activation.min_pause.is_negative(), "sotto zero");
    problems.require("activation.max_issues", activation.max_issues >= 1, "almeno un codice");
    problems.require(
        "activation.issue_window",
        activation.issue_window > activation.min_pause,
        "non è più lunga della pausa tra due codici",
    );

    let policies = &file.policies;
    problems.require(
        "policies.grace_seconds",
        policies.grace_seconds >= SHORTEST_GRACE_SECONDS,
        "deve superare ogni attesa e ripetizione: almeno 60",
    );
    problems.require(
        "policies.late_submit_token_minutes",
        policies.late_submit_token_grace() <= LONGEST_LATE_TOKEN,
        "al massimo 30",
    );
    let distinct: BTreeSet<_> = policies.reminder_days_left.iter().collect();
    problems.require(
        "policies.reminder_days_left",
        distinct.len() == policies.reminder_days_left.len() && !distinct.contains(&0),
        "giorni positivi, ciascuno una volta",
    );
    problems.require(
        "policies.armed_spread_ms",
        policies.order != Order::Armed || policies.armed_spread_ms.is_none(),
        "le domande prenotate arrivano tutte all'apertura: togli la voce",
    );

    let shards = &file.shards;
    for (name, count) in [
        ("pending", shards.pending),
        ("owner", shards.owner),
        ("province", shards.province),
        ("ranking", shards.ranking),
        ("deadline", shards.deadline),
    ] {
        problems.require(
            &format!("shards.{name}"),
            (1..=MOST_SHARDS).contains(&count),
            "da 1 a 256 parti",
        );
    }
}

fn check_enrichment(file: &CampaignFile, problems: &mut Problems) {
    let enrichment = &file.enrichment;
    problems.require(
        "enrichment.scale",
        enrichment.scale > 0.0 && enrichment.scale <= 1.0,
        "maggiore di 0 e al massimo 1",
    );
    let first_pause = enrichment.pauses_seconds.first();
    problems.require(
        "enrichment.pauses_seconds",
        first_pause.is_some_and(|pause| *pause > 0) && enrichment.pauses_seconds.is_sorted(),
        "almeno una pausa, maggiore di 0 e mai più breve della precedente",
    );
    problems.require(
        "enrichment.give_up_after_seconds",
        first_pause.is_none_or(|pause| *pause <= enrichment.give_up_after_seconds),
        "più breve della prima pausa",
    );
}

fn checked_models(file: &CampaignFile, problems: &mut Problems) -> Vec<CampaignModel> {
    problems.require("models", !file.models.is_empty(), "una campagna ha almeno un modello");
    let mut seen = BTreeSet::new();
    let mut models = Vec::with_capacity(file.models.len());
    for (index, model) in file.models.iter().enumerate() {
        let path = format!("models[{index}]");
        problems.require(
            &format!("{path}.id"),
            seen.insert(&model.id),
            "questo modello compare due volte",
        );
        models.push(checked_model(&path, model, problems));
    }
    models
}

fn checked_model(path: &str, file: &ModelFile, problems: &mut Problems) -> CampaignModel {
    problems.text(&format!("{path}.label"), &file.label);
    problems.text(&format!("{path}.source"), &file.source);
    problems.require(
        &format!("{path}.menu"),
        !file.menu.is_empty() && file.menu.iter().all(|entry| !entry.trim().is_empty()),
        "indica le voci di menu che portano al modello",
    );
    problems.require(
        &format!("{path}.schema"),
        file.schema.as_deref().is_none_or(is_schema_name),
        "scrivi il modulo come id@versione, per esempio c-stag-agricoltura@1",
    );
    let decides =
        [TermKind::NullaOsta, TermKind::NullaOstaSeasonal, TermKind::NullaOstaTrainedAbroad];
    problems.require(
        &format!("{path}.decision_term"),
        decides.contains(&file.decision_term),
        "non è un termine entro cui l'ufficio decide",
    );
    let model = CampaignModel {
        off_quota: file
            .off_quota
            .as_ref()
            .and_then(|window| problems.window(&format!("{path}.off_quota"), window)),
        start: problems.windows(&format!("{path}.start"), &file.start),
        edit: problems.windows(&format!("{path}.edit"), &file.edit),
        submit: problems.windows(&format!("{path}.submit"), &file.submit),
        read_closed: problems.windows(&format!("{path}.read_closed"), &file.read_closed),
        file: file.clone(),
    };
    problems.require(
        path,
        file.off_quota.is_some() || !file.submit.is_empty(),
        "nessuno potrebbe mai inviare questo modello",
    );
    for (index, start) in model.start.iter().enumerate() {
        problems.require(
            &format!("{path}.start[{index}]"),
            model.edit.iter().any(|edit| edit.holds(start)),
            "le nuove domande non potrebbero essere completate: nessuna finestra di modifica contiene questa",
        );
    }
    let opened = model.start.iter().chain(&model.edit).chain(&model.submit).collect::<Vec<_>>();
    for (index, closure) in model.read_closed.iter().enumerate() {
        problems.require(
            &format!("{path}.read_closed[{index}]"),
            !opened.iter().any(|window| window.overlaps(closure)),
            "un'altra finestra è aperta mentre la sezione non è consultabile",
        );
    }
    model
}

fn is_schema_name(name: &str) -> bool {
    name.split_once('@').is_some_and(|(id, version)| {
        id.parse::<crate::ids::ModelId>().is_ok()
            && version
                .parse::<u32>()
                .is_ok_and(|number| number >= 1 && number.to_string() == version)
    })
}

fn check_quotas(file: &CampaignFile, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    for (index, line) in file.quotas.iter().enumerate() {
        let path = format!("quotas[{index}]");
        problems.text(&format!("{path}.id"), &line.id);
        problems.require(
            &format!("{path}.id"),
            seen.insert(&line.id),
            "questa linea compare due volte",
        );
        problems.text(&format!("{path}.label"), &line.label);
        problems.text(&format!("{path}.source"), &line.source);
        problems.require(&format!("{path}.places"), line.places > 0, "una linea senza posti");
        problems.require(
            &format!("{path}.reserved_until"),
            line.reserved_until.is_none() || line.reserved_for.is_some(),
            "la linea non è riservata: togli la data o di' a chi è riservata",
        );
        let provinces = Table::find("provinces");
        for (position, code) in line.provinces.iter().enumerate() {
            problems.require(
                &format!("{path}.provinces[{position}]"),
                provinces.is_some_and(|table| table.entry(code).is_some()),
                "scrivi la sigla di una provincia, come FG",
            );
        }
        problems.require(
            &format!("{path}.models"),
            !line.models.is_empty(),
            "indica i modelli che concorrono per questa quota",
        );
        for (position, id) in line.models.iter().enumerate() {
            let model = file.models.iter().find(|model| model.id == *id);
            let path = format!("{path}.models[{position}]");
            problems.require(&path, model.is_some(), "la campagna non ha questo modello");
            problems.require(
                &path,
                model.is_none_or(|model| !model.submit.is_empty()),
                "questo modello è fuori quota per tutta la campagna",
            );
        }
    }
}

fn checked_terms(file: &CampaignFile, problems: &mut Problems) -> BTreeMap<TermKind, RuleSet> {
    let mut terms = BTreeMap::new();
    for (kind, rules) in &file.terms {
        problems.require(&format!("terms.{kind}"), !rules.is_empty(), "un termine senza regole");
        match RuleSet::new(*kind, rules.clone()) {
            Ok(rules) => {
                terms.insert(*kind, rules);
            }
            Err(rule_problems) => {
                for (index, problem) in rule_problems {
                    problems.add(format!("terms.{kind}[{index}]"), problem.to_string());
                }
            }
        }
    }
    terms
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: String, message: String) {
        self.0.push(Problem { path, message });
    }

    fn require(&mut self, path: &str, holds: bool, message: &str) {
        if !holds {
            self.add(path.to_owned(), message.to_owned());
        }
    }

    fn text(&mut self, path: &str, text: &str) {
        self.require(path, !text.trim().is_empty(), "vuoto");
    }

    fn instant(&mut self, path: String, text: &str) -> Option<jiff::Timestamp> {
        match text.parse::<RomeTime>() {
            Ok(time) => Some(time.instant()),
            Err(error) => {
                self.add(path, error.to_string());
                None
            }
        }
    }

    fn window(&mut self, path: &str, file: &WindowFile) -> Option<Window> {
        let from = self.instant(format!("{path}.from"), &file.from);
        let until = match &file.until {
            Some(text) => Some(self.instant(format!("{path}.until"), text)?),
            None => None,
        };
        let window = Window::new(from?, until);
        self.require(path, window.is_some(), "finisce prima di cominciare, o nello stesso istante");
        window
    }

    fn windows(&mut self, path: &str, files: &[WindowFile]) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::with_capacity(files.len());
        for (index, file) in files.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let Some(window) = self.window(&path, file) else { continue };
            // Touching windows would report a closing in the middle of an open time.
            let follows = windows
                .last()
                .is_none_or(|last| last.until().is_some_and(|until| until < window.from()));
            self.require(
                &path,
                follows,
                "non comincia dopo la fine della finestra precedente: ordinale o uniscile",
            );
            windows.push(window);
        }
        windows
    }
}
