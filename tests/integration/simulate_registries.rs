//! The deployed registries through the real client: voucher, memory in the table, lateness, stalling (CHK-2, ENR-1, ENR-2).

use std::time::Duration;

use domain::{
    form::{Mode, Registry},
    ids::ApplicationId,
};
use harness::{
    environment::Environment,
    people,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use outside::{
    aws,
    registries::{
        Credentials, Registries, RegistryAnswer, RegistryError, Representation, Subject, TIMEOUT,
    },
};
use simulate_registries::{Behaviour, Demand, DemoEmployer};

/// The portal's own client against the deployed simulators, in the name of a fresh application.
struct RegistriesClient {
    world: World,
    registries: Registries,
    reference: String,
}

impl RegistriesClient {
    async fn opens() -> StoryResult<Self> {
        let world = World::enter().await?;
        let environment = Environment::read();
        let secret =
            aws::secret(&environment.sdk().await?, &environment.text("REGISTRIES_SECRET_ID")?)
                .await
                .map_err(|error| Deviation::new(error.to_string()))?;
        let credentials = Credentials {
            client_id: environment.text("REGISTRIES_CLIENT_ID")?,
            client_secret: String::from_utf8(secret)
                .map_err(|error| Deviation::new(error.to_string()))?,
        };
        let registries =
            Registries::new(&environment.text("REGISTRIES_URL")?, credentials, TIMEOUT)
                .map_err(|error| Deviation::new(error.to_string()))?;
        let bytes = aws::random().map_err(|error| Deviation::new(error.to_string()))?;
        Ok(Self { world, registries, reference: ApplicationId::from_random(bytes).to_string() })
    }

    async fn represents(&self, employer: &DemoEmployer) -> Result<Representation, RegistryError> {
        self.registries.represents(&self.reference, &subject(employer)).await
    }

    async fn position(&self, employer: &DemoEmployer) -> Result<RegistryAnswer, RegistryError> {
        self.registries
            .facts(&self.reference, Registry::Inps, Mode::Later, &subject(employer))
            .await
    }
}

fn fresh(behaviour: Behaviour) -> StoryResult<DemoEmployer> {
    people::employer_with(Demand::from(behaviour))
}

fn subject(employer: &DemoEmployer) -> Subject {
    Subject::new(
        employer.representative.fiscal_code.clone().into(),
        Some(employer.company_code.clone()),
        employer.in_register,
    )
}

/// CHK-2: who represents the company, and where its PEC is.
#[tokio::test]
async fn a_company_of_the_range_has_a_representative_and_an_address() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    let employer = fresh(Behaviour::Regular)?;
    same("representation", &client.represents(&employer).await, &Ok(Representation::Yes))?;
    let address = client.registries.certified_address(&client.reference, &subject(&employer)).await;
    same(
        "address",
        &address.map(|address| address.map(|address| address.reveal().to_owned())),
        &Ok(Some(employer.pec.clone())),
    )
}

/// CHK-2: what was down twice answers the third time, because the table remembers the questions.
#[tokio::test]
async fn a_registry_that_is_down_twice_comes_back() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    let employer = fresh(Behaviour::DownTwice)?;
    for _ in 0..2 {
        let down = Err(RegistryError::Unavailable { status: Some(500) });
        same("representation", &client.represents(&employer).await, &down)?;
    }
    same("representation", &client.represents(&employer).await, &Ok(Representation::Yes))
}

/// CHK-2: a registry that does not answer in time is given up after the client's own limit.
#[tokio::test]
async fn a_registry_that_stalls_is_given_up_in_time() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    let employer = fresh(Behaviour::TimesOut)?;
    let started = std::time::Instant::now();
    same("representation", &client.represents(&employer).await, &Err(RegistryError::TimedOut))?;
    ensure(started.elapsed() < TIMEOUT * 3, "the client waited for longer than it should")
}

/// A withdrawn voucher is replaced once, without the caller's doing.
#[tokio::test]
async fn a_withdrawn_voucher_is_replaced() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    same(
        "representation",
        &client.represents(&fresh(Behaviour::VoucherWithdrawn)?).await,
        &Ok(Representation::Yes),
    )
}

/// ENR-1, ENR-2: what is prepared on request is not there at once, and is there after the pause that the registry
/// named.
#[tokio::test]
async fn what_is_prepared_on_request_is_there_after_the_pause_that_was_told() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    let employer = fresh(Behaviour::Regular)?;
    let Ok(RegistryAnswer::NotYet { retry_after }) = client.position(&employer).await else {
        return Err(Deviation::new("the position was there at once"));
    };
    ensure(retry_after <= Duration::from_secs(2), "the pause is longer than the delay")?;
    client
        .world
        .story
        .eventually("the position is there", retry_after + Duration::from_secs(10), || async {
            Ok(match client.position(&employer).await {
                Ok(RegistryAnswer::Facts(facts)) if facts.contains_key("employer_inps_number") => {
                    Ok(())
                }
                Ok(RegistryAnswer::NotYet { .. }) => Err("not yet".to_owned()),
                other => Err(format!("{:?}", other.map(|_| "another answer"))),
            })
        })
        .await
}

/// A stranger without the secret gets no voucher and no answer.
#[tokio::test]
async fn a_stranger_gets_nothing() -> StoryResult {
    let client = RegistriesClient::opens().await?;
    let environment = Environment::read();
    let credentials = Credentials {
        client_id: environment.text("REGISTRIES_CLIENT_ID")?,
        client_secret: "a secret that nobody was given".to_owned(),
    };
    let registries = Registries::new(&environment.text("REGISTRIES_URL")?, credentials, TIMEOUT)
        .map_err(|error| Deviation::new(error.to_string()))?;
    let answer =
        registries.represents(&client.reference, &subject(&fresh(Behaviour::Regular)?)).await;
    same("representation", &answer, &Err(RegistryError::Refused { status: 401 }))
}
