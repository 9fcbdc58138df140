//! What the integration tests, the journey and the local edge share.

pub mod browser;
pub mod campaigns;
pub mod employer;
pub mod emulator;
pub mod environment;
pub mod fault_proxy;
pub mod identity;
pub mod journey;
pub mod mailbox;
pub mod people;
pub mod receipts;
pub mod side_queue;
pub mod stock;
pub mod story;
pub mod world;
