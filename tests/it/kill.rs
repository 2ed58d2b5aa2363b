//! `render` killed at every call that changes the file system: each cluster's folder is then
//! wholly its old state or wholly its new one, and the next run finishes.
//!
//! On Linux `strace` kills it at its n-th such call, for every n; nothing is left to chance.

use crate::support::binary::{command, must};
use crate::support::files::{self, Tree, root};
use rayon::prelude::*;
use std::path::Path;
use std::process::{Command, Stdio};

/// Calls that change what is in a folder; each is counted by itself.
const CALLS: &[&str] = &[
    "openat",
    "mkdir",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
];

/// The clusters of the small repository: a swap each, and one that goes.
const CLUSTERS: &[&str] = &["dev-1", "prod-1", "old-1"];

fn input(action: &str, old_state: &str) -> Tree {
    let mut input = files::read(&root().join("tests/complaints/base"));
    let intent = format!(
        "apiVersion: ordinance.dev/v1\nkind: Intent\nmetadata: {{name: host}}\nspec:\n  \
         statement: It shall be so.\n  owner: platform-security\n  requires:\n    \
         - {{control: disallow-host-namespaces, action: {action}}}\n"
    );
    input.insert("intents/host.yaml".into(), intent.into_bytes());
    let cluster = format!(
        "apiVersion: ordinance.dev/v1\nkind: Cluster\nmetadata: {{name: old-1}}\nspec:\n  \
         state: {old_state}\n  kubernetes: \"1.30\"\n  provider: generic\n  \
         engine: {{name: gatekeeper, version: \"3.17.1\"}}\n  \
         sync: {{tool: flux, source: policies}}\n"
    );
    input.insert("clusters/old-1.yaml".into(), cluster.into_bytes());
    input
}

/// What a cluster's folders hold: its own, and its sync tool's.
fn states(folder: &Path, cluster: &str) -> [Tree; 2] {
    let tree = files::below(&files::read(folder), "rendered");
    [files::below(&tree, cluster), files::below(&tree, &format!("sync/flux/{cluster}"))]
}

/// Whether `strace` can be used here. Where it must be there, its absence is a failure.
pub fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).status();
    let can = tried.is_ok_and(|status| status.success());
    let must = std::env::var_os("CI").is_some();
    assert!(can || !must, "strace is needed to kill `render` after every write");
    can
}

/// Runs a command and kills it as it begins the `number`-th such call; whether there was one.
pub fn killed(folder: &Path, arguments: &[&str], call: &str, number: usize) -> bool {
    let render = command(folder, arguments);
    let mut traced = Command::new("strace");
    traced
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")])
        .args(["-e", &format!("inject={call}:signal=SIGKILL:when={number}")])
        .arg(render.get_program())
        .args(render.get_args())
        .current_dir(folder)
        .env_clear()
        .envs(render.get_envs().filter_map(|(name, value)| Some((name, value?))))
        // One thread: the calls come in one order.
        .env("RAYON_NUM_THREADS", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    !traced.status().expect("strace starts").success()
}

#[test]
fn killed_at_any_call_every_folder_is_old_or_new_and_the_next_run_finishes() {
    if !can_trace() {
        println!("strace cannot be used here, so `render` is not killed at every call");
        return;
    }
    let before = files::folder(&input("audit", "active"));
    must(before.path(), &["render"]);
    let old = files::read(before.path());
    let mut edited = old.clone();
    edited.extend(input("deny", "retired"));
    let after = files::folder(&edited);
    must(after.path(), &["render"]);
    let new = files::read(after.path());
    assert!(new != old);
    let allowed = |cluster: &str, index: usize| {
        [&before, &after].map(|folder| states(folder.path(), cluster)[index].clone())
    };
    let judge = |call: &str, number: usize| -> bool {
        let folder = files::folder(&edited);
        if !killed(folder.path(), &["render"], call, number) {
            return false;
        }
        for cluster in CLUSTERS {
            for (index, state) in states(folder.path(), cluster).into_iter().enumerate() {
                let whole = allowed(cluster, index).contains(&state);
                assert!(whole, "{call} {number}: {cluster} is half done: {:?}", state.keys());
            }
        }
        must(folder.path(), &["render"]);
        let finished = files::read(folder.path());
        assert_eq!(files::difference(&new, &finished), None, "after {call} {number}");
        true
    };
    let kills = |call: &&str| (1..).take_while(|number| judge(call, *number)).count();
    let kills: Vec<(&str, usize)> = CALLS.par_iter().map(|call| (*call, kills(call))).collect();
    println!("killed at {kills:?}");
    let swaps: usize =
        kills.iter().filter(|(call, _)| call.starts_with("rename")).map(|one| one.1).sum();
    let made: usize = kills.iter().filter(|(call, _)| *call == "mkdir").map(|one| one.1).sum();
    assert!(swaps >= 2 && made >= 4, "{kills:?}");
}
