//! Roles are enforced, not only written down.

use harness::{
    campaigns::Plan,
    stock,
    story::{StoryResult, ensure, same},
    world::World,
};
use serde_json::{Value, json};

/// Ada's application is ready; submit-application may no longer write. She gets no receipt and nothing is sent, until it may again.
#[tokio::test]
async fn a_function_that_lost_its_permission_to_write_sends_nothing() -> StoryResult {
    let world = World::enter_alone().await?;
    let campaign = Plan::new("ruoli")?.publish(&world).await?;
    let ada = world.employer()?;
    ada.signs_in(2).await?.expect(303)?;
    let application = stock::ready_for(&world, &campaign, &ada).await?.id.to_string();
    let function = world.function("submit-application")?;
    let (role, whole) = world.emulator.permissions(&function).await?;
    let poorer = without(&whole, "dynamodb:UpdateItem");
    ensure(poorer != whole, "the role never allowed to write")?;
    world.emulator.permit(&role, &poorer).await?;
    let refused = ada.submits(&application, &campaign).await;
    world.emulator.permit(&role, &whole).await?;
    let refused = refused?;
    ensure(refused.status >= 500, format!("{refused}: written without a permission"))?;
    let seen = ada.application(&application).await?;
    same("the application's state", &seen["state"], &json!("to-send"))?;
    ada.submits(&application, &campaign).await?.expect(200).map(|_| ())
}

/// A policy without one action.
fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().into_iter().flatten() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|one| one != action);
        }
    }
    policy
}
