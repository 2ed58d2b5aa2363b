//! Whether a change tightens, loosens, does neither, or cannot be told to; told by its structure.
//!
//! What was asked for before must be asked for still: that is all that is looked at, for every
//! object that could be asked about, action by action. Objects are read as their engines read them
//! ([`claim`]), all that one control says on a cluster together ([`rules`]), since a rule may be
//! split into parts or put together again. What is no policy is judged by what is known of its kind
//! ([`other`]). Nothing is evaluated here, and no guess is made: what cannot be proved to keep what
//! was asked for is not known to, and counts as loosening.

mod claim;
mod cover;
mod hole;
mod lock;
mod other;
mod resources;
mod rules;

pub use lock::of_lock;
pub use other::of_sync;
pub use rules::{Piece, Rules, Surroundings};

/// What a change does to what is asked for. The later ones weigh more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// All that was asked for is, and no more.
    Neutral,
    /// All that was asked for is, and more.
    Tightens,
    /// It cannot be told.
    #[default]
    Unknown,
    /// Something that was asked for is not any more.
    Loosens,
}

impl Direction {
    pub const ALL: [Direction; 4] =
        [Direction::Neutral, Direction::Tightens, Direction::Unknown, Direction::Loosens];

    /// As people are told of it.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Neutral => "neutral",
            Direction::Tightens => "tightens",
            Direction::Unknown => "not known",
            Direction::Loosens => "loosens",
        }
    }

    /// As programs are.
    pub fn id(self) -> &'static str {
        match self {
            Direction::Unknown => "unknown",
            other => other.word(),
        }
    }

    /// What is not known to keep what was asked for counts as if it did not.
    pub fn counts_as_loosening(self) -> bool {
        self >= Direction::Unknown
    }
}
