//! What the functions share to reach the world. Decisions live in `domain`; here they are loaded, saved and answered.

pub mod config;
pub mod clock;
pub mod log;
pub mod aws;
pub mod keying;
pub mod keys;
pub mod retry;
pub mod rows;
pub mod applications;
pub mod accounts;
pub mod drafts;
pub mod outbox;
pub mod facts;
pub mod campaigns;
pub mod cursor;
pub mod session;
pub mod sign_ins;
pub mod attempts;
pub mod http;
pub mod queue;
pub mod pending;
pub mod registries;
pub mod admission;
pub mod activation_codes;
pub mod questions;
pub mod readiness;
