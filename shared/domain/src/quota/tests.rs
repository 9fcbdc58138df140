//! Places against a model of a few lines that looks at everybody each time.

use proptest::prelude::*;

use super::*;
use crate::{
    calendar::RomeTime,
    form::Schema,
    ids::ApplicationId,
    lifecycle::{Event, consequence::QuotaPlace},
    order::{DrawRule, OrderSeed},
    receipt::ReceiptCode,
};

const DF_2026: &str = include_str!("../../../../campaigns/df-2026.toml");

fn df_2026() -> Campaign {
    Campaign::parse(DF_2026).unwrap()
}

fn model(id: &str) -> ModelId {
    id.parse().unwrap()
}

fn noon() -> Timestamp {
    "2026-03-02T11:00:00Z".parse().unwrap()
}

fn rank(number: u32) -> Rank {
    let arrival = noon() + jiff::SignedDuration::from_millis(i64::from(number) / 3);
    let mut random = [0; 16];
    random[..4].copy_from_slice(&number.to_be_bytes());
    // Equal arrivals lie in the order of their draw; tests sort.
    let seed = OrderSeed::new([1; 32]);
    let code = ReceiptCode::from_random([0; 10]);
    Rank::new(arrival, &seed, DrawRule::SeedApplication, &ApplicationId::from_random(random), &code)
}

fn claims(reservations: &[Reservation], province: &str) -> Claims {
    Claims { reservations: reservations.iter().copied().collect(), province: province.to_owned() }
}

fn line(id: &str, places: u32, reserved_for: Option<Reservation>) -> QuotaLine {
    QuotaLine {
        id: id.to_owned(),
        label: id.to_owned(),
        models: vec![model("c-stag-agricoltura")],
        places,
        reserved_for,
        reserved_until: None,
        provinces: BTreeSet::new(),
        source: "prova".to_owned(),
    }
}

/// Whether an event gives up a place from this state, by the table alone.
fn gives_up(event: Event, from: State) -> bool {
    match event.consequences().place {
        QuotaPlace::GivenUp => true,
        QuotaPlace::GivenUpUnlessCompleted => from != State::ModulesIssued,
        QuotaPlace::Kept | QuotaPlace::Awaited | QuotaPlace::Required => false,
    }
}

#[test]
fn a_finished_case_keeps_its_place() {
    assert!(gives_up(Event::Archive, State::VisaIssued));
    assert!(!gives_up(Event::Archive, State::ModulesIssued));
    assert!(!gives_up(Event::Block, State::InReview));
}

/// RNK-2: what gives a place up leads where the ranking sees it; only a revoked case is ever opened again.
#[test]
fn who_gave_up_is_known_by_the_state_for_good() {
    let mut seen = BTreeSet::new();
    for from in State::ALL {
        for event in Event::ALL {
            let Ok(transition) = from.on(*event) else { continue };
            if gives_up(*event, *from) {
                assert!(has_given_up(transition.to), "{event:?} from {from:?}");
                seen.insert(transition.to.code());
            } else if has_given_up(transition.to) {
                assert_eq!(*from, State::ModulesIssued, "{event:?} gives up nothing");
            }
            let leads_back = has_given_up(*from) && !has_given_up(transition.to);
            assert!(!leads_back || *event == Event::ReopenCase, "{event:?} from {from:?}");
        }
    }
    assert_eq!(seen.len(), 4);
}

/// RNK-5: each answer that a reservation goes by is one that a form of the decree asks for.
#[test]
fn what_a_reservation_goes_by_is_asked_by_a_form() {
    let campaign = df_2026();
    for kind in Reservation::ALL {
        let Ground::Answer(field, answers) = kind.ground() else { continue };
        let is_asked = campaign.models().iter().filter_map(|model| model.schema()).any(|schema| {
            let schema = serde_json::to_string(Schema::find(schema).unwrap()).unwrap();
            schema.contains(&format!("\"{field}\""))
                && answers.iter().all(|answer| schema.contains(&format!("\"{answer}\"")))
        });
        assert!(is_asked, "{kind}");
    }
}

