//! What a tool answered to a case, and whether that is the answer wanted.

use super::case_files::{Case, CaseFile};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a tool said of one object. That it judged it at all is part of the answer.
pub struct Answer {
    /// The tool and the way it was asked.
    pub by: &'static str,
    /// Empty: the object is let in.
    pub denials: Vec<String>,
}

/// Answers by the index of the case. A case without one was not matched, or not judged.
pub type Answers = BTreeMap<usize, Answer>;

/// A tool that judges the cases of a file by the objects rendered for it.
pub trait Judge: Sync {
    /// Whether this tool can be asked at all; what it cannot judge is proved in-process only.
    fn judges(&self, case: &Case) -> bool;

    /// `Err`: the tool had trouble of any kind, which is never a verdict. `work` is a folder to
    /// write to.
    fn judge(&self, file: &CaseFile, objects: &[Value], work: &Path) -> Result<Answers, String>;
}

/// Words by which engines tell of trouble in the place of a verdict.
const TROUBLE: [&str; 8] = [
    " resulted in error: ",
    "cost budget",
    "unable to match constraints",
    "missing Namespace",
    "fails to compile",
    "fails to evaluate",
    "failed messageExpression",
    "panic:",
];

/// The message again, unless it tells of trouble.
pub fn untroubled(message: &str) -> Result<String, String> {
    match TROUBLE.iter().find(|words| message.contains(*words)) {
        Some(_) => Err(format!("the engine had trouble: {message}")),
        None => Ok(message.to_owned()),
    }
}

/// What is wrong with the answer to a case.
pub fn complaint(file: &CaseFile, case: &Case, answer: Option<&Answer>) -> Option<String> {
    let Some(answer) = answer else {
        return Some("no answer: nothing that was rendered matches the object".to_owned());
    };
    match (&case.offenders, &answer.denials[..]) {
        (None, []) => None,
        (None, denials) => Some(format!("must be let in, was denied: {denials:?}")),
        (Some(_), []) => Some("must be denied, was let in".to_owned()),
        (Some(_), denials) if denials.len() > file.before_offenders.len() => {
            Some(format!("denied more than once: {denials:?}"))
        }
        // One message for each of its rules that is broken, as far as the engine tells of more.
        (Some(wanted), denials) => {
            let named = denials.iter().map(|message| offenders(message, &file.before_offenders));
            let named: Option<Vec<BTreeSet<&str>>> = named.collect();
            let named: Option<BTreeSet<&str>> =
                named.map(|sets| sets.into_iter().flatten().collect());
            let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
            (named.as_ref() != Some(&wanted))
                .then(|| format!("must name {wanted:?}, but what is said is {denials:?}"))
        }
    }
}

/// The names at the end of a message; `None` where it is none of the control's own messages.
fn offenders<'a>(message: &'a str, before: &[String]) -> Option<BTreeSet<&'a str>> {
    let (_, names) = before.iter().find_map(|before| message.rsplit_once(&**before))?;
    Some(names.split(", ").collect())
}
