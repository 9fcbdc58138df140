//! manage-campaign on the deployed portal: an administrator compares and publishes versions; nobody overwrites another's
//! (ADM-2, CAL-1).

use domain::{
    campaign::{Campaign, CampaignFile, SHORTEST_NOTICE, WindowFile},
    permission::Role,
};
use harness::{
    browser::{Answer, Call},
    campaigns::{MODEL, Plan},
    employer::Employer,
    mailbox::LETTER_DEADLINE,
    people,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::Timestamp;
use outside::{clock, files::Files};
use reqwest::Method;
use serde_json::{Value, json};

const CAMPAIGNS: &str = "/api/campaigns";

async fn administrator(world: &World) -> StoryResult<Employer> {
    world.official(Role::Administrator, None).await
}

/// The next version of a campaign as a file.
fn next(campaign: &Campaign, change: impl FnOnce(&mut CampaignFile)) -> StoryResult<String> {
    let mut file = campaign.clone().into_file();
    file.version += 1;
    change(&mut file);
    Ok(Campaign::try_from(file)?.to_toml()?)
}

async fn publishes(
    person: &Employer,
    id: &str,
    version: Option<&str>,
    body: &Value,
) -> StoryResult<Answer> {
    let call = Call::new(Method::POST, format!("{CAMPAIGNS}/{id}/versions")).json(body);
    let call = match version {
        Some(version) => call.header("if-match", version),
        None => call,
    };
    person.browser.send(call).await
}

async fn newest(world: &World, campaign: &Campaign) -> StoryResult<u32> {
    let versions = world.campaigns()?.versions(campaign.id()).await?;
    Ok(versions.first().map_or(0, |newest| newest.publication.version))
}

/// ADM-2: the administrator reads the version, sees what the next one changes, and publishes it; it takes effect five
/// minutes later, and until then the version before decides.
#[tokio::test]
async fn a_version_is_compared_published_and_takes_effect_later() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("decreto")?.publish(&world).await?;
    let boss = administrator(&world).await?;
    let path = format!("{CAMPAIGNS}/{}", campaign.id());
    let read = boss.browser.get(&path).await?.expect(200)?;
    let tag = read.header("etag").unwrap_or_default().to_owned();
    same("tag", &tag.as_str(), &"\"1\"")?;
    let document = read.json()?["document"].as_str().unwrap_or_default().to_owned();
    same("document", &Campaign::parse(&document)?, &campaign)?;

    let moved = next(&campaign, |file| {
        for model in &mut file.models {
            model.submit = vec![WindowFile::new("2030-01-12 09:00", "2030-12-31 20:00")];
        }
    })?;
    let body = json!({ "document": moved });
    let compared =
        boss.browser.post(&format!("{path}/comparison"), &body).await?.expect(200)?.json()?;
    let told: Vec<_> = compared["differences"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["path"].as_str())
        .collect();
    let submit = |end: &str| format!("models[{MODEL}].submit[0].{end}");
    same(
        "differences",
        &told,
        &vec![submit("from").as_str(), submit("until").as_str(), "version"],
    )?;
    same("nothing is published", &newest(&world, &campaign).await?, &1)?;

    let published = publishes(&boss, campaign.id().as_str(), Some(&tag), &body).await?;
    let published = published.expect(201)?.json()?;
    same("version", &published["version"], &json!(2))?;
    same("in force", &published["is_in_force"], &json!(false))?;
    let at = |name: &str| published[name].as_str().unwrap_or_default().parse::<Timestamp>();
    let notice = at("takes_effect")?.duration_since(at("published")?);
    same("notice", &notice, &SHORTEST_NOTICE)?;
    let account = world.account(&boss.demo.representative).await?;
    same("who", &published["published_by"], &json!(account))?;
    let in_force = world.campaigns()?.in_force(campaign.id(), clock::wall()).await?;
    same("decides now", &in_force.map(|campaign| campaign.version()), &Some(1))
}

/// An emergency counts at once, and says until when versions are mixed.
#[tokio::test]
async fn an_emergency_takes_effect_at_once() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("decreto")?.publish(&world).await?;
    let boss = administrator(&world).await?;
    let body = json!({ "document": next(&campaign, |_| {})?, "emergency": true });
    let published = publishes(&boss, campaign.id().as_str(), Some("\"1\""), &body).await?;
    let published = published.expect(201)?.json()?;
    same("in force", &published["is_in_force"], &json!(true))?;
    ensure(published["mixed_until"].is_string(), "it does not say until when versions are mixed")
}

