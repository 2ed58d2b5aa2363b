//! Runs a program and measures it from outside: from its start to its end, all its threads, and
//! the most memory it held.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub wall: Duration,
    /// User and system time of the program and what it started, in steps of 10 ms.
    pub processor: Option<Duration>,
}

impl Cost {
    /// The cheaper of two runs: what is slower was disturbed.
    pub fn best(self, other: Option<Cost>) -> Cost {
        other.filter(|other| other.wall < self.wall).unwrap_or(self)
    }
}

/// Runs it and says what it cost; its output is thrown away unless it fails.
pub fn run(command: &mut Command) -> Cost {
    let before = processor();
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let wall = began.elapsed();
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let processor = processor().zip(before).map(|(after, before)| after - before);
    Cost { wall, processor }
}

/// What it prints.
pub fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("it prints text")
}

/// The most memory it held, in bytes, asked every other millisecond; only Linux tells.
pub fn peak(command: &mut Command) -> Option<u64> {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().expect("the program starts");
    let path = format!("/proc/{}/status", child.id());
    let mut peak = None;
    while child.try_wait().expect("it is our child").is_none() {
        peak = high_water(&path).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn high_water(path: &str) -> Option<u64> {
    let status = fs::read_to_string(path).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Processor time of all children that have ended, as Linux counts it.
fn processor() -> Option<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// `git` in this folder, as if nobody had configured it.
pub fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["-c", "user.name=bench", "-c", "user.email=bench@example.com"]);
    git.args(arguments);
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git
}

/// What the machine is, as far as it matters.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("{cores} cores ({model}), {}, load {load} at the start", std::env::consts::OS)
}