/// RNK-5: all places of the decree for 2026 can be given, reserved ones to whom they are reserved for.
#[test]
fn all_places_of_2026_can_be_given() {
    let campaign = df_2026();
    let lines: Vec<&QuotaLine> = campaign.lines().iter().collect();
    let mut standings = Standings::default();
    standings.follow(lines.iter().copied(), noon());
    let mut number = 0;
    let mut given: BTreeMap<String, u32> = BTreeMap::new();
    let mut arrive = |standings: &mut Standings, id: &str, kinds: &[Reservation], count: u32| {
        for _ in 0..count {
            number += 1;
            let seat =
                standings.seat(&lines, &rank(number), &model(id), &claims(kinds, "FG"), noon());
            if let Some(line) = seat.line {
                *given.entry(line).or_default() += 1;
            }
        }
    };
    let farm = [Reservation::AgriculturalAssociations];
    arrive(&mut standings, "c-stag-agricoltura", &farm, 50_000);
    arrive(&mut standings, "c-stag-turismo", &[Reservation::TourismAssociations], 14_000);
    arrive(&mut standings, "c-stag-turismo", &[Reservation::MultiYear], 6_000);
    arrive(&mut standings, "c-stag-agricoltura", &[], 30_000);
    arrive(&mut standings, "b2020", &[Reservation::CooperationCountries], 30_000);
    arrive(&mut standings, "b2020", &[Reservation::AgreementCountries], 20_000);
    arrive(&mut standings, "b2020", &[Reservation::Refugees], 15_000);
    arrive(&mut standings, "a-bis", &[], 20_000);
    for line in &lines {
        assert_eq!(given.get(&line.id), Some(&line.places), "{}", line.id);
        assert_eq!(standings.room(line), 0);
    }
    assert_eq!(given.values().sum::<u32>(), 88_000 + 76_200);
}

/// RNK-5: from the decree's date on, what is left of a reserved line serves those who wait, in order.
#[test]
fn what_stays_unused_serves_everybody_from_the_date_of_the_decree() {
    let mut reserved = line("riserva", 2, Some(Reservation::AgriculturalAssociations));
    reserved.reserved_until = Some(RomeTime::from(noon()));
    let before = noon() - jiff::SignedDuration::from_millis(1);
    let (id, nobody) = (model("c-stag-agricoltura"), claims(&[], "FG"));
    let lines = [&reserved];
    let mut standings = Standings::default();
    standings.follow(lines, before);
    let (one, other) = (rank(1), rank(4));
    assert_eq!(standings.seat(&lines, &one, &id, &nobody, before).line, None);
    assert_eq!(standings.seat(&lines, &other, &id, &nobody, before).line, None);
    assert_eq!(
        standings.looks_from(&reserved),
        None,
        "nobody waits for what is reserved to others"
    );
    standings.follow(lines, noon());
    assert_eq!(standings.looks_from(&reserved), Some(&Rank::first()));
    let page: Vec<Ranked<'_>> = [&one, &other]
        .map(|rank| Ranked { rank, model: &id, claims: &nobody, waits: true })
        .to_vec();
    assert_eq!(standings.move_up(&reserved, &page, true, noon()), [one, other]);
    assert_eq!(standings.room(&reserved), 0);
}

#[test]
fn a_line_of_provinces_admits_those_alone() {
    let mut of_foggia = line("foggia", 1, None);
    of_foggia.provinces = BTreeSet::from(["FG".to_owned()]);
    let id = model("c-stag-agricoltura");
    assert!(of_foggia.admits(&id, &claims(&[], "FG"), noon()));
    assert!(!of_foggia.admits(&id, &claims(&[], "LT"), noon()));
    assert!(!of_foggia.admits(&model("b2020"), &claims(&[], "FG"), noon()));
}

/// What may happen to a campaign.
#[derive(Clone, Debug)]
enum Happening {
    /// So many arrive; each picks its claims by number.
    Arrive(Vec<u8>),
    /// The one at this place of the order, if it is there and stands, gives up.
    GiveUp(usize),
    /// A line has more places.
    Add(usize, u32),
    /// The reservation of a line ends.
    Open(usize),
}

