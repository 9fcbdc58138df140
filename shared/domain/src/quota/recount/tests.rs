//! The recount beside the ranking itself, over invented campaigns; and what it says of rows that somebody changed.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::{calendar::RomeTime, campaign::Reservation, quota::Ranked};

const DEMO: &str = include_str!("../../../../../campaigns/demo.toml");
const KINDS: [Reservation; 2] = [Reservation::AgriculturalAssociations, Reservation::MultiYear];

fn agriculture() -> ModelId {
    "c-stag-agricoltura".parse().unwrap()
}

fn nine() -> Timestamp {
    "2026-02-09T08:00:00Z".parse().unwrap()
}

/// What may happen to a campaign between two runs of its ranking.
#[derive(Clone, Debug)]
enum Happening {
    /// So many arrive in one millisecond; each picks its claims by number.
    Arrive(Vec<u8>),
    /// The one at this place of the order, if it is there, gives up.
    GiveUp(usize),
    /// A version of the campaign adds places to a line.
    Add(usize, u32),
    /// A version of the campaign ends the reservation of a line.
    Open(usize),
    /// The ranking runs.
    Run,
}

/// A campaign of one model with four lines: for associations, for several years, for Latina, for all.
#[derive(Clone, Debug)]
struct Portal {
    places: [u32; 4],
    opened: BTreeSet<usize>,
    versions: Vec<Version>,
    standings: Standings,
    /// In their order.
    entries: Vec<Entry>,
    now: Timestamp,
}

impl Portal {
    fn with(places: [u32; 4]) -> Self {
        let mut portal = Self {
            places,
            opened: BTreeSet::new(),
            versions: Vec::new(),
            standings: Standings::default(),
            entries: Vec::new(),
            now: nine(),
        };
        portal.publishes();
        portal
    }

    fn publishes(&mut self) {
        let mut file = Campaign::parse(DEMO).unwrap().into_file();
        file.version = u32::try_from(self.versions.len() + 1).unwrap();
        file.models.retain(|model| model.id == agriculture());
        let line = |index: usize, id: &str, reserved_for: Option<Reservation>| QuotaLine {
            id: id.to_owned(),
            label: id.to_owned(),
            models: vec![agriculture()],
            places: self.places[index],
            reserved_for,
            reserved_until: self.opened.contains(&index).then(|| RomeTime::from(nine())),
            provinces: BTreeSet::new(),
            source: "prova".to_owned(),
        };
        file.quotas = vec![
            line(0, "associazioni", Some(KINDS[0])),
            line(1, "pluriennali", Some(KINDS[1])),
            line(2, "latina", None),
            line(3, "tutti", None),
        ];
        file.quotas[2].provinces = BTreeSet::from(["LT".to_owned()]);
        let campaign = Campaign::try_from(file).unwrap();
        let version = campaign.version();
        let publication = Publication { version, published_at: self.now, emergency: true };
        self.versions.push((publication, campaign));
    }

    fn at(&self) -> i64 {
        self.now.as_millisecond()
    }

