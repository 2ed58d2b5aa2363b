//! The forge of `tests/forge`: a stub that remembers, behind its published API description.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running forge; it ends when it is dropped.
pub struct PublishedForge {
    child: Child,
    /// The address of its programming interface, with a path as an enterprise server has it.
    pub url: String,
    door: String,
}

impl PublishedForge {
    /// Starts it for this git remote; `None`, said aloud, where its packages are not installed.
    ///
    /// In continuous integration (`CI=true`) they must be.
    pub fn start(token: &str, remote: &Path) -> Option<Self> {
        let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forge");
        if !folder.join("node_modules/@stoplight/prism-cli").is_dir() {
            let said = "the forge's API description is not installed: cd tests/forge && npm ci";
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{said}");
            println!("skipped: {said}");
            return None;
        }
        let mut child = Command::new("node")
            .arg(folder.join("forge.mjs"))
            .arg(token)
            .arg(remote)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("it says that it is ready");
        let text = |name: &str| ready[name].as_str().expect("an address").to_owned();
        Some(Self { child, url: text("ready"), door: text("door") })
    }

    /// Every request since it was last asked: method, path and status, as in `GET /… 200`.
    ///
    /// Fails if the description finds anything wrong with one of them, or with its answer.
    pub fn requests(&self) -> Vec<String> {
        let mut answer = ureq::get(format!("{}/log", self.door)).call().expect("a log");
        let text = answer.body_mut().read_to_string().expect("a text");
        let log: Vec<Value> = serde_json::from_str(&text).expect("a list");
        let told = log.into_iter().map(|request| {
            assert_eq!(request["violations"], serde_json::json!([]), "{request}");
            let route = request["route"].as_str().expect("a route");
            let route = route.strip_prefix("/repos/acme/policies/").expect("the repository");
            format!("{} {route} {}", request["method"].as_str().expect("one"), request["status"])
        });
        told.collect()
    }

    /// Those of them that write.
    pub fn writes(&self) -> Vec<String> {
        let mut requests = self.requests();
        requests.retain(|request| !request.starts_with("GET "));
        requests
    }

    /// Closes a proposal by a person's hand.
    pub fn close_by_hand(&self, number: u64) {
        ureq::post(format!("{}/close", self.door)).send(&number.to_string()).expect("taken");
    }

    /// Gives this answer to the next request.
    pub fn answer_next(&self, answer: &Value) {
        let text = answer.to_string();
        ureq::post(format!("{}/next", self.door)).send(&text).expect("taken");
    }
}

impl Drop for PublishedForge {
    fn drop(&mut self) {
        // The end of its input is its end; waiting leaves nothing behind.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
