//! What the functions share to reach the world. Decisions live in `domain`; here they are loaded, saved and answered.

pub mod accounts;
pub mod activation_codes;
pub mod admission;
pub mod applications;
pub mod attempts;
pub mod aws;
pub mod campaigns;
pub mod clock;
pub mod config;
pub mod cursor;
pub mod drafts;
pub mod facts;
pub mod http;
pub mod keying;
pub mod keys;
pub mod log;
pub mod outbox;
pub mod pending;
pub mod questions;
pub mod queue;
pub mod readiness;
pub mod registries;
pub mod retry;
pub mod rows;
pub mod session;
pub mod sign_ins;
mod table;
