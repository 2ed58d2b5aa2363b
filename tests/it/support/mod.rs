//! What several integration tests need.

pub mod binary;
pub mod catalogue;
pub mod corpora;
pub mod files;
pub mod forge;
pub mod http_backend;
pub mod nothing;
pub mod page;
pub mod proposing;
pub mod published_forge;
pub mod repository;
