//! rank-submissions: under construction.
