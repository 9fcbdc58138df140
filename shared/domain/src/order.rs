//! The order of submissions: arrival, then a draw that no one can choose and anyone can recompute (SUB-3).
//!
//! The draw needs a seed that nobody knows before the day is over. Seeds are the links of a chain, one a day, each the
//! SHA-256 of the next day's: publishing yesterday's binds the administration to all that come, and whoever holds a later
//! one can derive every earlier one.

use std::fmt;

use jiff::{SignedDuration, Span, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    calendar,
    coded::coded,
    ids::{ApplicationId, CampaignId},
    keyed_hash::keyed_hash,
    receipt::ReceiptCode,
};

/// The day of the chain's first link.
const FIRST_DAY: Date = jiff::civil::date(2020, 1, 1);

/// Links of a chain: the last one is that of a day in 2052.
const DAYS: u32 = 12_000;

coded! {
    /// What is hashed behind the seed to draw between equal arrivals; a seed's file names it (SUB-3).
    pub enum DrawRule as "draw" {
        /// The application's id.
        SeedApplication = "seed-application", "Seme e domanda";
        /// The application's id and the *codice ricevuta*. Who knows the seed beforehand could start drafts until an id draws
        /// well; the code comes into being with the sending, and nothing unsends.
        SeedApplicationCode = "seed-application-code", "Seme, domanda e codice ricevuta";
    }
}

/// The secret end of a campaign's chain of seeds.
///
/// Its `Debug` is redacted: who knows it before a day is over could look for a favourable application id.
#[derive(Clone, Eq, PartialEq)]
pub struct SeedChain([u8; 32]);

impl SeedChain {
    /// The chain of a secret that was drawn for one campaign.
    pub const fn new(end: [u8; 32]) -> Self {
        Self(end)
    }

    /// The chain of a campaign, of a secret that all campaigns of a deployment share.
    pub fn derive(master: &[u8], campaign: &CampaignId) -> Self {
        Self(keyed_hash(master, "order seeds", &[campaign.as_str().as_bytes()]))
    }

    /// The seed of a day on Rome's calendar. Days before 2020 have the first link's, days after 2052 the last one's.
    pub fn seed_of(&self, day: Date) -> OrderSeed {
        let number = (day - FIRST_DAY).get_days().clamp(0, i32::try_from(DAYS - 1).unwrap_or(0));
        let after = DAYS - 1 - u32::try_from(number).unwrap_or_default();
        (0..after).fold(OrderSeed(self.0), |later, _| later.of_the_day_before())
    }

    /// The latest seed that may be public at an instant of the campaign's clock: that of the last day on Rome's calendar of
    /// which every order is final, the closing delay after its end. That of a day that is not over is never among them.
    pub fn public_at(&self, now: Timestamp, closing_delay: SignedDuration) -> (Date, OrderSeed) {
        let not_final = calendar::local_date(now - closing_delay);
        let day = not_final.saturating_sub(Span::new().days(1));
        (day, self.seed_of(day))
    }
}

/// A seed as it is published, for good.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PublicSeed {
    /// The version of this form: 1 without a rule, 2 with one.
    pub v: u8,
    /// The campaign.
    pub campaign: CampaignId,
    /// The day on Rome's calendar whose draws it makes.
    pub day: Date,
    /// The 32 bytes, in lower-case hex.
    pub seed: String,
    /// By what it draws. Files of version 1, which those of before are, name none: [`DrawRule::SeedApplication`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<DrawRule>,
}

impl PublicSeed {
    /// The written form of a seed that may be public, as [`SeedChain::public_at`] says.
    pub fn new(campaign: &CampaignId, rule: DrawRule, day: Date, seed: &OrderSeed) -> Self {
        let (v, draw) = match rule {
            DrawRule::SeedApplication => (1, None),
            DrawRule::SeedApplicationCode => (2, Some(rule)),
        };
        let seed = data_encoding::HEXLOWER.encode(seed.as_bytes());
        Self { v, campaign: campaign.clone(), day, seed, draw }
    }

    /// The file that holds it, in the bucket of facts.
    pub fn file(&self) -> String {
        format!("facts/seeds/{}/{}.json", self.campaign, self.day)
    }
}

impl fmt::Debug for SeedChain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SeedChain([redacted])")
    }
}

/// The seed of one day: its SHA-256 is that of the day before, and it is published when the day's order is final.
///
/// Its `Debug` is redacted: it may be one that is not published yet.
#[derive(Clone, Eq, PartialEq)]
pub struct OrderSeed([u8; 32]);

impl OrderSeed {
    /// A seed as it was published.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be published.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed of the day before, which this one was bound by.
    #[must_use]
    pub fn of_the_day_before(&self) -> Self {
        Self(Sha256::digest(self.0).into())
    }

