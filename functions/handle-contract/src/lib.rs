//! handle-contract: under construction.
