//! The programs of the command line that change a deployment: with ordinary credentials of AWS they write where they are told, and
//! nowhere else.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use domain::campaign::Campaign;
use harness::{
    campaigns::Plan,
    environment::root,
    own_tables::own_table,
    people,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{aws, clock, key_ring::KeyRing};
use store::campaigns::{Campaigns, MovedClock};
use tokio::process::Command;

const PUBLISH: &str = env!("CARGO_BIN_EXE_publish-campaign");
const ROTATE: &str = env!("CARGO_BIN_EXE_rotate");

/// Runs a program in an environment that holds credentials, region and the address of AWS, and nothing of the local portal.
async fn runs(world: &World, program: &str, words: &[&str]) -> StoryResult<Output> {
    let mut command = Command::new(program);
    command
        .args(words)
        .env_clear()
        .env("AWS_ENDPOINT_URL", world.environment.endpoint()?)
        .env("AWS_REGION", world.environment.text("AWS_REGION")?)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdin(Stdio::null());
    Ok(command.output().await?)
}

/// All that it said.
fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{err}")
}

fn succeeds(output: &Output) -> StoryResult {
    ensure(output.status.success(), format!("it did not succeed: {}", said(output)))
}

/// It fails, and says this.
fn fails(output: &Output, why: &str) -> StoryResult {
    let said = said(output);
    ensure(!output.status.success(), format!("it succeeded: {said}"))?;
    ensure(said.contains(why), format!("it does not say «{why}»: {said}"))
}

/// A table of a deployment of one's own.
struct Deployment {
    world: World,
    table: String,
}

impl Deployment {
    async fn opened() -> StoryResult<Self> {
        let world = World::enter().await?;
        let table = format!("publish-{}", people::fresh_word()?);
        own_table(world.store().0, &world.environment.text("PORTAL_TABLE")?, &table).await?;
        Ok(Self { world, table })
    }

    async fn publishes(&self, file: &Path, table: &str, more: &[&str]) -> StoryResult<Output> {
        let file = file.display().to_string();
        let mut words = vec![file.as_str(), "--table", table];
        words.extend(more);
        runs(&self.world, PUBLISH, &words).await
    }

    /// The versions of a campaign there.
    async fn versions(&self, campaign: &Campaign) -> StoryResult<Vec<Campaign>> {
        let (client, table) = (self.world.store().0.clone(), self.table.clone());
        let campaigns = Campaigns::new(client, table, MovedClock::Allowed);
        let versions = campaigns.versions(campaign.id()).await?;
        let is_listed = campaigns.listed().await?.contains(campaign.id());
        same("in the list of all", &is_listed, &!versions.is_empty())?;
        ensure(
            versions.iter().all(|version| version.by.is_none()),
            "a command publishes, and no person",
        )?;
        Ok(versions.into_iter().map(|version| version.campaign.as_ref().clone()).collect())
    }

    async fn closed(self) -> StoryResult {
        self.world.store().0.delete_table().table_name(self.table).send().await?;
        Ok(())
    }
}

/// A campaign's file, as an administrator has it.
fn written(campaign: &Campaign) -> StoryResult<PathBuf> {
    let folder = root().join(".local/campaigns");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.toml", campaign.id()));
    fs::write(&file, campaign.to_toml()?)?;
    Ok(file)
}

/// CAL-1, ADM-2: with `--table` a campaign is published into that table, once, and the local portal knows nothing of it; a dry run
/// writes nothing.
#[tokio::test]
async fn a_campaign_is_published_into_the_table_that_is_named() -> StoryResult {
    let deployment = Deployment::opened().await?;
    let campaign = Plan::new("tabella")?.campaign()?;
    let file = written(&campaign)?;
    let shown = deployment.publishes(&file, &deployment.table, &["--dry-run"]).await?;
    succeeds(&shown)?;
    ensure(said(&shown).contains("Nothing was published."), said(&shown))?;
    same("after a dry run", &deployment.versions(&campaign).await?, &vec![])?;

    succeeds(&deployment.publishes(&file, &deployment.table, &[]).await?)?;
    same("published", &deployment.versions(&campaign).await?, &vec![campaign.clone()])?;
    // The next version is the second one, and this is the first one again.
    fails(&deployment.publishes(&file, &deployment.table, &[]).await?, "la prossima versione")?;
    same("published twice", &deployment.versions(&campaign).await?, &vec![campaign.clone()])?;
    let local = deployment.world.campaigns()?.versions(campaign.id()).await?;
    same("versions at the local portal", &local.len(), &0)?;
    fs::remove_file(file)?;
    deployment.closed().await
}

