//! Where input files come from.

pub mod git;
