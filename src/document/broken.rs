//! What is there and could not be read, so that nobody complains that it is missing.

use crate::yaml::Node;
use std::collections::BTreeSet;

/// Documents that could not be read, by kind and name; a whole file has neither.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    documents: BTreeSet<(String, String)>,
    pub(super) file: bool,
}

impl Broken {
    /// A document of this kind may be missing only because it could not be read.
    pub fn any(&self, kind: &str) -> bool {
        self.file || self.documents.iter().any(|(other, _)| other == kind)
    }

    /// So may the one of this name.
    pub fn named(&self, kind: &str, name: &str) -> bool {
        self.file || self.documents.contains(&(kind.to_owned(), name.to_owned()))
    }

    pub(super) fn extend(&mut self, other: Broken) {
        self.documents.extend(other.documents);
        self.file |= other.file;
    }

    pub(super) fn add(&mut self, kind: Option<&Node>, name: Option<&Node>) {
        let text = |node: Option<&Node>| node.and_then(Node::text).unwrap_or_default().to_owned();
        self.documents.insert((text(kind), text(name)));
    }
}
