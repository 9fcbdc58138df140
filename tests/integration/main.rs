//! All integration tests in one binary: one link, and one process, so that a test can ask to be alone on the portal.
#![cfg(test)]

mod crash;
mod enrich_application;
mod journey;
mod openapi;
mod privacy;
mod publish_facts;
mod read_applications;
mod reconcile_pending;
mod record_history;
mod relay_changes;
mod rush;
mod save_draft;
mod send_notices;
mod sign_in;
mod simulate_identity;
mod simulate_registries;
mod start_application;
mod submit_application;
mod template_rules;