    fn passes(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    fn happens(&mut self, happening: &Happening) {
        self.passes(2);
        match happening {
            Happening::Arrive(choices) => self.arrive(choices),
            Happening::GiveUp(index) => {
                let at = self.at();
                if let Some(entry) = self.entries.get_mut(*index) {
                    entry.gave_up.get_or_insert(at);
                }
            }
            Happening::Add(line, more) => {
                self.places[*line] += more;
                self.publishes();
            }
            Happening::Open(line) => {
                self.opened.insert(*line);
                self.publishes();
            }
            Happening::Run => self.runs(3, 2),
        }
    }

    fn arrive(&mut self, choices: &[u8]) {
        let mut arrived: Vec<Entry> = choices
            .iter()
            .enumerate()
            .map(|(index, &choice)| {
                let mut random = [0; 16];
                let number = u32::try_from(self.entries.len() + index).unwrap();
                random[..4].copy_from_slice(&number.to_be_bytes());
                let application = ApplicationId::from_random(random);
                let kinds = KINDS.into_iter().enumerate();
                let reservations =
                    kinds.filter(|(bit, _)| choice & (1 << bit) != 0).map(|(_, kind)| kind);
                let province = if choice & 4 == 0 { "FG" } else { "LT" };
                // Any draw: the recount goes by the order that is recorded.
                let draw = number.wrapping_mul(2_654_435_761);
                Entry {
                    rank: Rank::from(format!("{:013}#{draw:08x}#{application}", self.at())),
                    application,
                    model: agriculture(),
                    claims: Claims {
                        reservations: reservations.collect(),
                        province: province.to_owned(),
                    },
                    gave_up: None,
                    waits_to_be_passed_on: false,
                    given: None,
                }
            })
            .collect();
        arrived.sort_by(|one, other| one.rank.cmp(&other.rank));
        self.entries.extend(arrived);
    }

    /// A run of the ranking five minutes later, which reads pages of a size and moves about so many in one batch.
    fn runs(&mut self, page: usize, moves: usize) {
        self.passes(5);
        while self.moves(page, moves) {
            self.now += SignedDuration::from_millis(10);
        }
        let at = self.at();
        let (_, campaign) = self.versions.last().unwrap().clone();
        let lines: Vec<&QuotaLine> = campaign.lines().iter().collect();
        for entry in self.entries.iter_mut().filter(|entry| entry.given.is_none()) {
            let seat =
                self.standings.seat(&lines, &entry.rank, &entry.model, &entry.claims, self.now);
            let province = &entry.claims.province;
            entry.given = Some(Given {
                ordinal: seat.ordinal,
                protocol: protocol_number(&campaign, &entry.model, province, seat.ordinal),
                line: seat.line,
                at,
                moved_up: None,
                passed_on: None,
            });
        }
    }

    /// One batch of places that are free; whether anything moved.
    fn moves(&mut self, page: usize, moves: usize) -> bool {
        let at = self.at();
        let (_, campaign) = self.versions.last().unwrap().clone();
        self.standings.follow(campaign.lines(), self.now);
        let mut any = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.gave_up.is_some()) {
            let Some(given) = entry.given.as_mut().filter(|given| given.passed_on.is_none()) else {
                continue;
            };
            given.passed_on = Some(at);
            any = true;
            let moved_up = given.moved_up.as_ref().map(|(line, _)| line);
            if let Some(line) = moved_up.or(given.line.as_ref()) {
                self.standings.free(line);
            }
        }
        let mut moved_up = 0;
        for line in campaign.lines() {
            while let Some(from) = self.standings.looks_from(line).cloned() {
                if moved_up >= moves {
                    return true;
                }
                let all = self.entries.iter().filter(|entry| entry.given.is_some());
                let all: Vec<&Entry> = all.filter(|entry| entry.rank >= from).collect();
                let some: Vec<Ranked<'_>> = all
                    .iter()
                    .take(page)
                    .map(|entry| Ranked {
                        rank: &entry.rank,
                        model: &entry.model,
                        claims: &entry.claims,
                        waits: entry.gave_up.is_none()
                            && entry.given.as_ref().is_some_and(|given| {
                                given.line.is_none() && given.moved_up.is_none()
                            }),
                    })
                    .collect();
                let is_last = some.len() == all.len();
                let moved = self.standings.move_up(line, &some, is_last, self.now);
                moved_up += moved.len();
                for entry in &mut self.entries {
                    if moved.contains(&entry.rank) {
                        let given = entry.given.as_mut().unwrap();
                        given.moved_up = Some((line.id.clone(), at));
                        any = true;
                    }
                }
            }
        }
        any
    }

    fn recounted(&self) -> Recount {
        recount(&self.versions, &self.entries, &self.standings, self.now)
    }

    /// What is said once one entry is another, or one figure.
    fn said(&self, change: impl FnOnce(&mut Self)) -> Vec<(About, String)> {
        let mut changed = self.clone();
        change(&mut changed);
        let found = changed.recounted().differences;
        found.into_iter().map(|difference| (difference.about, difference.what)).collect()
    }

