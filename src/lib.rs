//! Ordinance: one intent, every cluster.
//!
//! A compiler for Kubernetes security policy. The modules stand on floors (`ARCHITECTURE.md`):
//! each imports lower floors only, and everything below `source` and `delivery` is pure – it
//! reads no file, no clock, no environment and no network (`clippy.toml` has the list).

#![cfg_attr(not(test), warn(clippy::disallowed_methods, clippy::unwrap_used))]

// First: its macro is used by the modules after it.
#[macro_use]
mod written;

pub mod admission;
pub mod advisory;
pub mod baseline;
pub mod blast;
pub mod calendar;
pub mod catalogue;
pub mod cel;
pub mod change;
pub mod check;
pub mod cli;
pub mod compile;
pub mod date;
pub mod delivery;
pub mod diagnostic;
pub mod document;
pub mod engine;
pub mod failure;
pub mod inventory;
pub mod limits;
pub mod link;
pub mod lock;
pub mod manifest;
pub mod name;
pub mod object;
pub mod pipeline;
pub mod plan;
pub mod posture;
pub mod report;
pub mod schema;
pub mod selector;
pub mod serve;
pub mod snapshot;
pub mod source;
pub mod sync;
pub mod template;
pub mod text;
pub mod tree;
pub mod upgrade;
pub mod version;
pub mod yaml;