/// Two administrators who read the same version: one publishes, the other is told and overwrites nothing.
#[tokio::test]
async fn nobody_overwrites_a_version_that_they_have_not_read() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("decreto")?.publish(&world).await?;
    let (one, other) = (administrator(&world).await?, administrator(&world).await?);
    let id = campaign.id().as_str();
    let document = |title: &str| next(&campaign, |file| file.title = title.to_owned());
    let (first, second) =
        (json!({ "document": document("Uno")? }), json!({ "document": document("Due")? }));
    let (a, b) = futures::join!(
        publishes(&one, id, Some("\"1\""), &first),
        publishes(&other, id, Some("\"1\""), &second)
    );
    let mut statuses = [a?.status, b?.status];
    statuses.sort_unstable();
    same("statuses", &statuses, &[201, 412])?;
    for (tag, status, problem) in [
        (Some("\"1\""), 412, "versione-superata"),
        (Some("\"7\""), 412, "versione-superata"),
        (Some("uno"), 428, "versione-non-indicata"),
        (None, 428, "versione-non-indicata"),
    ] {
        publishes(&one, id, tag, &second).await?.refused(status, problem)?;
    }
    same("newest", &newest(&world, &campaign).await?, &2)
}

/// A file with mistakes is refused with the path of each key; so is one that leaves a version out, belongs to another
/// campaign, or changes the privacy notice under its version. Nothing is published.
#[tokio::test]
async fn a_file_with_mistakes_is_refused_with_the_path_of_each_key() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("decreto")?.publish(&world).await?;
    let boss = administrator(&world).await?;
    let id = campaign.id().as_str();
    let whole = next(&campaign, |_| {})?;
    let cases = [
        (whole.replace("year = 2026", "year = 26"), "year"),
        (whole.replace("version = 2", "version = 3"), "version"),
        (whole.replace(&format!("id = \"{id}\""), "id = \"altra\""), "id"),
        (whole.replace("Puoi chiedere", "Non puoi chiedere"), "privacy_notice"),
        ("id = ".to_owned(), "document"),
    ];
    for (document, field) in cases {
        let body = json!({ "document": document });
        let comparison = format!("{CAMPAIGNS}/{id}/comparison");
        for answer in [
            boss.browser.post(&comparison, &body).await?,
            publishes(&boss, id, Some("\"1\""), &body).await?,
        ] {
            let refused = answer.refused(422, "campi-non-validi")?;
            let fields: Vec<_> =
                refused.refused_fields().into_iter().map(|(field, _)| field).collect();
            same("fields", &fields, &vec![field.to_owned()])?;
        }
    }
    same("newest", &newest(&world, &campaign).await?, &1)
}

/// A new campaign is published against version 0, and counts at once.
#[tokio::test]
async fn a_new_campaign_is_published_by_an_administrator() -> StoryResult {
    let world = World::enter().await?;
    let boss = administrator(&world).await?;
    let campaign = Plan::new("nuovo")?.campaign()?;
    let body = json!({ "document": campaign.to_toml()? });
    let path = format!("{CAMPAIGNS}/{}", campaign.id());
    boss.browser.get(&path).await?.refused(404, "non-trovata")?;
    let published = publishes(&boss, campaign.id().as_str(), Some("\"0\""), &body).await?;
    same("in force", &published.expect(201)?.json()?["is_in_force"], &json!(true))?;
    boss.browser.get(&path).await?.expect(200)?;
    Ok(())
}

/// Officers, directorate and private users neither read nor publish campaigns.
#[tokio::test]
async fn only_administrators_manage_campaigns() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("decreto")?.publish(&world).await?;
    let id = campaign.id().as_str();
    let body = json!({ "document": next(&campaign, |_| {})? });
    let strangers = [
        world.official(Role::Officer, Some("FG")).await?,
        world.official(Role::Directorate, None).await?,
        world.private_user().await?,
    ];
    for stranger in &strangers {
        for path in [CAMPAIGNS.to_owned(), format!("{CAMPAIGNS}/{id}")] {
            stranger.browser.get(&path).await?.refused(403, "azione-non-consentita")?;
        }
        let comparison = format!("{CAMPAIGNS}/{id}/comparison");
        let answer = stranger.browser.post(&comparison, &body).await?;
        answer.refused(403, "azione-non-consentita")?;
        let answer = publishes(stranger, id, Some("\"1\""), &body).await?;
        answer.refused(403, "azione-non-consentita")?;
    }
    world.browser()?.get(CAMPAIGNS).await?.refused(401, "sessione-assente")?;
    same("newest", &newest(&world, &campaign).await?, &1)
}

const BOARD: &str = "/api/notice-board";

async fn posts_board(person: &Employer, edition: &str, body: &Value) -> StoryResult<Answer> {
    let call = Call::new(Method::POST, format!("{BOARD}/editions")).json(body);
    person.browser.send(call.header("if-match", edition)).await
}

fn fields(refused: &Answer) -> Vec<String> {
    refused.refused_fields().into_iter().map(|(field, _)| field).collect()
}

/// Waits until a public file or page holds this text.
async fn is_public(world: &World, path: &str, text: &str) -> StoryResult {
    let browser = world.browser()?;
    world
        .story
        .eventually("the board is public", LETTER_DEADLINE, || async {
            let found = browser.get(path).await?;
            let is_in = String::from_utf8_lossy(&found.body).contains(text);
            Ok(if is_in { Ok(()) } else { Err(found.to_string()) })
        })
        .await
}

