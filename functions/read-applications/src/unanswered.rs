//! Which communications still wait for the employer (COM-1).

use std::collections::BTreeMap;

use domain::lifecycle::Position;
use store::outbox::NoticeRow;

/// The communications that wait for an answer where the case stands so, by kind and number: of each thing that is asked for
/// the newest.
pub(crate) fn last_of(notices: &[NoticeRow], now: Position) -> Vec<(&str, u32)> {
    let asks = |notice: &&NoticeRow| {
        !notice.copy && notice.kind().is_some_and(|kind| kind.is_unanswered(now))
    };
    // A contract and an agreement can wait at once; of two PECs that lead to one page the newer one counts.
    let mut last: BTreeMap<&str, &NoticeRow> = BTreeMap::new();
    for notice in notices.iter().filter(asks) {
        let page = notice.kind().map_or("", |kind| kind.page());
        let held = last.entry(page).or_insert(notice);
        if notice.created >= held.created {
            *held = notice;
        }
    }
    last.into_values().map(|notice| (notice.kind.as_str(), notice.n)).collect()
}

#[cfg(test)]
mod tests {
    use domain::lifecycle::{State, agreement::AgreementStep};
    use serde_json::json;

    use super::*;

    fn notice(kind: &str, n: u32, created: i64, copy: bool) -> NoticeRow {
        serde_json::from_value(json!({
            "pk": "APP#app_00000000000000000000000001", "sk": format!("NOTICE#{kind}#{n:03}"), "v": 1,
            "kind": kind, "n": n, "created": created, "copy": copy,
        }))
        .unwrap()
    }

    /// COM-1, CTR-1: the office rejected the file: the rejection waits for an answer, the first PEC no longer, its copy never.
    #[test]
    fn the_newest_request_of_a_kind_is_the_one_that_waits() {
        let notices = [
            notice("contract-to-sign", 20, 1_000, false),
            notice("contract-to-sign", 20, 1_000, true),
            notice("contract-file-refused", 22, 2_000, false),
            notice("granted", 9, 500, false),
        ];
        let to_sign = Position { state: State::ContractToSign, agreement: None };
        assert_eq!(last_of(&notices, to_sign), [("contract-file-refused", 22)]);
        let sent = Position { state: State::ContractSent, agreement: None };
        assert!(last_of(&notices, sent).is_empty());
    }

    /// AGR-1: contract and agreement may wait together.
    #[test]
    fn contract_and_agreement_wait_side_by_side() {
        let notices = [
            notice("contract-to-sign", 20, 1_000, false),
            notice("agreement-to-sign", 24, 2_000, false),
        ];
        let both =
            Position { state: State::ContractToSign, agreement: Some(AgreementStep::ToSign) };
        assert_eq!(last_of(&notices, both).len(), 2);
    }
}
