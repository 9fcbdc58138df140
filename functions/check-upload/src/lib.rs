//! check-upload: under construction.
