//! What the integration tests, the journey and the local edge share.

pub mod account_journey;
pub mod browser;
pub mod campaigns;
pub mod case_journey;
pub mod cases;
pub mod certified;
pub mod consulate;
pub mod email_person;
pub mod employer;
pub mod emulator;
pub mod environment;
pub mod fault_proxy;
pub mod identity;
pub mod journey;
pub mod mailbox;
pub mod officers;
pub mod operator_journey;
pub mod organisations;
pub mod people;
pub mod receipts;
pub mod side_queue;
pub mod signatures;
pub mod signing;
pub mod stock;
pub mod story;
pub mod world;
