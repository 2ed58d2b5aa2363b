pub mod folder;
pub mod git;
