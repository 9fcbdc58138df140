//! receive-visa-events: under construction.
