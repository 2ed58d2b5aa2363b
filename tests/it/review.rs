//! `ordinance review`: the real binary, asked over TCP as browsers ask, and as they must not.

use crate::support::binary::{command, must, run};
use crate::support::repository::Repository;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// More than anything here takes on a machine that does much else.
const LONG: Duration = Duration::from_secs(60);

/// A small policy repository, rendered and committed.
fn policies() -> Repository {
    let repository = Repository::new();
    let path = repository.path().display().to_string();
    must(repository.path(), &["init", &path]);
    must(repository.path(), &["render"]);
    repository.commit("The policy as it is");
    repository
}

fn edit(repository: &Repository, from: &str, to: &str) {
    let path = repository.path().join("intents/no-root.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

/// The review, while it is served.
struct Served {
    child: Child,
    port: u16,
}

impl Served {
    fn of(folder: &Path, arguments: &[&str]) -> Served {
        Self::start(command(folder, &[&["review"], arguments].concat()))
    }

    fn start(mut command: Command) -> Served {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://127.0.0.1:").expect("an address");
        let port = address.trim_end_matches('/').parse().unwrap();
        Served { child, port }
    }

    /// Sends these lines; the whole answer.
    fn say(&self, lines: &[&str]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).unwrap();
        let mut answer = vec![];
        // Who is turned away may be told so by a reset.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn page(&self) -> String {
        self.say(&["GET / HTTP/1.1", &format!("Host: 127.0.0.1:{}", self.port)])
    }

    /// The page, once it says this.
    fn page_with(&self, words: &str) -> String {
        let began = Instant::now();
        loop {
            let page = self.page();
            if page.contains(words) {
                return page;
            }
            assert!(began.elapsed() < LONG, "no {words:?} in {page}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What a page is told, line by line.
    fn news(&self) -> impl Iterator<Item = serde_json::Value> + use<> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        let asked = format!(
            "GET /events HTTP/1.1\r\nHost: localhost:{}\r\nSec-Fetch-Site: same-origin\r\n\r\n",
            self.port
        );
        stream.write_all(asked.as_bytes()).unwrap();
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
    }

    /// Ctrl-C: how it ends, and what it said on stderr.
    fn end(mut self) -> (Option<i32>, String) {
        let sent = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_page_follows_its_inputs_and_says_what_is_wrong_with_them() {
    let repository = policies();
    let served = Served::of(repository.path(), &[]);
    let first = served.page_with("Nothing changes");
    for header in ["cache-control: no-store", "connect-src 'self'", "frame-ancestors 'none'"] {
        assert!(first.contains(header), "{first}");
    }
    edit(&repository, "action: deny", "action: warn");
    let page = served.page_with("The only change loosens");
    assert!(page.contains("deny → warn"), "{page}");
    assert!(page.contains("<aside id=\"live\"") && page.contains(" hidden aria-labelledby"));

    // Wrong: the complaint as text, above the last review; and right again.
    edit(&repository, "action: warn", "action: <script>x");
    let wrong = served.page_with("intents/no-root.yaml:9");
    assert!(wrong.contains("The inputs cannot be rendered as they are."), "{wrong}");
    assert!(wrong.contains("&lt;script&gt;x") && !wrong.contains("<script>x"), "{wrong}");
    assert!(wrong.contains("The only change loosens"), "the review from before");
    edit(&repository, "action: <script>x", "action: deny");
    let again = served.page_with("Nothing changes");
    assert!(!again.contains("intents/no-root.yaml:9"));

    // What it is compared with is an input too.
    edit(&repository, "action: deny", "action: warn");
    served.page_with("The only change loosens");
    must(repository.path(), &["render"]);
    repository.commit("Warn");
    served.page_with("Nothing changes");
    let (code, said) = served.end();
    assert_eq!((code, said.matches("intents/no-root.yaml:9").count()), (Some(0), 1), "{said}");
}

#[test]
fn two_browsers_are_told_at_once() {
    let repository = policies();
    let served = Served::of(repository.path(), &["--against", "HEAD"]);
    served.page_with("Nothing changes");
    let (mut one, mut other) = (served.news(), served.news());
    let now = one.next().expect("what is shown");
    assert_eq!(other.next().as_ref(), Some(&now));
    assert!(now["wrong"].is_null());
    edit(&repository, "action: deny", "action: warn");
    let then = one.next().expect("news");
    assert_ne!(then["page"], now["page"]);
    assert_eq!(other.next().as_ref(), Some(&then));
    let version = then["page"].as_str().unwrap();
    assert!(served.page().contains(&format!("data-page=\"{version}\"")));
    edit(&repository, "action: warn", "action: [");
    let wrong = one.next().expect("news");
    assert_eq!(wrong["page"], then["page"], "the page from before");
    assert!(wrong["wrong"].as_str().unwrap().contains("intents/no-root.yaml"), "{wrong}");
    assert_eq!(other.next(), Some(wrong));
    assert_eq!(served.end().0, Some(0), "while somebody listens");
}

#[test]
fn only_this_machine_by_its_name_may_read_and_nothing_else() {
    let repository = policies();
    let served = Served::of(repository.path(), &[]);
    let ours = format!("Host: 127.0.0.1:{}", served.port);
    served.page_with("Nothing changes");
    let status = |lines: &[&str]| served.say(lines).lines().next().unwrap_or_default().to_owned();
    let is = |lines: &[&str], expected: &str| {
        let status = status(lines);
        assert!(status.starts_with(&format!("HTTP/1.1 {expected} ")), "{lines:?}: {status}");
    };
    is(&["GET / HTTP/1.1", &ours], "200");
    is(&["HEAD / HTTP/1.1", &ours], "200");
    // A name that was made to lead here.
    is(&["GET / HTTP/1.1", &format!("Host: evil.example:{}", served.port)], "421");
    is(&["GET /events HTTP/1.1", &format!("Host: evil.example:{}", served.port)], "421");
    is(&["GET / HTTP/1.1", "Host: 127.0.0.1"], "421");
    assert!(status(&["GET / HTTP/1.0"]).starts_with("HTTP/1.0 421 "), "no name at all");
    is(&["GET /events HTTP/1.1", &ours, "Sec-Fetch-Site: cross-site"], "403");
    is(&["POST / HTTP/1.1", &ours, "Content-Length: 0"], "405");
    is(&["POST / HTTP/1.1", &ours, "Content-Length: 99999999999"], "405");
    is(&["OPTIONS / HTTP/1.1", &ours], "405");
    for path in ["/ordinance.yaml", "/../../etc/passwd", "//etc/passwd", "/%2e%2e/x"] {
        is(&[&format!("GET {path} HTTP/1.1"), &ours], "404");
    }
    is(&["nonsense", &ours], "400");
    let long = format!("X: {}", "x".repeat(40_000));
    assert!(!status(&["GET / HTTP/1.1", &ours, &long]).contains(" 200 "), "too much is said");
    let head = served.say(&["HEAD / HTTP/1.1", &ours]);
    assert!(head.ends_with("\r\n\r\n"), "{head}");

    // Many may come, but not any number; who says nothing keeps nobody else from being answered.
    let many: Vec<TcpStream> =
        (0..200).filter_map(|_| TcpStream::connect(("127.0.0.1", served.port)).ok()).collect();
    drop(many);
    served.page_with("<h1 id=\"says\">");
    assert_eq!(served.end(), (Some(0), String::new()));
}

#[test]
fn the_browser_is_opened_or_the_address_is_said() {
    let repository = policies();
    let tools = tempfile::tempdir().unwrap();
    let opened = tools.path().join("opened");
    let opener = tools.path().join(if cfg!(target_os = "macos") { "open" } else { "xdg-open" });
    std::fs::write(&opener, format!("#!/bin/sh\necho \"$@\" > {}\n", opened.display())).unwrap();
    let made = Command::new("chmod").arg("+x").arg(&opener).status().unwrap();
    assert!(made.success());
    let with = |path: &str| {
        let mut command = command(repository.path(), &["review", "--open"]);
        command.env("PATH", path);
        command
    };
    let served = Served::start(with(&format!("{}:/usr/bin:/bin", tools.path().display())));
    let address = format!("http://127.0.0.1:{}/\n", served.port);
    served.page_with("<h1 id=\"says\">");
    let began = Instant::now();
    while std::fs::read_to_string(&opened).unwrap_or_default() != address {
        assert!(began.elapsed() < LONG, "it was not opened");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(served.end(), (Some(0), String::new()));

    let empty = tempfile::tempdir().unwrap();
    let served = Served::start(with(&empty.path().display().to_string()));
    served.page_with("<h1 id=\"says\">");
    let address = format!("http://127.0.0.1:{}/", served.port);
    let note = format!("note: nothing here opens a browser: open {address} in one\n");
    assert_eq!(served.end(), (Some(0), note));
}

#[test]
fn what_cannot_be_served_is_said() {
    let repository = policies();
    let served = Served::of(repository.path(), &[]);
    let port = served.port.to_string();
    let taken = run(&mut command(repository.path(), &["review", "--port", &port]));
    assert_eq!((taken.code, taken.out.as_str()), (3, ""));
    assert!(taken.err.contains(&format!("could not listen on 127.0.0.1:{port}")), "{}", taken.err);
    let missing = run(&mut command(repository.path(), &["review", "--repository", "nowhere"]));
    assert_eq!(missing.code, 3);
    assert!(missing.err.contains("there is no folder `nowhere`"), "{}", missing.err);
    // What it is compared with may go while it is served: that is told on the page, and may mend.
    repository.git(&["tag", "v1"]);
    let other = Served::of(repository.path(), &["--against", "v1"]);
    other.page_with("Nothing changes");
    repository.git(&["tag", "--delete", "v1"]);
    other.page_with("could not read the commit `v1`");
    repository.git(&["tag", "v1"]);
    let began = Instant::now();
    while other.page().contains("could not read the commit `v1`") {
        assert!(began.elapsed() < LONG, "it stays wrong");
        std::thread::sleep(Duration::from_millis(50));
    }
}
