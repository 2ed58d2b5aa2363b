//! What an upgrade changes, for a terminal and for programs.

pub mod json;
pub mod text;
