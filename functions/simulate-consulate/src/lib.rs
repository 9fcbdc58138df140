//! simulate-consulate: under construction.
