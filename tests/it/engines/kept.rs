//! What a tool answered before to the very same question.
//!
//! The answers of an engine of a fixed version to fixed objects do not change, and asking takes
//! minutes. They are kept beside the tools under the hash of all that goes into them: the tool,
//! the harness that calls it, the policies and the cases. Only answers are kept, never a verdict:
//! whether they are the answers wanted is decided anew each time. `CI_FULL=1` asks again.

use super::case_files::CaseFile;
use super::tools::Tools;
use super::verdict::{Answer, Answers, Judge};
use crate::support::binary::full;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How the tools are called is part of the question.
const HARNESS: [&str; 6] = [
    include_str!("case_files.rs"),
    include_str!("gator.rs"),
    include_str!("gator_verify.rs"),
    include_str!("kubernetes.rs"),
    include_str!("kyverno.rs"),
    include_str!("objects.rs"),
];

/// A judge that is asked only what it was not asked before.
pub struct Kept<'a> {
    pub judge: &'a dyn Judge,
    pub tools: &'a Tools,
    pub binary: &'static str,
    pub kept: AtomicUsize,
}

impl<'a> Kept<'a> {
    pub fn new(judge: &'a dyn Judge, tools: &'a Tools, binary: &'static str) -> Kept<'a> {
        Kept { judge, tools, binary, kept: AtomicUsize::new(0) }
    }

    pub fn judge(
        &self,
        file: &CaseFile,
        objects: &[Value],
        work: &Path,
    ) -> Result<Answers, String> {
        let place = self.place(file, objects);
        if !full()
            && let Some(answers) = fs::read(&place).ok().and_then(|bytes| read(&bytes))
        {
            self.kept.fetch_add(1, Ordering::Relaxed);
            return Ok(answers);
        }
        let answers = self.judge.judge(file, objects, work)?;
        fs::create_dir_all(place.parent().expect("a folder")).expect("a new folder");
        // Whoever reads at the same time sees all of it or nothing.
        let part = place.with_extension(format!("{}.part", std::process::id()));
        fs::write(&part, written(&answers)).expect("a new file");
        fs::rename(&part, &place).expect("a new name");
        Ok(answers)
    }

    fn place(&self, file: &CaseFile, objects: &[Value]) -> PathBuf {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.len().to_le_bytes());
            hash.update(text);
        };
        // The name of what was built holds the hash of all that it was built from.
        let built = fs::canonicalize(self.tools.path(self.binary)).expect("the tool is there");
        add(&built.file_name().expect("a file").to_string_lossy());
        HARNESS.iter().for_each(|text| add(text));
        add(&json!([file.namespaces, objects]).to_string());
        for case in file.cases.iter().filter(|case| self.judge.judges(case)) {
            add(&json!([case.update, case.subresource, case.object, case.old]).to_string());
        }
        let hash = hash.finalize();
        let name = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
        self.tools.path("answers").join(name.collect::<String>() + ".json")
    }
}

fn written(answers: &Answers) -> String {
    let all: Vec<Value> =
        answers.iter().map(|(index, one)| json!([index, one.by, one.denials])).collect();
    Value::from(all).to_string()
}

fn read(bytes: &[u8]) -> Option<Answers> {
    let all: Vec<(usize, String, Vec<String>)> = serde_json::from_slice(bytes).ok()?;
    let answer = |(index, by, denials): (usize, String, Vec<String>)| {
        (index, Answer { by: by.leak(), denials })
    };
    Some(all.into_iter().map(answer).collect())
}
