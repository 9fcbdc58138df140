//! What a click day can run out of: tokens of the gateway, environments of Lambda, partitions of DynamoDB.

pub mod environments;
pub mod partitions;
pub mod token_bucket;
