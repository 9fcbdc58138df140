//! read-pec-receipts: under construction.
