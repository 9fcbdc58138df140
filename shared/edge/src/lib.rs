//! HTTP: requests are read strictly, the caller and what they may do are found out, errors become problems.

pub mod access;
pub mod cursor;
pub mod errors;
mod gateway;
pub mod http;
pub mod human_check;
pub mod letters;
pub mod limits;
pub mod open_checks;
pub mod origin;
pub mod press_for_many;
pub mod routes;
pub mod session;
