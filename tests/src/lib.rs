//! What the tests and benchmarks of all layers share: a disk that loses power, and logs made to order.

pub mod crash_disk;
pub mod generator;
pub mod http_load;
pub mod random;
pub mod store_conformance;
