//! The only reader of the wall clock.

use jiff::Timestamp;

/// The wall clock, for schedules, queues and account times. Requests use the gateway's `timeEpoch` instead (SUB-3).
pub fn wall() -> Timestamp {
    Timestamp::now()
}
