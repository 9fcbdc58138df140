//! All integration tests in one binary: one link, and one process, so that a test can ask to be alone on the portal.
#![cfg(test)]

mod batch;
mod block_application;
mod crash;
mod cross_tenant;
mod enrich_application;
mod journey;
mod manage_account;
mod manage_organisation;
mod models;
mod openapi;
mod privacy;
mod publish_facts;
mod radar;
mod read_applications;
mod reconcile_pending;
mod record_history;
mod relay_changes;
mod roles;
mod rush;
mod save_draft;
mod search;
mod send_notices;
mod sign_in;
mod simulate_identity;
mod simulate_registries;
mod start_application;
mod submit_application;
mod template_rules;
