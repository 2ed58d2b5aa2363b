//! The integration tests, one binary.

mod cases;
mod check;
mod check_corpus;
mod check_docs;
mod check_mutations;
mod check_policies;
mod complaints;
mod delivery_commit;
mod determinism;
mod docs;
mod engines;
mod explain;
mod help;
mod hostile;
mod kill;
mod kill_propose;
mod pages;
mod propose_forge;
mod propose_remote;
mod propose_rules;
mod propose_told;
mod scenarios;
mod source_git;
mod support;
mod webhooks;
