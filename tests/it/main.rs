//! The integration tests, one binary.

mod delivery_commit;
mod engines;
mod source_git;
mod support;