/// A submission in the simple model and what it has.
#[derive(Clone, Debug)]
struct Person {
    rank: Rank,
    claims: Claims,
    line: Option<usize>,
    stands: bool,
}

const KINDS: [Reservation; 3] =
    [Reservation::AgriculturalAssociations, Reservation::MultiYear, Reservation::Refugees];

fn claims_of(choice: u8) -> Claims {
    let kinds: Vec<Reservation> = KINDS
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| choice & (1 << bit) != 0)
        .map(|(_, kind)| kind)
        .collect();
    claims(&kinds, if choice & 8 == 0 { "FG" } else { "LT" })
}

/// Everybody who waits, in order, takes the first line with room.
fn by_looking_at_everybody(lines: &[QuotaLine], people: &mut [Person]) {
    for index in 0..people.len() {
        if !people[index].stands || people[index].line.is_some() {
            continue;
        }
        let taken =
            |line: usize| people.iter().filter(|one| one.stands && one.line == Some(line)).count();
        let free = lines.iter().enumerate().position(|(number, line)| {
            line.admits(&model("c-stag-agricoltura"), &people[index].claims, noon())
                && u32::try_from(taken(number)).unwrap() < line.places
        });
        people[index].line = free;
    }
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        4 => proptest::collection::vec(0_u8..16, 1..8).prop_map(Happening::Arrive),
        3 => (0_usize..40).prop_map(Happening::GiveUp),
        1 => ((0_usize..5), (1_u32..3)).prop_map(|(line, more)| Happening::Add(line, more)),
        1 => (0_usize..5).prop_map(Happening::Open),
    ]
}

proptest! {
    /// RNK-1, RNK-2, RNK-5: arrivals, withdrawals, added places and reservations that end, in any order and read by pages
    /// of any size, give each the same place as looking at everybody each time; never more places than there are.
    #[test]
    fn places_are_given_as_by_looking_at_everybody(
        places in proptest::collection::vec(0_u32..5, 5),
        happenings in proptest::collection::vec(happening(), 1..25),
        page in 1_usize..6,
    ) {
        let mut lines = vec![
            line("a", places[0], Some(KINDS[0])),
            line("b", places[1], Some(KINDS[1])),
            line("c", places[2], Some(KINDS[2])),
            line("d", places[3], None),
            line("e", places[4], None),
        ];
        lines[3].provinces = BTreeSet::from(["LT".to_owned()]);
        let id = model("c-stag-agricoltura");
        let mut standings = Standings::default();
        let (mut people, mut expected): (Vec<Person>, Vec<Person>) = (Vec::new(), Vec::new());
        for happening in happenings {
            standings.follow(&lines, noon());
            match happening {
                Happening::Arrive(choices) => {
                    let arrived = choices.into_iter().enumerate().map(|(index, choice)| Person {
                        // Three at the same millisecond: the draw decides.
                        rank: rank(u32::try_from(people.len() * 3 + index).unwrap()),
                        claims: claims_of(choice),
                        line: None,
                        stands: true,
                    });
                    let mut arrived: Vec<Person> = arrived.collect();
                    arrived.sort_by(|one, other| one.rank.cmp(&other.rank));
                    expected.extend(arrived.iter().cloned());
                    let all: Vec<&QuotaLine> = lines.iter().collect();
                    for mut person in arrived {
                        let seat = standings.seat(&all, &person.rank, &id, &person.claims, noon());
                        prop_assert_eq!(seat.ordinal, u64::try_from(people.len() + 1).unwrap());
                        person.line = seat.line.map(|line| lines.iter().position(|one| one.id == line).unwrap());
                        people.push(person);
                    }
                }
                Happening::GiveUp(index) => {
                    if let Some(person) = people.get_mut(index).filter(|one| one.stands) {
                        person.stands = false;
                        expected[index].stands = false;
                        if let Some(line) = person.line {
                            standings.free(&lines[line].id);
                        }
                    }
                }
                Happening::Add(line, more) => lines[line].places += more,
                Happening::Open(line) => {
                    lines[line].reserved_until = Some(RomeTime::from(noon()));
                    standings.follow(&lines, noon());
                }
            }
            for (number, line) in lines.iter().enumerate() {
                while let Some(from) = standings.looks_from(line).cloned() {
                    let all: Vec<usize> =
                        (0..people.len()).filter(|index| people[*index].rank >= from).collect();
                    let some: Vec<usize> = all.iter().copied().take(page).collect();
                    let ranked: Vec<Ranked<'_>> = some.iter().map(|index| {
                        let one = &people[*index];
                        let waits = one.stands && one.line.is_none();
                        Ranked { rank: &one.rank, model: &id, claims: &one.claims, waits }
                    }).collect();
                    let moved = standings.move_up(line, &ranked, some.len() == all.len(), noon());
                    for rank in moved {
                        people.iter_mut().find(|one| one.rank == rank).unwrap().line = Some(number);
                    }
                }
            }
            by_looking_at_everybody(&lines, &mut expected);
            let seats = |people: &[Person]| people.iter().map(|one| one.line).collect::<Vec<_>>();
            prop_assert_eq!(seats(&people), seats(&expected));
            for (number, line) in lines.iter().enumerate() {
                let seated = people.iter().filter(|one| one.stands && one.line == Some(number)).count();
                prop_assert!(seated <= usize::try_from(line.places).unwrap());
                prop_assert_eq!(standings.lines[&line.id].taken, u64::try_from(seated).unwrap());
            }
        }
    }
}

