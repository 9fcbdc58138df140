//! The pure core: it decides, adapters load and store. No I/O, no async, no AWS type, no clock, no randomness.

pub mod ids;
pub mod lifecycle;
pub mod permission;
pub mod keyed_hash;
mod base32;
pub mod coded;
