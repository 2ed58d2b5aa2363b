//! The integration tests, one binary.

mod complaints;
mod delivery_commit;
mod engines;
mod pages;
mod propose_forge;
mod propose_remote;
mod propose_rules;
mod source_git;
mod support;
mod webhooks;
