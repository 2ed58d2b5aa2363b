//! Throw-away git repositories, made with the real `git`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository in a folder that goes when it is dropped.
pub struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    /// An empty repository with a work tree, on the branch `main`.
    pub fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        repository.git(&["init", "-q", "-b", "main"]);
        repository
    }

    /// An empty repository without a work tree, as a server has it.
    pub fn bare() -> Self {
        let repository = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        repository.git(&["init", "-q", "--bare", "-b", "main"]);
        repository
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        path
    }

    /// Commits everything in the work tree; the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Commits everything in the work tree as somebody else.
    pub fn commit_as(&self, name: &str, message: &str) {
        self.git(&["add", "--all"]);
        let name = format!("user.name={name}");
        let ours =
            ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"];
        let mut command = self.command(&["-c", &name, "-c", "user.email=someone.else@example.com"]);
        for variable in ours {
            command.env_remove(variable);
        }
        let status = command.args(["commit", "-q", "-m", message]).status().expect("git runs");
        assert!(status.success());
    }

    /// Runs git here, which must succeed; what it printed, without the last line's end.
    pub fn git(&self, arguments: &[&str]) -> String {
        let (ok, out, error) = self.try_git(arguments);
        assert!(ok, "git {arguments:?} failed: {error}");
        out
    }

    /// Runs git here as if it were another moment.
    pub fn git_on(&self, moment: &str, arguments: &[&str]) {
        let mut command = self.command(arguments);
        command.env("GIT_AUTHOR_DATE", moment).env("GIT_COMMITTER_DATE", moment);
        let output = command.output().expect("git runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?} failed: {error}");
    }

    /// Runs git here: whether it succeeded, what it printed, what it complained about.
    pub fn try_git(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = self.command(arguments).output().expect("git runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end().to_owned();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "Somebody")
            .env("GIT_AUTHOR_EMAIL", "somebody@example.com")
            .env("GIT_COMMITTER_NAME", "Somebody")
            .env("GIT_COMMITTER_EMAIL", "somebody@example.com");
        command
    }
}