    fn given(&mut self, index: usize) -> &mut Given {
        self.entries[index].given.as_mut().unwrap()
    }
}

/// One place for all: Anna has it, Bruno and Carla wait; Anna withdraws, and Bruno moves up.
fn anna_withdrew() -> Portal {
    let mut portal = Portal::with([1, 1, 1, 1]);
    for happening in [
        Happening::Arrive(vec![0]),
        Happening::Arrive(vec![0]),
        Happening::Arrive(vec![0]),
        Happening::Run,
        Happening::GiveUp(0),
        Happening::Run,
    ] {
        portal.happens(&happening);
    }
    assert_eq!(portal.given(0).line.as_deref(), Some("tutti"));
    assert!(portal.given(1).moved_up.is_some() && portal.given(2).moved_up.is_none());
    portal
}

const ANNA: usize = 0;
const BRUNO: usize = 1;
const CARLA: usize = 2;

#[test]
fn a_campaign_of_which_nothing_was_changed_shows_no_difference() {
    let found = anna_withdrew().recounted();
    assert_eq!(found, Recount { submissions: 3, waiting: 0, taken: 1, differences: vec![] });
}

/// Issue 12: what is changed by hand is named, and nobody else.
#[test]
fn each_thing_that_was_changed_by_hand_is_named_alone() {
    let portal = anna_withdrew();
    let names = |index: usize, what: &str, change: &dyn Fn(&mut Portal)| {
        let said = portal.said(change);
        let about = About::Application(portal.entries[index].application.clone());
        assert_eq!(said.len(), 1, "{what}: {said:?}");
        assert_eq!(said[0].0, about, "{what}: {said:?}");
        assert!(said[0].1.contains(what), "{said:?} does not say {what}");
    };
    names(BRUNO, "has no place, counted is a place of tutti since", &|portal| {
        portal.given(BRUNO).moved_up = None;
    });
    names(BRUNO, "a place of latina since", &|portal| {
        let at = portal.given(BRUNO).moved_up.clone().unwrap().1;
        portal.given(BRUNO).moved_up = Some(("latina".to_owned(), at));
    });
    names(BRUNO, "has no position, though later ones have", &|portal| {
        portal.entries[BRUNO].given = None;
    });
    names(CARLA, "has a place of tutti in its turn, counted is no place", &|portal| {
        portal.given(CARLA).line = Some("tutti".to_owned());
    });
    names(CARLA, "has a place of tutti since", &|portal| {
        portal.given(CARLA).moved_up = Some(("tutti".to_owned(), portal.at()));
    });
    names(ANNA, "has no place, counted is a place of tutti in its turn", &|portal| {
        portal.given(ANNA).line = None;
    });
    names(ANNA, "was never passed on", &|portal| portal.given(ANNA).passed_on = None);
    names(ANNA, "before it could be", &|portal| {
        portal.given(ANNA).passed_on = Some(portal.entries[ANNA].gave_up.unwrap() - RUN - 1);
    });
    names(CARLA, "was never passed on", &|portal| {
        portal.entries[CARLA].gave_up = Some(portal.at());
    });
    names(CARLA, "has a place passed on at", &|portal| {
        portal.given(CARLA).passed_on = Some(portal.at());
    });
    names(CARLA, "has protocol LT/", &|portal| {
        portal.given(CARLA).protocol = "LT/C-STAG-AGRICOLTURA/2026/000003".to_owned();
    });
}

#[test]
fn what_still_waits_for_a_run_is_no_difference() {
    let mut portal = anna_withdrew();
    portal.happens(&Happening::Arrive(vec![0]));
    let at = portal.at();
    let carla = &mut portal.entries[CARLA];
    (carla.gave_up, carla.waits_to_be_passed_on) = (Some(at), true);
    let found = portal.recounted();
    assert_eq!((found.waiting, found.differences), (1, vec![]));
}