/// NOT-1, DOC-1, OPS-1, ADM-2: an administrator publishes notices, documents and maintenance; they are public files, stand in
/// the pages for who has no JavaScript, and nobody overwrites an edition that they have not read. One board for all: one test.
#[tokio::test]
async fn an_administrator_publishes_the_notice_board() -> StoryResult {
    let world = World::enter().await?;
    let boss = administrator(&world).await?;
    let read = boss.browser.get(BOARD).await?.expect(200)?;
    let edition = read.header("etag").unwrap_or_default().to_owned();
    let word = people::fresh_word()?;
    let (title, planned) = (format!("Avviso {word}"), format!("Fermo {word}"));
    let url = format!("/facts/documents/manuale-{word}.pdf");
    let notice = json!({
        "id": "prova", "list": "avvisi", "title": title, "text": "Un <b>testo</b>.",
        "published": "2026-06-01T10:00:00+02:00",
    });
    let maintenance = json!({
        "from": "2031-12-06T22:00:00+01:00", "until": "2031-12-07T02:00:00+01:00", "text": planned,
    });
    let document = json!({
        "id": "manuale", "title": "Manuale", "description": "Tutte le pagine.", "url": url, "version": "1",
    });
    let body = json!({
        "notices": [notice], "documents": [document], "maintenance": [maintenance],
    });
    // A page never leads to a file that is not there.
    let refused = posts_board(&boss, &edition, &body).await?.refused(422, "campi-non-validi")?;
    same("wrong fields", &fields(&refused), &vec!["documents[0].url".to_owned()])?;
    let (_, sdk) = world.store();
    let facts = Files::new(sdk, world.environment.text("FACTS_BUCKET")?);
    facts.put(url.trim_start_matches('/'), "application/pdf", b"%PDF-1.7".to_vec()).await?;

    let published = posts_board(&boss, &edition, &body).await?.expect(201)?.json()?;
    same("length", &published["documents"][0]["bytes"], &json!(8))?;
    same(
        "instant",
        &published["notices"][0]["published"],
        &json!("2026-06-01T10:00:00.000+02:00"),
    )?;
    is_public(&world, "/facts/notices.json", &title).await?;
    is_public(&world, "/facts/documents.json", &url).await?;
    is_public(&world, "/facts/status.json", &planned).await?;
    is_public(&world, "/avvisi", &title).await?;
    is_public(&world, "/avvisi", "Un &lt;b&gt;testo&lt;/b&gt;.").await?;
    is_public(&world, "/documenti", &url).await?;
    is_public(&world, "/manutenzione", &planned).await?;
    let file = world.browser()?.get(&url).await?.expect(200)?;
    same("file", &file.body, &b"%PDF-1.7".to_vec())?;

    let other = administrator(&world).await?;
    posts_board(&other, &edition, &body).await?.refused(412, "versione-superata")?;
    let without = other.browser.post(&format!("{BOARD}/editions"), &body).await?;
    without.refused(428, "versione-non-indicata")?;
    let next = other.browser.get(BOARD).await?.expect(200)?;
    same("read again", &next.json()?["notices"], &published["notices"])?;
    let next = next.header("etag").unwrap_or_default().to_owned();
    let wrong = json!({
        "notices": [
            { "id": "A 1", "list": "altro", "title": " ", "text": "x", "published": "2099-01-01T00:00:00Z",
              "link": "http://altrove.example" },
        ],
        "maintenance": [
            { "from": "2031-12-07T00:00:00Z", "until": "2031-12-06T00:00:00Z", "text": "x" },
        ],
    });
    let refused = posts_board(&other, &next, &wrong).await?.refused(422, "campi-non-validi")?;
    let told = fields(&refused);
    for field in ["id", "list", "title", "published", "link"] {
        let field = format!("notices[0].{field}");
        ensure(told.contains(&field), format!("{told:?} lacks {field}"))?;
    }
    ensure(told.contains(&"maintenance[0].until".to_owned()), format!("{told:?}"))?;
    let twice = json!({ "notices": [notice, notice] });
    posts_board(&other, &next, &twice).await?.refused(422, "campi-non-validi")?;

    // Nobody else, and the next edition takes its place.
    let officer = world.official(Role::Officer, Some("LE")).await?;
    posts_board(&officer, &next, &json!({})).await?.refused(403, "azione-non-consentita")?;
    officer.browser.get(BOARD).await?.refused(403, "azione-non-consentita")?;
    posts_board(&other, &next, &json!({})).await?.expect(201)?;
    let browser = world.browser()?;
    world
        .story
        .eventually("the empty board is public", LETTER_DEADLINE, || async {
            let mut left = Vec::new();
            for path in ["/facts/notices.json", "/avvisi", "/manutenzione", "/facts/status.json"] {
                let text = String::from_utf8_lossy(&browser.get(path).await?.body).into_owned();
                if text.contains(word.as_str()) {
                    left.push(path);
                }
            }
            Ok(if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) })
        })
        .await
}
