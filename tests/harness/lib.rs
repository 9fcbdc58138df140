//! What the integration tests, the journey and the local edge share.

pub mod fault_proxy;
pub mod story;
pub mod environment;
pub mod browser;
pub mod emulator;
pub mod mailbox;
pub mod people;
pub mod identity;
pub mod campaigns;
pub mod world;
pub mod employer;
pub mod receipts;
pub mod stock;
pub mod side_queue;
pub mod journey;