#[test]
fn a_position_that_was_given_before_it_was_final_is_named() {
    for (waited, is_early) in [(179_999, true), (180_000, false)] {
        let said = anna_withdrew().said(|portal| {
            let arrival = portal.entries[ANNA].rank.arrival().unwrap();
            portal.given(ANNA).at = arrival + waited;
        });
        let says = said.iter().any(|(_, what)| what.contains("before its position was final"));
        assert_eq!(says, is_early, "{waited} ms: {said:?}");
    }
}

/// RNK-2: a run of the minute before the end need not have seen it; then the place still waits, and the next run passes it
/// on.
#[test]
fn a_place_that_the_run_of_its_minute_did_not_see_given_up_is_passed_on_by_the_next() {
    let mut portal = Portal::with([1, 1, 1, 1]);
    for arrive in [3, 1] {
        for _ in 0..arrive {
            portal.happens(&Happening::Arrive(vec![0]));
        }
        portal.happens(&Happening::Run);
    }
    let anna = &mut portal.entries[ANNA];
    anna.waits_to_be_passed_on = true;
    anna.gave_up = Some(portal.now.as_millisecond() + RUN / 2);
    assert_eq!(portal.said(|_| ()), vec![], "Anna's place waits for a run");
    portal.happens(&Happening::Run);
    portal.entries[ANNA].waits_to_be_passed_on = false;
    assert!(portal.given(BRUNO).moved_up.is_some());
    assert_eq!(portal.said(|_| ()), vec![], "the run after the end gave it to Bruno");
}

/// The first one after a gap says so for all that follow.
#[test]
fn one_that_stands_in_the_order_no_more_is_seen_by_who_comes_next_and_by_the_figures() {
    let portal = anna_withdrew();
    let bruno = portal.entries[BRUNO].application.clone();
    let said = portal.said(|portal| {
        portal.entries.remove(ANNA);
    });
    let what = |about: &About| -> Vec<&str> {
        said.iter().filter(|(of, _)| of == about).map(|(_, what)| what.as_str()).collect()
    };
    assert!(what(&About::Application(bruno)).contains(&"has position 2, counted is 1"), "{said:?}");
    let positions = "says 3 positions; counted are 2 positions";
    assert!(what(&About::Model(agriculture())).contains(&positions), "{said:?}");
    let carla = About::Application(portal.entries[CARLA].application.clone());
    assert!(!what(&carla).iter().any(|what| what.contains("position")), "{said:?}");
}

#[test]
fn figures_that_say_otherwise_are_named_by_line_and_model() {
    let portal = anna_withdrew();
    let said = portal.said(|portal| {
        portal.standings.lines.get_mut("tutti").unwrap().taken = 2;
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, About::Line("tutti".to_owned()));
    assert!(said[0].1.starts_with("says 2 places taken and the last arrival"), "{said:?}");
    let said = portal.said(|portal| {
        let sent = portal.standings.sent.get_mut(&agriculture()).unwrap();
        sent.get_mut("FG").unwrap().sent = 4;
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].0, About::Model(agriculture()));
    assert!(said[0].1.starts_with("says 4 sent from FG"), "{said:?}");
}

/// RNK-5: a version that adds places counts from its effect on; a run that does not come is a difference.
#[test]
fn places_that_were_added_and_not_given_are_missed() {
    let mut portal = anna_withdrew();
    portal.happens(&Happening::Add(3, 1));
    let said = portal.said(|_| ());
    assert_eq!(said.len(), 3, "the case, its line and its province: {said:?}");
    portal.happens(&Happening::Run);
    assert_eq!(portal.said(|_| ()), vec![]);
}

#[test]
fn a_place_is_given_up_once_and_never_by_a_finished_case() {
    assert!(gives_up(Event::Archive, State::VisaIssued));
    assert!(!gives_up(Event::Archive, State::ModulesIssued));
    assert!(!gives_up(Event::Archive, State::Revoked));
    assert!(gives_up(Event::Withdraw, State::Submitted));
    assert!(!gives_up(Event::Block, State::InReview));
}

#[test]
fn what_a_difference_is_about_is_written_in_words() {
    let id = ApplicationId::from_random([7; 16]);
    let difference = |about| Difference { about, what: "has no place".to_owned() }.to_string();
    assert_eq!(difference(About::Application(id.clone())), format!("{id}: has no place"));
    assert_eq!(difference(About::Line("tutti".to_owned())), "line tutti: has no place");
    assert_eq!(difference(About::Model(agriculture())), "model c-stag-agricoltura: has no place");
    assert_eq!(difference(About::Ranking), "ranking: has no place");
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => proptest::collection::vec(0_u8..8, 1..8).prop_map(Happening::Arrive),
        4 => (0_usize..40).prop_map(Happening::GiveUp),
        1 => ((0_usize..4), (1_u32..4)).prop_map(|(line, more)| Happening::Add(line, more)),
        1 => (0_usize..2).prop_map(Happening::Open),
        3 => Just(Happening::Run),
    ]
}

