//! A click day on AWS as a discrete-event simulation (NEW-8).
//!
//! Read in this order: `scenario` says who comes and what AWS allows, `population` draws the people, `engine` runs their
//! requests against the resources (`resource::token_bucket`, `resource::environments`, `resource::partitions`, put
//! together in `store`), `outcome` is what came of it, `place` gives places by a policy, `cost` prices it, `day` puts a
//! day together, `report` and `pictures` show it. `figures` holds what was measured or assumed, with sources.

pub mod arena;
pub mod chart;
pub mod cost;
pub mod day;
pub mod engine;
pub mod figures;
pub mod micros;
pub mod outcome;
pub mod pictures;
pub mod place;
pub mod population;
pub mod queue;
pub mod report;
pub mod resource;
pub mod scenario;
pub mod store;
