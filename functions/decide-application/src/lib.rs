//! decide-application: under construction.
