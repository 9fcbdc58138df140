//! Signing in as a person does: to the identity provider, through its decision, and back.

use reqwest::Method;
use serde_json::{Value, json};
use simulate_registries::DemoPerson;

use crate::{
    browser::{Answer, Browser, Call, From},
    story::StoryResult,
};

/// Goes to the identity provider and gives the address of its page.
pub async fn goes_to_provider(browser: &Browser) -> StoryResult<String> {
    let answer = browser.get("/api/sign-in/spid?level=2").await?.expect(303)?;
    let page = answer.location()?;
    browser.send(Call::new(Method::GET, &page).from(From::Elsewhere)).await?.expect(200)?;
    Ok(page)
}

/// Decides on the provider's page; gives the address that leads back.
pub async fn decides(browser: &Browser, page: &str, decision: &Value) -> StoryResult<String> {
    let endpoint = page.replacen("/authorize?", "/authorize/decision?", 1);
    let answer =
        browser.send(Call::new(Method::POST, endpoint).json(decision)).await?.expect(200)?;
    answer.text("/redirect")
}

/// Comes back to the portal, as a link of the provider's page leads there.
pub async fn comes_back(browser: &Browser, address: &str) -> StoryResult<Answer> {
    browser.send(Call::new(Method::GET, address).from(From::Elsewhere)).await
}

/// The decision by which the provider vouches for a person.
pub fn decision(person: &DemoPerson, level: u8) -> Value {
    json!({
        "fiscal_code": person.fiscal_code.reveal(),
        "given_name": person.first_name,
        "family_name": person.last_name,
        "email": person.email,
        "birthdate": person.birth_date.to_string(),
        "level": level,
    })
}

/// The whole way; gives the answer of the callback.
pub async fn signs_in(browser: &Browser, person: &DemoPerson, level: u8) -> StoryResult<Answer> {
    let page = goes_to_provider(browser).await?;
    let address = decides(browser, &page, &decision(person, level)).await?;
    comes_back(browser, &address).await
}
