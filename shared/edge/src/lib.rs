//! HTTP: requests are read strictly, the caller and what they may do are found out, errors become problems.

pub mod admission;
pub mod cursor;
pub mod http;
pub mod human_check;
pub mod letters;
pub mod limits;
pub mod open_checks;
pub mod routes;
pub mod session;
pub mod steps;
