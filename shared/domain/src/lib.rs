//! The pure core: it decides, adapters load and store. No I/O, no async, no AWS type, no clock, no randomness.

pub mod ids;
pub mod lifecycle;
pub mod permission;
pub mod receipt;
pub mod order;
pub mod activation;
pub mod application;
pub mod readiness;
pub mod keyed_hash;
mod base32;
pub mod coded;
pub mod form;
pub mod fiscal_code;
pub mod vat_number;
pub mod email_address;
pub mod calendar;
pub mod term;
pub mod campaign;
