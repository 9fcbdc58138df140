//! record-outage: under construction.