/// SUB-4.
#[test]
fn a_protocol_number_is_office_model_year_and_ordinal() {
    let number = protocol_number(&df_2026(), &model("c-stag-agricoltura"), "FG", 123);
    assert_eq!(number, "FG/C-STAG-AGRICOLTURA/2026/000123");
}

/// RNK-1: by the basis of who filed, and by what the form answers.
#[test]
fn an_application_falls_under_the_reservations_of_its_basis_and_its_answers() {
    let answered = |key: &str, answer: &str| {
        let field = crate::form::FieldValue {
            value: answer.into(),
            source: crate::form::ValueSource::Person,
            at: noon(),
        };
        Values::from([(key.parse().unwrap(), field)])
    };
    let of = |values: &Values, basis| Claims::of(values, basis, "LT");
    let none = Values::new();
    assert_eq!(of(&none, None), claims(&[], "LT"));
    let associations = claims(&[Reservation::AgriculturalAssociations], "LT");
    assert_eq!(of(&none, Some(BasisKind::ReservedQuota)), associations);
    let refugees = answered("request_country_group", "refugee");
    assert_eq!(of(&refugees, None), claims(&[Reservation::Refugees], "LT"));
    assert_eq!(of(&answered("worker_surname", "refugee"), None), claims(&[], "LT"));
}

#[test]
fn nobody_waits_in_a_line_that_is_new_while_nobody_was_ranked() {
    let (first, second) = (line("prima", 1, None), line("seconda", 1, None));
    let mut standings = Standings::default();
    standings.follow([&first], noon());
    assert_eq!(standings.looks_from(&first), None);
    standings.seat(&[&first], &rank(1), &model("c-stag-agricoltura"), &claims(&[], "LT"), noon());
    standings.follow([&first, &second], noon());
    assert_eq!(standings.looks_from(&second), Some(&Rank::first()));
}

/// RNK-1: while nobody of a campaign has a position nobody waits, so a line that is new has nobody to look for.
#[test]
fn a_new_line_is_looked_through_only_where_somebody_has_a_position() {
    let everybody = line("tutti", 1, None);
    for (positions, looks_from) in [(0, None), (1, Some(Rank::first()))] {
        let ordinals = BTreeMap::from([(model("c-stag-agricoltura"), positions)]);
        let mut standings = Standings { ordinals, ..Standings::default() };
        standings.follow([&everybody], noon());
        assert_eq!(standings.looks_from(&everybody), looks_from.as_ref(), "{positions}");
    }
}
