//! An officer of a province's Sportello Unico at the portal: the list, the dossier, the decisions (DEC-1).

use std::time::Duration;

use domain::{campaign::Profile, permission::Role};
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Browser},
    employer::Employer,
    story::StoryResult,
    world::World,
};

/// The province in which the workplace of the form's examples lies.
pub const PROVINCE: &str = "FG";

/// How long the index behind an office's list may lag.
const LIST_DEADLINE: Duration = Duration::from_mins(2);

/// An officer with a browser of their own.
#[derive(Clone, Debug)]
pub struct Officer {
    /// Who it is.
    pub person: Employer,
}

impl Officer {
    /// A fresh officer of a province, signed in through the identity provider.
    pub async fn of(world: &World, province: &str) -> StoryResult<Self> {
        let person = world.employer()?;
        world
            .enables(
                &person.demo.representative,
                Role::Officer,
                Profile::Private,
                None,
                Some(province),
            )
            .await?;
        person.signs_in(2).await?.expect(303)?;
        Ok(Self { person })
    }

    /// The officer's browser.
    pub const fn browser(&self) -> &Browser {
        &self.person.browser
    }

    /// All cases of the province in a state, page by page.
    pub async fn cases(&self, state: &str) -> StoryResult<Vec<Value>> {
        let mut cases = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/api/office/applications?state={state}&limit=100{next}");
            let page = self.browser().get(&path).await?.expect(200)?.json()?;
            let found = page.get("cases").and_then(Value::as_array).cloned();
            cases.extend(found.unwrap_or_default());
            match page.get("next").and_then(Value::as_str) {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => return Ok(cases),
            }
        }
    }

    /// The row of a case in that list, if it is there.
    pub async fn case(&self, state: &str, id: &str) -> StoryResult<Option<Value>> {
        Ok(self.cases(state).await?.into_iter().find(|case| is_about(case, id)))
    }

    /// The same, once the list shows it: it lags a moment behind.
    pub async fn sees(&self, state: &str, id: &str) -> StoryResult<Value> {
        let look = || async {
            let cases = self.cases(state).await?;
            let seen = format!("{} other cases", cases.len());
            Ok(cases.into_iter().find(|case| is_about(case, id)).ok_or(seen))
        };
        self.person.story().eventually("the office sees the case", LIST_DEADLINE, look).await
    }

    /// Decides, with a reason where one is given.
    pub async fn decides(
        &self,
        id: &str,
        decision: &str,
        reason: Option<&str>,
    ) -> StoryResult<Answer> {
        self.orders(id, &json!({ "decision": decision, "reason": reason })).await
    }

    /// Decides with any body.
    pub async fn orders(&self, id: &str, body: &Value) -> StoryResult<Answer> {
        self.browser().post(&format!("/api/office/applications/{id}/decisions"), body).await
    }

    /// Everything about a case.
    pub async fn dossier(&self, id: &str) -> StoryResult<Answer> {
        self.browser().get(&format!("/api/office/applications/{id}")).await
    }
}

fn is_about(case: &Value, id: &str) -> bool {
    case.get("id").and_then(Value::as_str) == Some(id)
}
