//! The document that a record becomes: YAML with what cannot be said as comments.

use super::record::Record;
use super::{ENTRIES, Refused};
use crate::date::Date;
use crate::document::{Severity, USUALLY, is_id};
use crate::name;

/// The longest text that is taken over, in characters.
const LONGEST: usize = 400;

/// The most digests that one entry may have.
const DIGESTS: usize = 200;

/// A document that was drafted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub name: String,
    pub text: String,
    /// What of the record is not in it, or not as it was.
    pub told: Vec<String>,
}

/// One line of plain text, of no more than is read.
pub fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let joined = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let plain: String = joined.chars().filter(|c| !hidden(*c)).collect();
    match plain.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &plain[..at]),
        None => plain,
    }
}

/// Marks that turn the direction of a line or show nothing, and what YAML may not hold.
fn hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text as YAML quotes it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(line(text)).to_string()
}

impl Record {
    /// The document's name: the record's, as names are.
    fn name(&self) -> Result<String, Refused> {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = self.id.chars().take(50).map(plain).collect();
        let name = name.trim_matches('-').to_owned();
        match name::problem(&name) {
            None => Ok(name),
            Some(_) => {
                let id = &self.id;
                Err(Refused::Unreadable(format!("a document cannot be named after `{id}`")))
            }
        }
    }

    /// The lines below `affects`; what of them is left out is told.
    fn affects(&self, left: &mut Vec<String>) -> Vec<String> {
        let mut images = vec![];
        let mut many = 0;
        for (repository, (ranges, digests)) in &self.images {
            let (ranges, digests) = (ranges.all(), digests.all());
            let (digests, more) = digests.split_at(digests.len().min(DIGESTS));
            many += more.len();
            let quoted_digests: Vec<String> = digests.iter().map(|one| quoted(one)).collect();
            let mut fields = vec![format!("repository: {}", quoted(repository))];
            if !digests.is_empty() {
                fields.push(format!("digests: [{}]", quoted_digests.join(", ")));
            }
            match ranges {
                [] => images.push(format!("      - {{{}}}", fields.join(", "))),
                [first, more @ ..] => {
                    fields.insert(1, format!("versions: {}", quoted(first)));
                    images.push(format!("      - {{{}}}", fields.join(", ")));
                    images.extend(more.iter().map(|range| {
                        let repository = quoted(repository);
                        format!("      - {{repository: {repository}, versions: {}}}", quoted(range))
                    }));
                }
            }
        }
        let runtimes =
            self.runtimes.all().iter().map(|(name, range)| {
                format!("      - {{name: {name}, versions: {}}}", quoted(range))
            });
        let runtimes: Vec<String> = runtimes.collect();
        let kubelets = self
            .kubelets
            .all()
            .iter()
            .map(|range| format!("      - {{versions: {}}}", quoted(range)));
        let kubelets: Vec<String> = kubelets.collect();
        if many > 0 {
            left.push(format!("{many} more digests"));
        }
        let mut lines = vec![];
        for (field, mut entries) in
            [("images", images), ("runtimes", runtimes), ("kubelets", kubelets)]
        {
            if entries.len() > ENTRIES {
                let left_out = entries.len() - ENTRIES;
                entries.truncate(ENTRIES);
                left.push(format!("{left_out} more entries of `{field}`"));
            }
            if !entries.is_empty() {
                lines.push(format!("    {field}:"));
                lines.extend(entries);
            }
        }
        lines
    }

    /// The document as text.
    pub fn draft(self, today: Date) -> Result<Draft, Refused> {
        let name = self.name()?;
        let mut told = self.told();
        let affects = self.affects(&mut told);
        let severity = match self.severity {
            Some(severity) => severity.name().to_owned(),
            None => {
                told.push("how bad it is, which `high` stands for".to_owned());
                Severity::High.name().to_owned()
            }
        };
        let statement = match self.summary.as_deref().map(line).filter(|text| !text.is_empty()) {
            Some(summary) => format!("Nothing that {} affects is started: {summary}", self.id),
            None => format!("Nothing that {} affects is started.", self.id),
        };
        let ids = std::iter::once(&self.id).chain(&self.aliases).filter(|id| is_id(id)).take(10);
        let ids: Vec<String> = ids.map(|id| quoted(id)).collect();
        let mut lines = vec![];
        if !told.is_empty() {
            lines.push("# What the record says and this does not, or not as it does:".to_owned());
            lines.extend(told.iter().map(|one| format!("#   {one}")));
        }
        lines.extend([
            "apiVersion: ordinance.dev/v1".to_owned(),
            "kind: Advisory".to_owned(),
            format!("metadata: {{name: {}}}", quoted(&name)),
            "spec:".to_owned(),
            format!("  statement: {}", quoted(&statement)),
            format!("  ids: [{}]", ids.join(", ")),
            format!("  severity: {severity}"),
            "  owner: security-response   # whoever answers for it".to_owned(),
            "  affects:".to_owned(),
        ]);
        lines.extend(affects);
        lines.extend([
            "  unknownVersion: audit".to_owned(),
            "  action: deny".to_owned(),
            format!("  granted: {today}"),
            format!("  expires: {}", today.plus(USUALLY)),
        ]);
        Ok(Draft { name, text: lines.join("\n") + "\n", told })
    }
}
