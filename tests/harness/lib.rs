//! What the integration tests, the journey and the local edge share.

pub mod fault_proxy;
