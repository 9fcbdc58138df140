//! What administrators read of campaigns.

use domain::{
    calendar,
    campaign::{Difference, Publication},
};
use jiff::Timestamp;
use serde::Serialize;
use store::campaigns::Version;
use utoipa::ToSchema;

/// More would be another campaign.
pub(crate) const MOST_DIFFERENCES: usize = 500;

/// A page of campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignList {
    /// Their identifiers.
    pub campaigns: Vec<String>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// The newest versions of a campaign.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignVersions {
    /// Identifier.
    pub campaign: String,
    /// The newest first, five at most; those that have not taken effect yet are among them.
    pub versions: Vec<VersionView>,
    /// The newest as a file, to be changed and sent back with the next version.
    pub document: String,
}

/// One version.
#[derive(Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// Its number.
    pub version: u32,
    /// When it was published, RFC 3339.
    pub published: String,
    /// From when it decides, RFC 3339.
    pub takes_effect: String,
    /// The same in words.
    pub takes_effect_in_words: String,
    /// Until when some requests may still be decided by the version before, RFC 3339; only of an emergency.
    pub mixed_until: Option<String>,
    /// Whether it decides now.
    pub is_in_force: bool,
    /// The account of who published it; null where it was a command.
    pub published_by: Option<String>,
}

impl VersionView {
    pub(crate) fn of(version: &Version, in_force: Option<u32>) -> Self {
        let publication = &version.publication;
        let by = version.by.as_ref().map(ToString::to_string);
        Self::new(publication, in_force == Some(publication.version), by)
    }

    pub(crate) fn new(publication: &Publication, is_in_force: bool, by: Option<String>) -> Self {
        let effect = publication.effect();
        Self {
            version: publication.version,
            published: calendar::rfc3339(publication.published_at),
            takes_effect: calendar::rfc3339(effect.at),
            takes_effect_in_words: calendar::in_words(effect.at),
            mixed_until: effect.mixed_until.map(calendar::rfc3339),
            is_in_force,
            published_by: by,
        }
    }
}

/// A version against the newest that is published.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComparisonView {
    /// The version that was compared with; null where the campaign is new.
    pub against: Option<u32>,
    /// What differs; empty where the campaign is new.
    pub differences: Vec<DifferenceView>,
    /// Whether all of it is here.
    pub is_complete: bool,
}

impl ComparisonView {
    pub(crate) fn of(against: Option<u32>, mut differences: Vec<Difference>) -> Self {
        let is_complete = differences.len() <= MOST_DIFFERENCES;
        differences.truncate(MOST_DIFFERENCES);
        let differences = differences.into_iter().map(|one| DifferenceView {
            path: one.path,
            before: one.before,
            after: one.after,
        });
        Self { against, differences: differences.collect(), is_complete }
    }
}

/// A value that differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceView {
    /// The key, such as `models[c-stag-agricoltura].submit[0].from`.
    pub path: String,
    /// As JSON text; null where it is new.
    pub before: Option<String>,
    /// As JSON text; null where it goes.
    pub after: Option<String>,
}

/// What was published.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedView {
    /// Identifier.
    pub campaign: String,
    /// The version, and when it takes effect.
    #[serde(flatten)]
    pub version: VersionView,
    /// What it changes.
    pub comparison: ComparisonView,
}

/// Which of these versions decides at an instant.
pub(crate) fn in_force(versions: &[Version], now: Timestamp) -> Option<u32> {
    let publications: Vec<_> = versions.iter().map(|version| version.publication).collect();
    Publication::in_force(&publications, now).map(|publication| publication.version)
}
