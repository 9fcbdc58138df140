//! Tests that switch a part of the portal off, or take all its room. A binary of their own: cargo runs it when the other tests
//! have ended, and in here they take turns (`World::enter_alone`).
#![cfg(test)]

mod read_units;
mod receipts;
mod reconcile_pending;
mod roles;
mod rush;
mod stream;
