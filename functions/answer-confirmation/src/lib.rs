//! answer-confirmation: under construction.