/// CAL-1, ADM-2: under a wrong name there is no table, and none is made; what moves its clock goes into no table that is named.
/// Neither is written anywhere.
#[tokio::test]
async fn nothing_is_published_into_a_wrong_table_nor_with_a_moved_clock() -> StoryResult {
    let deployment = Deployment::opened().await?;
    let campaign = Plan::new("tabella")?.campaign()?;
    let file = written(&campaign)?;
    let wrong = format!("{}-altra", deployment.table);
    fails(
        &deployment.publishes(&file, &wrong, &[]).await?,
        "the store does not answer for campaign",
    )?;
    let store = deployment.world.store().0;
    let described = store.describe_table().table_name(&wrong).send().await;
    ensure(described.is_err(), "there is a table of the wrong name")?;
    same("in the right table", &deployment.versions(&campaign).await?, &vec![])?;

    let moved = Plan::new("tabella")?.changed(|file| file.clock_offset_ms = 900_000).campaign()?;
    let other = written(&moved)?;
    let refused = deployment.publishes(&other, &deployment.table, &[]).await?;
    fails(&refused, "clock_offset_ms")?;
    same("with a moved clock", &deployment.versions(&moved).await?, &vec![])?;
    for campaign in [&campaign, &moved] {
        let local = deployment.world.campaigns()?.versions(campaign.id()).await?;
        same("versions at the local portal", &local.len(), &0)?;
    }
    fs::remove_file(file)?;
    fs::remove_file(other)?;
    deployment.closed().await
}

/// ADR 35: a rotation adds a key, which signs hours later and is told to nobody. Where the name or the time is wrong nothing is
/// written.
#[tokio::test]
async fn a_rotation_adds_a_key_to_the_secret_that_is_named_and_to_no_other() -> StoryResult {
    let world = World::enter().await?;
    let (_, sdk) = world.store();
    let name = format!("rotate-{}", people::fresh_word()?);
    let first = "the first secret of this test, which has bytes enough";
    world.emulator.make_secret(&name, first).await?;

    let wrong = format!("{name}-altro");
    fails(&runs(&world, ROTATE, &[&wrong]).await?, "cannot be read")?;
    ensure(aws::secret(sdk, &wrong).await.is_err(), "a secret of the wrong name was made")?;
    fails(&runs(&world, ROTATE, &[&name, "--hours", "0"]).await?, "at least one")?;
    same("secret", &aws::secret(sdk, &name).await?, &first.as_bytes().to_vec())?;

    let before = clock::wall();
    let rotated = runs(&world, ROTATE, &[&name, "--hours", "3"]).await?;
    succeeds(&rotated)?;
    let ring = KeyRing::parse(&String::from_utf8(aws::secret(sdk, &name).await?)?)?;
    let keys: Vec<_> = ring.all().collect();
    let [old, new] = keys.as_slice() else {
        return Err(Deviation::new(format!("{} keys", keys.len())));
    };
    same("the first key", &old.secret(), &first.as_bytes())?;
    ensure(new.secret() != old.secret(), "the new key is the old one")?;
    let from = new.from().ok_or_else(|| Deviation::new("the new key counts from ever"))?;
    let later = SignedDuration::from_hours(3);
    let is_in_time = before + later <= from && from <= clock::wall() + later;
    ensure(is_in_time, format!("three hours after {before} it signs from {from} on"))?;
    same("signs now", &ring.at(clock::wall()).id(), &old.id())?;
    same("signs then", &ring.at(from).id(), &new.id())?;
    let said = said(&rotated);
    for secret in [old.secret(), new.secret()] {
        let secret = String::from_utf8(secret.to_vec())?;
        ensure(!said.contains(&secret), "it prints a key")?;
    }
    world.emulator.remove_secret(&name).await
}