/// A portal after all this, ranked to its end.
fn after(places: [u32; 4], happenings: &[Happening]) -> Portal {
    let mut portal = Portal::with(places);
    for happening in happenings.iter().chain([&Happening::Run, &Happening::Run]) {
        portal.happens(happening);
    }
    portal
}

proptest! {
    /// RNK-1, RNK-2, RNK-5: arrivals, withdrawals, added places and reservations that end, in any order, with runs in
    /// between that move some at a time: the recount comes to what the ranking gave.
    #[test]
    fn the_recount_comes_to_what_the_ranking_gave(
        places in [1_u32..5, 1_u32..5, 1_u32..5, 1_u32..5],
        happenings in proptest::collection::vec(happening(), 1..30),
    ) {
        let portal = after(places, &happenings);
        let found = portal.recounted();
        prop_assert_eq!(found.differences, vec![]);
        prop_assert_eq!(found.submissions, u64::try_from(portal.entries.len()).unwrap());
    }

    /// Issue 12: whose place in its turn or position is another than the ranking gave is named, and nobody else.
    #[test]
    fn a_place_that_is_changed_by_hand_is_named_alone(
        places in [1_u32..5, 1_u32..5, 1_u32..5, 1_u32..5],
        happenings in proptest::collection::vec(happening(), 1..30),
        whose: prop::sample::Index,
        is_position: bool,
    ) {
        let mut portal = after(places, &happenings);
        prop_assume!(!portal.entries.is_empty());
        let index = whose.index(portal.entries.len());
        let about = About::Application(portal.entries[index].application.clone());
        let given = portal.given(index);
        if is_position {
            given.ordinal += 7;
        } else {
            given.line = if given.line.is_some() { None } else { Some("tutti".to_owned()) };
        }
        let found = portal.recounted().differences;
        prop_assert!(!found.is_empty());
        prop_assert!(found.iter().all(|one| one.about == about), "{:?}", found);
    }
}

/// RNK-2: up to a minute before the end the case stands; within the minute what the run gave says whether it saw the end.
#[test]
fn a_case_that_ends_stands_until_the_run_that_can_have_seen_it() {
    let entry = |gave_up, moved_up: Option<i64>| {
        let given = moved_up.map(|at| Given {
            ordinal: 1,
            protocol: String::new(),
            line: None,
            at: 0,
            moved_up: Some(("tutti".to_owned(), at)),
            passed_on: None,
        });
        Entry {
            application: ApplicationId::from_random([1; 16]),
            model: agriculture(),
            rank: Rank::first(),
            claims: Claims::default(),
            gave_up,
            waits_to_be_passed_on: false,
            given,
        }
    };
    let stands = |gave_up, moved_up, at| {
        let entry = entry(gave_up, moved_up);
        let case = Case {
            entry: &entry,
            turn: None,
            passed_on: None,
            ordinal: 1,
            line: None,
            moved_up: None,
        };
        case.stands(at)
    };
    assert!(stands(None, None, 1_000_000));
    assert!(stands(Some(100_000), None, 39_999));
    assert!(!stands(Some(100_000), None, 40_000));
    assert!(stands(Some(100_000), Some(50_000), 50_000));
    assert!(!stands(Some(100_000), Some(50_000), 50_001));
}