    /// SHA-256 of the seed followed by the application's id as text and, where the rule says so, by the receipt's code as
    /// text; in lower-case hex.
    pub fn draw(&self, rule: DrawRule, application: &ApplicationId, code: &ReceiptCode) -> String {
        let draw = Sha256::new().chain_update(self.0).chain_update(application.as_str());
        let draw = match rule {
            DrawRule::SeedApplication => draw,
            DrawRule::SeedApplicationCode => draw.chain_update(code.as_str()),
        };
        data_encoding::HEXLOWER.encode(&draw.finalize())
    }
}

impl fmt::Debug for OrderSeed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OrderSeed([redacted])")
    }
}

/// The place of a submission among all, as a text whose order is theirs: arrival in milliseconds, draw, id.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rank(String);

impl Rank {
    /// Before every submission.
    pub const fn first() -> Self {
        Self(String::new())
    }

    /// After every submission.
    pub fn last() -> Self {
        Self("~".to_owned())
    }

    /// That of an application with its arrival and the code of its receipt (SUB-3). The seed is that of the arrival's day,
    /// the rule that of the campaign's order.
    pub fn new(
        arrival: Timestamp,
        seed: &OrderSeed,
        rule: DrawRule,
        application: &ApplicationId,
        code: &ReceiptCode,
    ) -> Self {
        let millisecond = arrival.as_millisecond();
        let draw = seed.draw(rule, application, code);
        Self(format!("{millisecond:013}#{draw}#{application}"))
    }

    /// Right after this one, before every later one.
    #[must_use]
    pub fn after(&self) -> Self {
        Self(format!("{}#", self.0))
    }

    /// The instant that it begins with, in milliseconds; none where it is before or after all.
    pub fn arrival(&self) -> Option<i64> {
        self.0.split_once('#')?.0.parse().ok()
    }

    /// The text that sorts.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Rank {
    /// A rank as it was stored.
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn application(number: u8) -> ApplicationId {
        ApplicationId::from_random([number; 16])
    }

    fn code(number: u8) -> ReceiptCode {
        ReceiptCode::from_random([number; 10])
    }

    #[test]
    fn before_and_after_all_nothing_arrived() {
        assert_eq!((Rank::first().arrival(), Rank::last().arrival()), (None, None));
    }

    #[test]
    fn the_earlier_arrival_comes_first_whatever_the_draw() {
        let seed = OrderSeed::new([3; 32]);
        let at = |millisecond| Timestamp::from_millisecond(millisecond).unwrap();
        let both = [(1, 2), (2, 1)];
        for (rule, (first, second)) in
            DrawRule::ALL.iter().flat_map(|rule| both.map(|pair| (*rule, pair)))
        {
            let rank = |millisecond, number| {
                Rank::new(at(millisecond), &seed, rule, &application(number), &code(number))
            };
            assert!(rank(999, first) < rank(1_000, second));
            assert!(rank(1_000, first) < rank(10_000_000, second));
            assert!(
                Rank::first() < rank(0, first) && rank(10_000_000, second).after() < Rank::last()
            );
            assert!(rank(1_000, first) < rank(1_000, first).after());
            assert!(rank(1_000, first).after() < rank(1_001, second));
            assert_eq!(rank(1_000, first).arrival(), Some(1_000));
        }
    }

    /// Anyone can recompute it: `printf` of the seed and the id into `sha256sum`.
    #[test]
    fn draw_and_chain_are_plain_sha_256() {
        let seed = OrderSeed::new([0; 32]);
        assert_eq!(
            seed.draw(DrawRule::SeedApplication, &application(0), &code(0)),
            "c379889cb9384231f58d031512c998dfe4f4924a8f46676cd090142448d9c82d"
        );
        assert_eq!(
            seed.draw(DrawRule::SeedApplicationCode, &application(0), &code(0)),
            "0061efb6aedab1dc476342eb6222ea34942fe5e957e769a13ef0efe04fef732e"
        );
        assert_eq!(
            data_encoding::HEXLOWER.encode(seed.of_the_day_before().as_bytes()),
            "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"
        );
        assert_eq!(
            format!("{seed:?} {:?}", SeedChain::new([0; 32])),
            "OrderSeed([redacted]) SeedChain([redacted])"
        );
    }

    /// NEW-1: where all arrive at the opening, nobody foresees a place: of seed, id and code none can be left out. Elsewhere
    /// the draw is what it was, whatever the code.
    #[test]
    fn the_armed_draw_needs_seed_id_and_code() {
        let draw = |rule, seed, id, with| {
            OrderSeed::new([seed; 32]).draw(rule, &application(id), &code(with))
        };
        let armed = |seed, id, with| draw(DrawRule::SeedApplicationCode, seed, id, with);
        let all: BTreeSet<String> =
            [armed(1, 1, 1), armed(2, 1, 1), armed(1, 2, 1), armed(1, 1, 2)].into();
        assert_eq!(all.len(), 4);
        let pressed = |with| draw(DrawRule::SeedApplication, 1, 1, with);
        assert_eq!(pressed(1), pressed(2));
        assert!(!all.contains(&pressed(1)));
    }

