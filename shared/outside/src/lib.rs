//! Everything beyond our walls but the store: configuration, clock, secrets, registries, certified mail, files, queues,
//! machine clients.

pub mod activation_codes;
pub mod aws;
pub mod block_links;
pub mod certified_account;
pub mod clock;
pub mod config;
pub mod facts;
pub mod files;
pub mod key_ring;
pub mod keying;
pub mod log;
pub mod machine_token;
pub mod passwords;
pub mod queue;
pub mod registries;
