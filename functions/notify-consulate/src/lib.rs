//! notify-consulate: under construction.