    #[test]
    fn codes_lead_back() {
        crate::coded::check::codes_lead_back(DrawRule::ALL, DrawRule::label);
    }

    /// SUB-3: the seed of yesterday, which everybody has, binds all later ones and tells none of them.
    #[test]
    fn each_days_seed_is_bound_by_the_one_of_the_day_before() {
        let chain = SeedChain::new([7; 32]);
        let day = date(2026, 1, 12);
        let seeds: Vec<OrderSeed> =
            day.series(Span::new().days(1)).take(30).map(|day| chain.seed_of(day)).collect();
        for pair in seeds.windows(2) {
            assert_eq!(pair[1].of_the_day_before(), pair[0]);
        }
        assert_ne!(chain.seed_of(day), SeedChain::new([8; 32]).seed_of(day));
        // Outside of the chain there is a seed all the same.
        assert_eq!(chain.seed_of(date(1999, 1, 1)), chain.seed_of(date(2020, 1, 1)));
        assert_eq!(chain.seed_of(date(2099, 1, 1)), OrderSeed::new([7; 32]));
    }

    /// SUB-3: at 23:59:59.999 of a click day, and for as long as an order of that day may change, nobody can learn its seed;
    /// in summer and in winter, and on the days that have 23 and 25 hours.
    #[test]
    fn the_seed_of_a_day_is_public_once_every_order_of_it_is_final() {
        let chain = SeedChain::new([7; 32]);
        let delay = SignedDuration::from_mins(3);
        for (day, ends) in [
            (date(2026, 1, 12), "2026-01-12T23:00:00Z"),
            (date(2026, 7, 12), "2026-07-12T22:00:00Z"),
            (date(2026, 3, 29), "2026-03-29T22:00:00Z"),
            (date(2026, 10, 25), "2026-10-25T23:00:00Z"),
        ] {
            let ends: Timestamp = ends.parse().unwrap();
            let millisecond = SignedDuration::from_millis(1);
            let before = day.yesterday().unwrap();
            for now in [ends - millisecond, ends, ends + delay - millisecond] {
                assert_eq!(chain.public_at(now, delay), (before, chain.seed_of(before)), "{now}");
            }
            assert_eq!(chain.public_at(ends + delay, delay), (day, chain.seed_of(day)));
        }
    }

    #[test]
    fn a_public_seed_is_written_with_its_day() {
        let campaign: CampaignId = "df-2026".parse().unwrap();
        let public =
            |rule| PublicSeed::new(&campaign, rule, date(2026, 1, 12), &OrderSeed::new([0xab; 32]));
        let bytes = "ab".repeat(32);
        for (rule, text) in [
            (
                DrawRule::SeedApplication,
                format!(r#"{{"v":1,"campaign":"df-2026","day":"2026-01-12","seed":"{bytes}"}}"#),
            ),
            (
                DrawRule::SeedApplicationCode,
                format!(
                    r#"{{"v":2,"campaign":"df-2026","day":"2026-01-12","seed":"{bytes}","draw":"seed-application-code"}}"#
                ),
            ),
        ] {
            let seed = public(rule);
            assert_eq!(seed.file(), "facts/seeds/df-2026/2026-01-12.json");
            assert_eq!(serde_json::to_string(&seed).unwrap(), text);
            assert_eq!(serde_json::from_str::<PublicSeed>(&text).unwrap(), seed);
        }
    }

    proptest! {
        /// SUB-3: total (different applications never tie) and reproducible (the order of insertion does not count).
        #[test]
        fn the_order_is_total_and_reproducible(
            seed: [u8; 32],
            rule in prop::sample::select(DrawRule::ALL),
            arrivals in prop::collection::btree_map(any::<[u8; 16]>(), 0..4_i64, 2..40),
        ) {
            let place = |(id, millisecond): (&[u8; 16], &i64)| {
                let arrival = Timestamp::from_millisecond(1_768_204_800_000 + millisecond).unwrap();
                let application = ApplicationId::from_random(*id);
                // The code of one receipt for all: ids alone tell them apart.
                Rank::new(arrival, &OrderSeed::new(seed), rule, &application, &code(0))
            };
            let mut forwards: Vec<Rank> = arrivals.iter().map(place).collect();
            forwards.sort();
            let mut backwards: Vec<Rank> = arrivals.iter().rev().map(place).collect();
            backwards.sort();
            prop_assert_eq!(&forwards, &backwards);
            prop_assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), arrivals.len());
        }
    }

    #[test]
    fn a_stored_rank_is_the_text_that_sorts() {
        let stored = "00001768204800120#9f2c".to_owned();
        assert_eq!(Rank::from(stored.clone()).as_str(), stored);
    }
}
