//! The integration tests, one binary.

mod delivery_commit;
mod source_git;
mod support;
