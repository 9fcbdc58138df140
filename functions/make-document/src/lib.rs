//! make-document: under construction.
