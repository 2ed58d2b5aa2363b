//! What is said when the outside world fails: a repository, a disk, a remote, a forge.
//!
//! A failure always answers four questions: what was tried, what came back, what the reader can do,
//! and in which state things are now. What is wrong with the *input* is a diagnostic with a place,
//! never a failure. Choosing an exit code is left to the command line.

use std::fmt;

/// One failure of the outside world, in whole sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried, as it follows "could not": `open a pull request on …`.
    pub tried: String,
    /// What came back, word for word where it is short.
    pub came_back: String,
    /// What the reader can do about it; empty where only trying again helps.
    pub to_do: String,
    /// In which state things are; empty where nothing was touched.
    pub state: String,
}

impl Failure {
    /// A failure that so far only knows what was tried and what came back.
    pub fn new(tried: impl Into<String>, came_back: impl fmt::Display) -> Self {
        Self {
            tried: tried.into(),
            came_back: came_back.to_string(),
            to_do: String::new(),
            state: String::new(),
        }
    }

    /// Adds what the reader can do.
    #[must_use]
    pub fn to_do(mut self, to_do: impl Into<String>) -> Self {
        self.to_do = to_do.into();
        self
    }

    /// Adds in which state things are; what happened earlier in the run is said first.
    #[must_use]
    pub fn state(mut self, state: impl Into<String>) -> Self {
        let state = state.into();
        self.state = match self.state.is_empty() {
            true => state,
            false => format!("{state}; {}", self.state),
        };
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "could not {}: {}", self.tried, self.came_back)?;
        for hint in [&self.to_do, &self.state] {
            if !hint.is_empty() {
                write!(out, "\nhint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn a_failure_says_all_four_things_and_leaves_out_what_is_empty() {
        let failure = Failure::new("push `ordinance/main`", "403 Forbidden");
        assert_eq!(failure.to_string(), "could not push `ordinance/main`: 403 Forbidden");

        let failure = failure.to_do("let the token write contents").state("nothing was pushed");
        let failure = failure.state("the commit is in the object store");
        assert_eq!(
            failure.to_string(),
            "could not push `ordinance/main`: 403 Forbidden\n\
             hint: let the token write contents\n\
             hint: the commit is in the object store; nothing was pushed"
        );
    }
}
