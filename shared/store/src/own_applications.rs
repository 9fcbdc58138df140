//! A person's own applications, for closing, exporting and linking an account (ACC-6, PRV-1, IDP-2).

use domain::{application::Application, ids::AccountId};

use crate::{applications::Applications, keys, rows::StoreError};

/// How many identifiers one question to an index gives.
const PAGE: i32 = 100;

/// Every application of which the account is the representative, or which it filed for itself. What it filed for an
/// organisation is the organisation's (ORG-4).
pub async fn of(
    applications: &Applications,
    account: &AccountId,
) -> Result<Vec<Application>, StoreError> {
    let mut ids = applications.all_of_representative(account).await?;
    let mut after: Option<String> = None;
    loop {
        let page = applications.of_filer(account, None, after.as_deref(), PAGE).await?;
        after = page.last().map(keys::application);
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or_default();
        ids.extend(page);
        if is_last {
            break;
        }
    }
    ids.sort();
    ids.dedup();
    let heads = applications.heads(&ids).await?;
    // The indexes follow a moment later: the heads decide.
    Ok(heads
        .into_iter()
        .filter(|head| {
            let parties = &head.parties;
            parties.representative == *account
                || (parties.filer == *account && parties.organisation.is_none())
        })
        .collect())
}
