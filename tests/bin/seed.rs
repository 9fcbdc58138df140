//! Gives the running portal its campaigns and the demo people their roles; doing it twice changes nothing.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{fs, path::PathBuf, process::ExitCode};

use domain::{
    campaign::{Campaign, Profile},
    ids::OrganisationId,
    permission::Role,
};
use harness::{
    environment::root,
    story::{Deviation, Told},
    world::World,
};
use simulate_registries::Population;

/// The demo organisation of the demo operator; always the same.
const ORGANISATION: [u8; 16] = *b"associazionedemo";

/// A demo person: number in the population, what they are called in the list, role, profile, province.
type Enabled = (u32, &'static str, Role, Profile, Option<&'static str>);

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

async fn run() -> Told {
    let world = World::enter().await?;
    publish_campaigns(&world).await?;
    enable_people(&world).await?;
    tell_people();
    Ok(())
}

async fn publish_campaigns(world: &World) -> Told {
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
            world.campaigns()?.publish(&text, &campaign, false, adapters::clock::wall()).await;
        match published {
            Ok(()) => {
                println!("Campagna {} versione {}: pubblicata", campaign.id(), campaign.version());
            }
            Err(adapters::campaigns::PublishError::Exists) => {
                println!("Campagna {} versione {}: c'era già", campaign.id(), campaign.version());
            }
            Err(adapters::campaigns::PublishError::Store(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Whoever is not listed here is a private user at the first sign-in (IDP-4).
const ENABLED: [Enabled; 4] = [
    (3, "operatore", Role::Operator, Profile::Organisation, None),
    (4, "funzionario SUI Foggia", Role::Officer, Profile::Private, Some("FG")),
    (5, "funzionario SUI Verona", Role::Officer, Profile::Private, Some("VR")),
    (6, "amministratore", Role::Administrator, Profile::Private, None),
];

async fn enable_people(world: &World) -> Told {
    let organisation = OrganisationId::from_random(ORGANISATION);
    for (number, _, role, profile, province) in ENABLED {
        let organisation = (role == Role::Operator).then_some(&organisation);
        world.enables(&world.demo_person(number), role, profile, organisation, province).await?;
    }
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
    for (number, what, ..) in ENABLED {
        tell(what, number);
    }
}
