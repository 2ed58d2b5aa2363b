//! Made-up pods, judged here and by Kubernetes' own library: per check and per version, the two
//! must say the same.
//!
//! `tests/engines/pod-security-1.37` runs the library (`tests/engines/build.sh` builds it). A few
//! thousand pods in CI, a hundred thousand with `CI_FULL=1`, the same ones on every machine.

use super::generated::{Made, made};
use super::standard::{LEVELS, NEWEST, Standard, creation};
use crate::engines::tools::{Tools, say};
use crate::support::binary::full;
use crate::support::page;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const ORACLE: &str = "pod-security-1.37";
const FEW: u32 = 4_000;
const MANY: u32 = 100_000;
/// The numbers of the targets that are asked: the first always, the other now and then.
const ASKED: [usize; 2] = [0, 4];
const SELDOM: u32 = 10;

/// The library, waiting for questions.
struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// Per level, from which minor on which checks deny.
type Verdicts = BTreeMap<(String, u32), BTreeSet<String>>;

impl Oracle {
    fn new(tools: &Tools) -> Oracle {
        let mut command = Command::new(tools.path(ORACLE));
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the library starts");
        let input = child.stdin.take().expect("an input");
        let output = BufReader::new(child.stdout.take().expect("an output"));
        Oracle { child, input, output }
    }

    fn ask(&mut self, pod: &Value) -> Result<Verdicts, String> {
        let question = json!({"id": 0, "pod": pod});
        writeln!(self.input, "{question}").map_err(|error| error.to_string())?;
        self.input.flush().map_err(|error| error.to_string())?;
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(|error| error.to_string())?;
        let answer: Value =
            serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        if let Some(error) = answer["error"].as_str() {
            return Err(format!("the library refuses the pod: {error}"));
        }
        let verdicts = answer["verdicts"].as_array().ok_or("no verdicts")?.iter().map(|one| {
            let text = |field: &str| one[field].as_str().unwrap_or_default();
            let minor = text("version").trim_start_matches("v1.").parse().unwrap_or(u32::MAX);
            let by = one["denied_by"].as_array().into_iter().flatten();
            let by = by.filter_map(Value::as_str).map(str::to_owned).collect();
            ((text("level").to_owned(), minor), by)
        });
        Ok(verdicts.collect())
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What of a pod is counted: the checks that denied it, and those that alone did.
#[derive(Default)]
struct Counted {
    pods: u32,
    verdicts: u64,
    by: BTreeMap<String, (u32, u32)>,
}

/// Judges one pod in both ways.
fn compare(
    made: &Made,
    standard: &Standard,
    targets: &[usize],
    oracle: &mut Oracle,
    counted: &mut Counted,
) -> Result<(), String> {
    let told = oracle.ask(&made.pod())?;
    let object = made.object();
    let request = creation(&object);
    let (mut denying, mut alone) = (BTreeSet::new(), BTreeSet::new());
    for target in targets {
        let mut judged: BTreeMap<usize, bool> = BTreeMap::new();
        for level in LEVELS {
            for minor in 0..=NEWEST {
                let earlier = told.range((level.to_owned(), 0)..=(level.to_owned(), minor));
                let (_, theirs) = earlier.last().ok_or("no verdict of this level")?;
                let mut ours = BTreeSet::new();
                for (check, number) in standard.counting(*target, level, minor) {
                    let denied = match judged.get(number) {
                        Some(denied) => *denied,
                        None => standard.denies(*number, &request)?,
                    };
                    judged.insert(*number, denied);
                    if denied {
                        ours.insert(check.clone());
                    }
                }
                if ours != *theirs {
                    return Err(format!(
                        "{level} 1.{minor}: here {ours:?}, in Kubernetes {theirs:?}: {object}"
                    ));
                }
                if let (Some(only), 1) = (ours.first(), ours.len()) {
                    alone.insert(only.clone());
                }
                denying.extend(ours);
                counted.verdicts += 1;
            }
        }
    }
    counted.pods += 1;
    for check in denying {
        let (all, only) = counted.by.entry(check.clone()).or_default();
        *all += 1;
        *only += u32::from(alone.contains(&check));
    }
    Ok(())
}

#[test]
fn made_up_pods_get_the_verdicts_of_kubernetes_own_library() {
    let Some(tools) = Tools::with(&[ORACLE]) else { return };
    let full = full();
    let pods = if full { MANY } else { FEW };
    let standard = Standard::new(&ASKED);
    let runs: u32 = 4;
    let counts: Vec<Counted> = (0..runs)
        .into_par_iter()
        .map(|run| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&run.to_le_bytes());
            let config =
                Config { cases: pods / runs, failure_persistence: None, ..Config::default() };
            let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
            let mut runner = TestRunner::new_with_rng(config, rng);
            let counted = std::cell::RefCell::new(Counted::default());
            let oracle = std::cell::RefCell::new(Oracle::new(&tools));
            let outcome = runner.run(&made(), |made| {
                let mut counted = counted.borrow_mut();
                let often = !counted.pods.is_multiple_of(SELDOM);
                let targets = if often { &ASKED[..1] } else { &ASKED[..] };
                compare(&made, &standard, targets, &mut oracle.borrow_mut(), &mut counted)
                    .map_err(TestCaseError::fail)
            });
            if let Err(TestError::Fail(why, made)) = outcome {
                panic!("{why}\nthe least such pod: {}", made.pod());
            }
            outcome.expect("all pods were judged");
            counted.into_inner()
        })
        .collect();
    let mut by: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (check, (all, only)) in counts.iter().flat_map(|counted| &counted.by) {
        let entry = by.entry(check.clone()).or_default();
        (entry.0, entry.1) = (entry.0 + all, entry.1 + only);
    }
    let judged: u32 = counts.iter().map(|counted| counted.pods).sum();
    let verdicts: u64 = counts.iter().map(|counted| counted.verdicts).sum();
    say(&format!("{judged} made-up pods, {verdicts} sets of checks, all as Kubernetes' library"));
    assert_eq!(by.len(), 19, "every check denied something: {by:?}");
    for (check, (all, only)) in &by {
        say(&format!("  {check:26} denied {all:6}, alone {only:6}"));
        assert!(
            only * 100 >= judged,
            "{check} denied fewer than one pod in a hundred alone: {only}"
        );
    }
    page::keep("pod-security library", &table(&by, judged));
}

fn table(by: &BTreeMap<String, (u32, u32)>, judged: u32) -> String {
    let lines = by.iter().map(|(check, (all, only))| format!("| {check} | {all} | {only} |"));
    let lines: Vec<String> = lines.collect();
    format!(
        "| check | denied | denied alone |\n| --- | ---: | ---: |\n{}\n\n{judged} pods, no disagreement.\n",
        lines.join("\n")
    )
}
