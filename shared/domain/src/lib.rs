//! The pure core: it decides, the other crates load and store. No I/O, no async, no AWS type, no clock, no randomness.
// A state, an event or a notice that is added names every place that has to answer for it; tests may say "anything else".
#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod activation;
pub mod application;
mod base32;
pub mod calendar;
pub mod campaign;
pub mod case_facts;
pub mod coded;
pub mod consular;
pub mod decision;
pub mod document;
pub mod email_address;
pub mod enabling;
pub mod fiscal_code;
pub mod form;
pub mod ids;
pub mod keyed_hash;
pub mod letter;
pub mod lifecycle;
pub mod notice;
pub mod notice_board;
pub mod office;
pub mod order;
pub mod organisation;
pub mod outage_ledger;
pub mod password;
pub mod permission;
pub mod procedure;
pub mod quota;
pub mod readiness;
pub mod receipt;
pub mod return_path;
pub mod search;
pub mod service;
pub mod term;
pub mod transparency;
pub mod typed;
pub mod vat_number;
