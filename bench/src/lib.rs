//! A click day at record size: the real programs behind a Runtime API of the bench's own, a store that keeps its data, people
//! who press as they did on 12 December 2023, and checks of everything that came of it (SUB-1 to SUB-5, RNK-1).
//!
//! `main.rs` is the command line; `cargo xtask bench` builds the programs and starts it.

pub mod armed;
pub mod arrivals;
pub mod check;
pub mod click_day;
pub mod closed_loop;
pub mod cold;
pub mod cost;
pub mod crowd;
pub mod desk;
pub mod engine;
pub mod faults;
pub mod faulty_wire;
pub mod fleet;
pub mod follow_up;
pub mod ground;
pub mod growth;
pub mod keeper;
pub mod limit;
pub mod peers;
pub mod public_log;
pub mod raw;
pub mod relay;
pub mod report;
pub mod rest;
pub mod rush;
pub mod seeding;
pub mod shelf;
pub mod statistics;
pub mod stress;
pub mod vault;
pub mod wiretap;

/// What stops a measurement: something outside it failed, and there is no figure.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;
