//! Every function in one program, which the emulator starts under the name of the function that it wants.
//!
//! On AWS each function is a program of its own, from the same `main.rs`. On a developer's machine 30 programs would be linked
//! after each change and uploaded with each deploy; this one is linked once and runs from where cargo puts it.

use lambda_runtime::Error;

/// Takes each function's `main.rs` in as a module, and starts the one that is asked for.
macro_rules! functions {
    ($($module:ident $name:literal $path:literal,)*) => {
        $(#[path = $path] mod $module;)*

        fn start(name: &str) -> Result<(), Error> {
            match name {
                $($name => $module::main(),)*
                _ => Err(format!("there is no function `{name}`").into()),
            }
        }
    };
}

functions! {
    answer_confirmation "answer-confirmation" "../../../functions/answer-confirmation/src/main.rs",
    appoint_people "appoint-people" "../../../functions/appoint-people/src/main.rs",
    arm_application "arm-application" "../../../functions/arm-application/src/main.rs",
    block_application "block-application" "../../../functions/block-application/src/main.rs",
    check_upload "check-upload" "../../../functions/check-upload/src/main.rs",
    decide_application "decide-application" "../../../functions/decide-application/src/main.rs",
    enable_operators "enable-operators" "../../../functions/enable-operators/src/main.rs",
    enrich_application "enrich-application" "../../../functions/enrich-application/src/main.rs",
    forget_data "forget-data" "../../../functions/forget-data/src/main.rs",
    handle_contract "handle-contract" "../../../functions/handle-contract/src/main.rs",
    link_account "link-account" "../../../functions/link-account/src/main.rs",
    make_document "make-document" "../../../functions/make-document/src/main.rs",
    manage_account "manage-account" "../../../functions/manage-account/src/main.rs",
    manage_campaign "manage-campaign" "../../../functions/manage-campaign/src/main.rs",
    manage_organisation "manage-organisation" "../../../functions/manage-organisation/src/main.rs",
    notify_consulate "notify-consulate" "../../../functions/notify-consulate/src/main.rs",
    publish_facts "publish-facts" "../../../functions/publish-facts/src/main.rs",
    publish_log "publish-log" "../../../functions/publish-log/src/main.rs",
    rank_submissions "rank-submissions" "../../../functions/rank-submissions/src/main.rs",
    read_applications "read-applications" "../../../functions/read-applications/src/main.rs",
    read_pec_receipts "read-pec-receipts" "../../../functions/read-pec-receipts/src/main.rs",
    receive_visa_events "receive-visa-events" "../../../functions/receive-visa-events/src/main.rs",
    reconcile_pending "reconcile-pending" "../../../functions/reconcile-pending/src/main.rs",
    record_history "record-history" "../../../functions/record-history/src/main.rs",
    record_outage "record-outage" "../../../functions/record-outage/src/main.rs",
    relay_changes "relay-changes" "../../../functions/relay-changes/src/main.rs",
    save_draft "save-draft" "../../../functions/save-draft/src/main.rs",
    send_armed "send-armed" "../../../functions/send-armed/src/main.rs",
    send_notices "send-notices" "../../../functions/send-notices/src/main.rs",
    sign_in "sign-in" "../../../functions/sign-in/src/main.rs",
    simulate_consulate "simulate-consulate" "../../../functions/simulate-consulate/src/main.rs",
    simulate_identity "simulate-identity" "../../../functions/simulate-identity/src/main.rs",
    simulate_registries "simulate-registries" "../../../functions/simulate-registries/src/main.rs",
    start_application "start-application" "../../../functions/start-application/src/main.rs",
    submit_application "submit-application" "../../../functions/submit-application/src/main.rs",
    sweep_deadlines "sweep-deadlines" "../../../functions/sweep-deadlines/src/main.rs",
}

fn main() -> Result<(), Error> {
    start(&std::env::args().nth(1).unwrap_or_default())
}
