//! One press for many: what it names, how many it may be for, and when no further wave begins (FRM-4, ADR 13).

use std::collections::BTreeSet;

use domain::ids::{ApplicationId, CampaignId, ModelId};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use serde_json::Value;
use store::sessions::{AccessError, Caller, Sessions};
use utoipa::openapi::{RefOr, Schema};

use crate::http::{
    Fields,
    form::{Input, Parsed, list, text},
};

/// Most applications of one request.
pub const MOST: usize = 100;

/// Writes that are under way at once; before each further such wave the session is read again.
pub const WAVE: usize = 16;

/// After this long no wave begins any more: what is left is told so before the function is out of time.
const PATIENCE: SignedDuration = SignedDuration::from_secs(5);

/// The form of a campaign's and of a model's identifier.
const NAME: &str = "^[a-z0-9-]{1,40}$";
/// The form of an application's identifier.
const APPLICATION: &str = "^app_[0-9a-z]{26}$";
/// What an application's identifier must be.
const AS_LISTED: &str = "Indica l'identificativo della domanda, come nel riepilogo.";

/// The decree that a press names.
pub fn campaign() -> Parsed<CampaignId> {
    text().pattern(NAME).parsed("Indica l'identificativo del decreto, come nel calendario.")
}

/// The model that a press names.
pub fn model() -> Parsed<ModelId> {
    text().pattern(NAME).parsed("Indica l'identificativo del modello, come nel calendario.")
}

/// The application that a press for one names.
pub fn application() -> Parsed<ApplicationId> {
    text().pattern(APPLICATION).parsed(AS_LISTED)
}

/// See [`selection`].
#[derive(Clone, Copy, Debug)]
pub struct Selection;

/// The applications that a press for many names: from one to a hundred, each once, in their order. Every one that is wrong is
/// told.
pub const fn selection() -> Selection {
    Selection
}

impl Input for Selection {
    type Value = Vec<ApplicationId>;

    fn read(&self, fields: &mut Fields, name: &str) -> Option<Vec<ApplicationId>> {
        let texts = match fields.value(name)? {
            Value::Array(texts) if texts.is_empty() => {
                let message = "Indica almeno una domanda, oppure togli il campo per comprenderle tutte, cento per volta.";
                return fields.refuse(name, "obbligatorio", message);
            }
            Value::Array(texts) if texts.len() > MOST => {
                let message = format!("Al massimo {MOST} domande per volta.");
                return fields.refuse(name, "troppo-lungo", message);
            }
            Value::Array(texts) => texts,
            _ => {
                let message = "Deve essere un elenco di identificativi.";
                return fields.refuse(name, "tipo-errato", message);
            }
        };
        let mut seen = BTreeSet::new();
        let mut ids = Vec::with_capacity(texts.len());
        let mut is_sound = true;
        for (index, text) in texts.iter().enumerate() {
            let id: Option<ApplicationId> = text.as_str().and_then(|text| text.parse().ok());
            let place = format!("{name}[{index}]");
            match id {
                None => {
                    fields.refuse::<()>(&place, "non-valido", AS_LISTED);
                    is_sound = false;
                }
                Some(id) if !seen.insert(id.clone()) => {
                    fields.refuse::<()>(&place, "ripetuto", "La domanda è già nell'elenco.");
                    is_sound = false;
                }
                Some(id) => ids.push(id),
            }
        }
        is_sound.then_some(ids)
    }

    fn schema(&self) -> RefOr<Schema> {
        list(text().pattern(APPLICATION), 1, MOST).schema()
    }
}

/// Why no further wave begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stop {
    /// The session or the membership behind it is over, by a withdrawal that took effect meanwhile (ORG-4).
    Withdrawn,
    /// The session cannot be read, or time is running out.
    NoTime,
}

/// Whether another wave begins of a request that arrived then, and if not, why.
pub async fn stopped(sessions: &Sessions, caller: &Caller, arrival: Timestamp) -> Option<Stop> {
    if is_late(arrival) {
        return Some(Stop::NoTime);
    }
    // Not the arrival: a withdrawal that takes effect meanwhile must count.
    match sessions.require_live(caller, clock::wall()).await {
        Ok(_) => {}
        Err(AccessError::SessionOver) => return Some(Stop::Withdrawn),
        Err(_) => return Some(Stop::NoTime),
    }
    // Looked at again, since reading the session may have taken long itself.
    is_late(arrival).then_some(Stop::NoTime)
}

fn is_late(arrival: Timestamp) -> bool {
    clock::wall().duration_since(arrival) > PATIENCE
}
