//! Faults that are put into the store on purpose after a rush: the matching count must rise, or the checks are worth nothing.

use std::{collections::HashMap, str::FromStr};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{ApplicationId, CampaignId};
use jiff::{SignedDuration, Timestamp};
use store::keys::{self, Key};

use crate::{
    Broken,
    check::Stored,
    crowd::{Candidate, Crowd},
    ground::Ground,
};

/// What can be broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Breakage {
    /// A submission whose receipt was given is removed.
    Lost,
    /// A submission is there a second time, under another id.
    Doubled,
    /// Two submissions have each other's ordinal.
    Order,
    /// One who waits has a place beyond those that there are.
    Quota,
    /// A leaf of the log is another one.
    Log,
    /// The tickets that people bring in the rush on a faulty wire get lost ([`Tickets::GetLost`](crate::rush::Tickets)).
    Place,
    /// send-armed does not find one that is armed: its row is gone before the sends.
    Overlooked,
    /// One that was armed arrives a millisecond after the opening.
    Late,
}

impl FromStr for Breakage {
    type Err = Broken;

    fn from_str(word: &str) -> Result<Self, Broken> {
        match word {
            "lost" => Ok(Self::Lost),
            "doubled" => Ok(Self::Doubled),
            "order" => Ok(Self::Order),
            "quota" => Ok(Self::Quota),
            "log" => Ok(Self::Log),
            "place" => Ok(Self::Place),
            "overlooked" => Ok(Self::Overlooked),
            "late" => Ok(Self::Late),
            _ => Err(format!(
                "--break lost, doubled, order, quota, log, place, overlooked or late, and not {word}"
            )
            .into()),
        }
    }
}

impl Breakage {
    /// Puts the fault into the store; those of the log and of places are none of the store's
    /// ([`PublicLog::rewrite_a_leaf`](crate::public_log::PublicLog::rewrite_a_leaf), [`Tickets`](crate::rush::Tickets)), and
    /// those of armed sends come before all is sent and recorded ([`armed::live`](crate::armed::live)).
    ///
    /// # Errors
    /// There is nothing to break: too few submissions.
    pub async fn inject(
        self,
        ground: &Ground,
        crowd: &Crowd,
        stored: &Stored,
    ) -> Result<(), Broken> {
        match self {
            Self::Lost => remove(ground, stored).await,
            Self::Doubled => copy(ground, stored).await,
            Self::Order => exchange(ground, stored).await,
            Self::Quota => give(ground, crowd, stored).await,
            Self::Log | Self::Place | Self::Overlooked | Self::Late => Ok(()),
        }
    }
}

async fn remove(ground: &Ground, stored: &Stored) -> Result<(), Broken> {
    let head = stored.heads.first().ok_or("nothing was sent")?;
    let delete = ground.client().delete_item().table_name(&ground.tables().portal);
    delete.set_key(Some(keys::head(&head.id).item())).send().await?;
    Ok(())
}

async fn copy(ground: &Ground, stored: &Stored) -> Result<(), Broken> {
    let head = stored.heads.last().ok_or("nothing was sent")?;
    let read = ground.client().get_item().table_name(&ground.tables().portal);
    let item = read.set_key(Some(keys::head(&head.id).item())).send().await?.item;
    let mut item = item.ok_or("the head is gone")?;
    item.extend(keys::head(&ApplicationId::from_random(*b"the second of it")).item());
    let put = ground.client().put_item().table_name(&ground.tables().portal);
    put.set_item(Some(item)).send().await?;
    Ok(())
}

async fn exchange(ground: &Ground, stored: &Stored) -> Result<(), Broken> {
    let mut by_model = HashMap::new();
    for head in &stored.heads {
        let Some(place) = stored.places.get(&head.id) else { continue };
        if let Some((id, ordinal)) = by_model.insert(&head.model, (&head.id, place.ordinal)) {
            set(ground, &place_row(&head.id), "ordinal", AttributeValue::N(ordinal.to_string()))
                .await?;
            let own = AttributeValue::N(place.ordinal.to_string());
            return set(ground, &place_row(id), "ordinal", own).await;
        }
    }
    Err("no two submissions of a model have their ordinals".into())
}

async fn give(ground: &Ground, crowd: &Crowd, stored: &Stored) -> Result<(), Broken> {
    let waits = stored.heads.iter().find_map(|head| {
        let place = stored.places.get(&head.id)?;
        let line = crowd.campaign.lines().iter().find(|line| line.models.contains(&head.model))?;
        place.line.is_none().then_some((&head.id, &line.id))
    });
    let (id, line) = waits.ok_or("nobody waits for a place")?;
    set(ground, &place_row(id), "line", AttributeValue::S(line.clone())).await
}

/// Takes out the row by which send-armed finds an application; its head stays armed.
pub(crate) async fn overlook(
    ground: &Ground,
    campaign: &CampaignId,
    armed: &Candidate,
) -> Result<(), Broken> {
    let sends = ground.store().armed_sends;
    Ok(sends.take_out(campaign, &armed.model, std::slice::from_ref(&armed.id)).await?)
}

/// Lets an application that was sent at an opening arrive a millisecond after it.
pub(crate) async fn delay(
    ground: &Ground,
    armed: &Candidate,
    opening: Timestamp,
) -> Result<(), Broken> {
    let later = (opening + SignedDuration::from_millis(1)).as_millisecond();
    set(ground, &keys::head(&armed.id), "arrival", AttributeValue::N(later.to_string())).await
}

fn place_row(id: &ApplicationId) -> Key {
    keys::place(id, keys::PLACE)
}

async fn set(
    ground: &Ground,
    key: &Key,
    attribute: &str,
    value: AttributeValue,
) -> Result<(), Broken> {
    ground
        .client()
        .update_item()
        .table_name(&ground.tables().portal)
        .set_key(Some(key.item()))
        .update_expression("SET #attribute = :value")
        .expression_attribute_names("#attribute", attribute)
        .expression_attribute_values(":value", value)
        .send()
        .await?;
    Ok(())
}
