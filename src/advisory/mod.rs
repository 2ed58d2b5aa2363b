//! Drafts of advisories, from what others publish: OSV and CVE records.
//!
//! What is read is hostile until it is read: its size is bounded, what is wrong with it is an error
//! with its place, and what it says becomes text that YAML quotes. A draft holds what the documents
//! here can say; the rest stands in it as comments, and is told. Files and days are handed over.

mod cursor;
mod cve;
mod cvss;
mod draft;
mod once;
mod osv;
mod purl;
mod ranges;
mod record;

pub use draft::Draft;

use crate::date::Date;
use crate::limits;
use cursor::Cursor;

/// The most entries of one list that are looked at.
const MOST: usize = 1_000;

/// The most entries of one kind that a document may have.
const ENTRIES: usize = 50;

/// Why there is no draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The record cannot be read; a sentence without a full stop.
    Unreadable(String),
    /// It can, and says that it counts no more.
    Withdrawn(String),
    /// Nothing of what it affects can be said here; what that is.
    Inexpressible { id: String, told: Vec<String> },
}

/// Reads a record and drafts the document, granted on a day.
pub fn import(bytes: &[u8], today: Date) -> Result<Draft, Refused> {
    if bytes.len() > limits::FILE_BYTES {
        let most = limits::FILE_BYTES >> 20;
        return Err(Refused::Unreadable(format!("it is larger than {most} MiB")));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: serde_json::Value = serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Refused::Unreadable(format!("it is no JSON, as seen in line {line}, column {column}"))
    })?;
    let root = Cursor::root(&value);
    let record = match (root.get("cveMetadata"), root.get("id")) {
        (Some(_), _) => cve::read(&root)?,
        (None, Some(_)) => osv::read(&root)?,
        (None, None) => {
            let why = "it is neither an OSV record, which has an `id`, nor a CVE record, which has \
                       `cveMetadata`";
            return Err(Refused::Unreadable(why.to_owned()));
        }
    };
    if record.is_empty() {
        let told = record.told();
        return Err(Refused::Inexpressible { id: record.id, told });
    }
    record.draft(today)
}

#[cfg(test)]
mod tests;
