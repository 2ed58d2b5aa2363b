//! How much a place takes that Markdown is written for, and what of it.
//!
//! Which places there are is not known here: whoever asks for a body hands its budget down.

/// What a place takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The longest body, in `unit`.
    pub limit: usize,
    pub unit: Unit,
    /// The most bytes of UTF-8, where the place counts those as well.
    pub bytes: Option<usize>,
    /// Whether a comment of HTML is kept, and hidden.
    pub comments: bool,
    /// Whether `<details>` folds what is in it.
    pub details: bool,
    /// Whether tables are shown as such.
    pub tables: bool,
}

/// What a place counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Unicode's scalar values.
    Characters,
    /// Code units of UTF-16, of which a character beyond the first plane takes two.
    CodeUnits,
}

impl Unit {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Characters => "characters",
            Unit::CodeUnits => "UTF-16 code units",
        }
    }

    pub fn count(self, text: &str) -> usize {
        match self {
            Unit::Characters => text.chars().count(),
            Unit::CodeUnits => text.chars().map(char::len_utf16).sum(),
        }
    }
}

impl Budget {
    /// Where nothing is counted, and all is understood: a file.
    pub const NONE: Budget = Budget {
        limit: usize::MAX,
        unit: Unit::Characters,
        bytes: None,
        comments: true,
        details: true,
        tables: true,
    };

    /// A tenth is left to the place, which adds to what it is given.
    pub fn room(&self) -> usize {
        self.limit - self.limit / 10
    }

    pub fn fits(&self, text: &str) -> bool {
        let bytes = self.bytes.is_none_or(|most| text.len() <= most - most / 10);
        bytes && (self.limit == usize::MAX || self.unit.count(text) <= self.room())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_code_units_and_bytes_are_counted_apart() {
        let budget = Budget { limit: 10, ..Budget::NONE };
        assert!(budget.fits("ééééééééé") && !budget.fits("0123456789"));
        let units = Budget { unit: Unit::CodeUnits, ..budget };
        assert!(units.fits("𝒳𝒳𝒳𝒳") && !units.fits("𝒳𝒳𝒳𝒳𝒳"));
        let bytes = Budget { bytes: Some(10), ..budget };
        assert!(bytes.fits("ééééa") && !bytes.fits("ééééé"));
    }
}
