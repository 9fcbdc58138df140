//! What everybody may know of the places of a campaign (NEW-7): counts and instants, of nobody in particular.

use jiff::Timestamp;
use serde::Serialize;

use super::{Sent, Standings};
use crate::{
    calendar,
    campaign::{Campaign, CampaignModel},
    ids::{CampaignId, ModelId},
};

/// The public figures of a campaign, as a file says them. Instants are RFC 3339 with Rome's offset.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PublicFigures {
    /// The version of this form.
    pub v: u8,
    /// The campaign.
    pub campaign: CampaignId,
    /// Its version, of which the lines and places are.
    pub version: u32,
    /// Counts the steps of the ranking: of two files the larger one is the later one.
    pub step: u64,
    /// Models that have places.
    pub models: Vec<ModelFigures>,
    /// Quota lines, in the order of the campaign.
    pub lines: Vec<LineFigures>,
}

/// What was sent of one model.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ModelFigures {
    /// The model.
    pub model: ModelId,
    /// Submissions whose position is final.
    pub sent: u64,
    /// The latest arrival that was ever given a place.
    pub last_arrival: Option<String>,
    /// The same by province of the workplace, in alphabetical order.
    pub provinces: Vec<ProvinceFigures>,
}

/// What was sent of one model from one province.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ProvinceFigures {
    /// The province's two letters.
    pub province: String,
    /// See [`ModelFigures::sent`].
    pub sent: u64,
    /// See [`ModelFigures::last_arrival`].
    pub last_arrival: Option<String>,
}

/// How full one line is.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LineFigures {
    /// The line's identifier.
    pub line: String,
    /// Its name in Italian.
    pub label: String,
    /// The models that may take its places.
    pub models: Vec<ModelId>,
    /// Places that it has.
    pub places: u32,
    /// Places that are taken: given and not given up.
    pub taken: u64,
    /// See [`ModelFigures::last_arrival`].
    pub last_arrival: Option<String>,
}

impl PublicFigures {
    /// The figures of a campaign that stands so, after so many steps of its ranking.
    pub fn of(campaign: &Campaign, standings: &Standings, step: u64) -> Self {
        let has_places = campaign.models().iter().map(CampaignModel::id);
        let models = has_places.filter(|model| campaign.has_places(model)).map(|model| {
            let provinces = standings.sent.get(model);
            let all = || provinces.into_iter().flatten();
            ModelFigures {
                model: model.clone(),
                sent: all().map(|(_, sent)| sent.sent).sum(),
                last_arrival: written(all().filter_map(|(_, sent)| sent.last).max()),
                provinces: all().map(|(province, sent)| of_province(province, sent)).collect(),
            }
        });
        let lines = campaign.lines().iter().map(|line| {
            let standing = standings.lines.get(&line.id);
            LineFigures {
                line: line.id.clone(),
                label: line.label.clone(),
                models: line.models.clone(),
                places: line.places,
                taken: standing.map_or(0, |standing| standing.taken),
                last_arrival: written(standing.and_then(|standing| standing.last)),
            }
        });
        Self {
            v: 1,
            campaign: campaign.id().clone(),
            version: campaign.version(),
            step,
            models: models.collect(),
            lines: lines.collect(),
        }
    }

    /// The file that holds them, in the bucket of facts.
    pub fn file(&self) -> String {
        format!("facts/figures/{}.json", self.campaign)
    }
}

fn of_province(province: &str, sent: &Sent) -> ProvinceFigures {
    ProvinceFigures {
        province: province.to_owned(),
        sent: sent.sent,
        last_arrival: written(sent.last),
    }
}

fn written(arrival: Option<i64>) -> Option<String> {
    let arrival = Timestamp::from_millisecond(arrival?).ok()?;
    Some(calendar::rfc3339(arrival))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::{
        campaign::QuotaLine,
        ids::ApplicationId,
        order::{DrawRule, OrderSeed, Rank},
        quota::{Claims, Ranked},
        receipt::ReceiptCode,
    };

    fn demo() -> Campaign {
        Campaign::parse(include_str!("../../../../campaigns/demo.toml")).unwrap()
    }

    fn rank(number: u8) -> Rank {
        let nine: Timestamp = "2026-02-09T08:00:00Z".parse().unwrap();
        let arrival = nine + SignedDuration::from_millis(number.into());
        let (seed, code) = (OrderSeed::new([1; 32]), ReceiptCode::from_random([number; 10]));
        let application = ApplicationId::from_random([number; 16]);
        Rank::new(arrival, &seed, DrawRule::SeedApplication, &application, &code)
    }

    fn of(province: &str) -> Claims {
        Claims { reservations: BTreeSet::new(), province: province.to_owned() }
    }

    /// NEW-7: 103 are sent for the demo's hundred places; one of Foggia gives up, and who moves up is of Bari.
    #[test]
    fn sent_taken_and_the_last_arrival_in_quota_by_model_line_and_province() {
        let campaign = demo();
        let lines: Vec<&QuotaLine> = campaign.lines().iter().collect();
        let model: ModelId = "c-stag-agricoltura".parse().unwrap();
        let line = *lines.iter().find(|line| line.id == "stagionale-ordinaria").unwrap();
        let now: Timestamp = "2026-02-09T08:05:00Z".parse().unwrap();
        let mut standings = Standings::default();
        standings.follow(lines.iter().copied(), now);
        for number in 0..103 {
            let claims = of(if number < 60 { "FG" } else { "BA" });
            standings.seat(&lines, &rank(number), &model, &claims, now);
        }
        let figures = |standings: &Standings| PublicFigures::of(&campaign, standings, 7);
        let of_model = |figures: &PublicFigures| {
            let found = figures.models.iter().find(|of| of.model == model).unwrap();
            serde_json::to_value(found).unwrap()
        };
        let at = |millisecond: u16| format!("2026-02-09T09:00:00.{millisecond:03}+01:00");
        assert_eq!(
            of_model(&figures(&standings)),
            json!({
                "model": "c-stag-agricoltura",
                "sent": 103,
                "last_arrival": at(99),
                "provinces": [
                    { "province": "BA", "sent": 43, "last_arrival": at(99) },
                    { "province": "FG", "sent": 60, "last_arrival": at(59) },
                ],
            })
        );
        standings.free(&line.id);
        let (next, claims) = (rank(100), of("BA"));
        let page = [Ranked { rank: &next, model: &model, claims: &claims, waits: true }];
        assert_eq!(standings.move_up(line, &page, false, now), std::slice::from_ref(&next));
        let after = figures(&standings);
        assert_eq!(of_model(&after)["last_arrival"], json!(at(100)));
        let of_line = after.lines.iter().find(|of| of.line == line.id).unwrap();
        assert_eq!((of_line.places, of_line.taken), (line.places, 100));
        assert_eq!(of_line.last_arrival, Some(at(100)));
        assert_eq!(after.file(), "facts/figures/demo.json");
    }

    #[test]
    fn before_anything_was_sent_places_are_all_there_is() {
        let figures = PublicFigures::of(&demo(), &Standings::default(), 0);
        assert!(figures.lines.iter().all(|line| line.places > 0 && line.taken == 0));
        assert!(figures.models.iter().all(|model| model.sent == 0 && model.provinces.is_empty()));
        assert!(!figures.models.is_empty() && !figures.lines.is_empty());
    }
}
