//! Bringing a rendered tree to where it is wanted: into a folder, or to the people who review it.
//!
//! [`folder`] swaps the output in place, [`edit`] a file that people wrote. [`propose`] is the whole way to a proposal: `git` makes and
//! pushes commits, [`forge`] opens proposals, and `standing` keeps other people's work from being
//! overwritten. What is rendered, and what a proposal says, comes from the caller; nothing here
//! looks at a clock or prints.

pub mod edit;
pub mod folder;
pub mod forge;
pub mod git;
mod propose;
mod secret;
mod standing;

pub use propose::{Outcome, Request, propose, tip};
pub use secret::Secret;
