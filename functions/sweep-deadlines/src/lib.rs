//! sweep-deadlines: under construction.
