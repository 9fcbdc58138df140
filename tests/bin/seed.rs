//! Gives the running portal its campaigns and the demo people their roles; doing it twice changes nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, path::PathBuf, process::ExitCode};

use domain::{
    campaign::Campaign,
    organisation::{BasisKind, OrganisationKind},
    permission::Role,
};
use harness::{
    email_person::{DEMO_ADDRESS, EmailPerson},
    environment::root,
    story::{Deviation, StoryResult},
    world::World,
};
use jiff::Timestamp;
use outside::clock;
use simulate_registries::Population;
use store::{
    officials::Official,
    rows::{SaveError, millis},
};

/// A demo person with an office: number in the population, what they are called in the list, role, province.
type DemoOfficial = (u32, &'static str, Role, Option<&'static str>);

/// A demo organisation: name, what it is, on what it relies, and its people with what they are called in the list.
struct DemoOrganisation {
    /// The number of the company whose fiscal code it has.
    number: u32,
    name: &'static str,
    kind: OrganisationKind,
    basis: BasisKind,
    people: &'static [(u32, &'static str, Role)],
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let world = World::enter().await?;
    publish_campaigns(&world).await?;
    enable_people(&world).await?;
    tell_people();
    demo_email_account(&world).await
}

async fn publish_campaigns(world: &World) -> StoryResult {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("campaigns"))?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    for file in files {
        let name = file.display();
        let text = fs::read_to_string(&file)?;
        let campaign =
            Campaign::parse(&text).map_err(|error| Deviation::new(format!("{name}:\n{error}")))?;
        let published =
            world.campaigns()?.publish(&text, &campaign, false, None, clock::wall()).await;
        match published {
            Ok(()) => {
                println!("Campagna {} versione {}: pubblicata", campaign.id(), campaign.version());
            }
            Err(store::campaigns::PublishError::Exists) => {
                println!("Campagna {} versione {}: c'era già", campaign.id(), campaign.version());
            }
            Err(store::campaigns::PublishError::MovesTheClock(error)) => return Err(error.into()),
            Err(store::campaigns::PublishError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A demo person who stands neither here nor below is a private user at the first sign-in (IDP-4).
const OFFICIALS: [DemoOfficial; 6] = [
    (4, "funzionario SUI Foggia", Role::Officer, Some("FG")),
    (5, "funzionario SUI Verona", Role::Officer, Some("VR")),
    (6, "amministratore", Role::Administrator, None),
    (7, "Prefettura di Foggia", Role::PrefectureOfficer, Some("FG")),
    (8, "Direzione centrale", Role::Directorate, None),
    (9, "secondo amministratore", Role::Administrator, None),
];

/// One of each kind (ORG-1 to ORG-5).
const ORGANISATIONS: [DemoOrganisation; 4] = [
    DemoOrganisation {
        number: 20,
        name: "Associazione Agricoltori di Capitanata",
        kind: OrganisationKind::TradeAssociation,
        basis: BasisKind::LabourProtocol,
        people: &[
            (3, "operatore", Role::Operator),
            (10, "collega dell'operatore", Role::Operator),
            (11, "referente dell'associaz.", Role::OrganisationContact),
        ],
    },
    DemoOrganisation {
        number: 21,
        name: "Comune di prova",
        kind: OrganisationKind::Municipality,
        basis: BasisKind::PublicTask,
        people: &[
            (12, "operatore comunale", Role::Operator),
            (13, "referente comunale", Role::OrganisationContact),
        ],
    },
    DemoOrganisation {
        number: 22,
        name: "Agenzia per il lavoro di prova",
        kind: OrganisationKind::Agency,
        basis: BasisKind::Register,
        people: &[(14, "agenzia per il lavoro", Role::Operator)],
    },
    DemoOrganisation {
        number: 23,
        name: "Studio di consulenza di prova",
        kind: OrganisationKind::Professional,
        basis: BasisKind::Register,
        people: &[(15, "consulente del lavoro", Role::Operator)],
    },
];

async fn enable_people(world: &World) -> StoryResult {
    for (number, _, role, province) in OFFICIALS {
        let person = world.demo_person(number);
        let now = Timestamp::from_millisecond(millis(clock::wall()))?;
        let official = Official {
            account: world.account(&person).await?,
            fiscal_code: Some(person.fiscal_code.reveal().to_owned()),
            role,
            province: province.map(str::to_owned),
            from: now,
            until: None,
            by: None,
            appointed: now,
        };
        match world.officials()?.appoint(&official, None).await {
            // Who holds the office already keeps it.
            Ok(()) | Err(SaveError::Conflict) => {}
            Err(error) => return Err(Deviation::new(error.to_string())),
        }
    }
    for organisation in ORGANISATIONS {
        let people: Vec<_> =
            organisation.people.iter().map(|(number, _, role)| (*number, *role)).collect();
        world
            .stocked_organisation(
                organisation.number,
                organisation.name,
                organisation.kind,
                organisation.basis,
                &people,
            )
            .await?;
    }
    Ok(())
}

async fn demo_email_account(world: &World) -> StoryResult {
    let person = EmailPerson::with_address(world, DEMO_ADDRESS)?;
    if world.email_accounts().await?.account_of(&DEMO_ADDRESS.parse()?).await?.is_none() {
        person.is_imported(world, None).await?;
    }
    // The log of seeding keeps this text: no password stands in a log, not even one that is public.
    println!(
        "\nUtenza e-mail di prova: {DEMO_ADDRESS}; la password è PASSWORD in tests/harness/email_person.rs"
    );
    Ok(())
}

fn tell_people() {
    println!("\nPersone di prova (si scelgono nella pagina di accesso simulata):");
    let employer = Population::employer(1);
    let tell = |what: &str, number: u32| {
        let person = Population::person(number);
        println!(
            "  {what:<24} {} {}  {}",
            person.first_name,
            person.last_name,
            person.fiscal_code.reveal()
        );
    };
    tell("datore di lavoro", 1);
    println!(
        "  {:<24} {}  {}  PEC {}",
        "la sua azienda",
        employer.company_name,
        employer.company_code.reveal(),
        employer.pec
    );
    tell("persona fisica", 2);
    for (number, what, ..) in OFFICIALS {
        tell(what, number);
    }
    for (number, what, _) in ORGANISATIONS.iter().flat_map(|one| one.people) {
        tell(what, *number);
    }
}
