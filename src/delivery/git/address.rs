//! Where a remote is, and what may be sent and shown of it.
//!
//! A user name and a token inside an address are taken out at once: from here on the address has
//! none, so nothing that prints it can give them away.

use crate::delivery::secret::{Secret, percent_decoded};

/// How to reach a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder of this machine.
    Folder(String),
    /// Git's smart protocol over HTTP.
    Http,
    /// Anything the `git` command reaches through ssh.
    Ssh,
}

/// A remote repository's address without its secrets.
#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) place: Place,
    /// The address as it is used and shown.
    pub(super) shown: String,
    pub(super) host: String,
    /// What follows the host, without slashes around it and `.git` after it: `owner/repository`.
    pub(super) path: String,
    pub(super) login: Option<(String, Secret)>,
}

impl Address {
    /// Reads an address; says what is wrong with it, without repeating it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.starts_with('-') || text.chars().any(char::is_control) {
            return Err("the address is empty or starts like an option".into());
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Self::without_scheme(text);
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(login), host),
            None => (None, authority),
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let place = match scheme.to_ascii_lowercase().as_str() {
            "file" => {
                // `file:///path`: the host is empty or this machine.
                let folder = percent_decoded(&format!("/{path}"));
                return Ok(Self::folder(text, &folder));
            }
            "http" | "https" => Place::Http,
            "ssh" | "git+ssh" | "ssh+git" => Place::Ssh,
            other => return Err(format!("`{other}` is not a protocol that proposals go over")),
        };
        if host.is_empty() || host.starts_with('-') {
            return Err("the address names no host".into());
        }
        let (user, login) = match (&place, login.and_then(|login| login.split_once(':'))) {
            (Place::Ssh, _) => (login.map(|login| login.split(':').next().unwrap_or(login)), None),
            (_, Some((user, password))) => (None, with_password(user, password)),
            // A lone user name of an https address is, more often than not, a token.
            (_, None) => (None, login.and_then(|login| with_password("", login))),
        };
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        Ok(Self {
            shown: format!("{scheme}://{user}{host}/{path}"),
            host: host.to_owned(),
            path: plain(path),
            place,
            login,
        })
    }

    /// A plain path, or ssh's short form `user@host:path`.
    fn without_scheme(text: &str) -> Result<Self, String> {
        // `user:token@host/…` or `https:/token@host/…`: a secret, so it is not repeated.
        if text.split_once(':').is_some_and(|(_, rest)| rest.contains('@')) {
            return Err("the address names a protocol wrongly, or none: write `https://…`".into());
        }
        let colon = text.find(':').filter(|colon| !text[..*colon].contains('/'));
        match colon {
            // One letter before a colon is a drive.
            Some(colon) if colon > 1 => {
                let host = text[..colon].rsplit('@').next().unwrap_or_default();
                let path = &text[colon + 1..];
                if host.starts_with('-') || path.starts_with(':') {
                    return Err("the address would run a command".into());
                }
                Ok(Self {
                    place: Place::Ssh,
                    shown: text.to_owned(),
                    host: host.to_owned(),
                    path: plain(path),
                    login: None,
                })
            }
            _ => Ok(Self::folder(text, text)),
        }
    }

    fn folder(shown: &str, folder: &str) -> Self {
        Self {
            place: Place::Folder(folder.to_owned()),
            shown: shown.to_owned(),
            host: String::new(),
            path: plain(folder),
            login: None,
        }
    }

    /// Whether what is sent can be read on the way, and there is a way.
    pub(super) fn in_the_clear(&self) -> bool {
        let name = match self.host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.host.split(':').next().unwrap_or_default(),
        };
        let number = name.parse().map(|ip: std::net::IpAddr| ip.is_loopback());
        let here = name == "localhost" || number.unwrap_or(false);
        !self.shown.to_ascii_lowercase().starts_with("https://") && !here
    }
}

fn with_password(user: &str, password: &str) -> Option<(String, Secret)> {
    let user = percent_decoded(user);
    let user = if user.is_empty() { "x-access-token".to_owned() } else { user };
    Some((user, Secret::new(&percent_decoded(password))?))
}

fn plain(path: &str) -> String {
    let path = path.trim_matches('/');
    path.strip_suffix(".git").unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Address, Place};

    fn parsed(text: &str) -> Address {
        Address::parse(text).expect("an address")
    }

    #[test]
    fn every_usual_form_is_understood() {
        for (text, place, host, path) in [
            ("https://git.example.com/a/b.git", Place::Http, "git.example.com", "a/b"),
            ("http://127.0.0.1:80/b", Place::Http, "127.0.0.1:80", "b"),
            ("git@git.example.com:a/b.git", Place::Ssh, "git.example.com", "a/b"),
            ("ssh://git@git.example.com:22/a/b", Place::Ssh, "git.example.com:22", "a/b"),
            ("/srv/b.git", Place::Folder("/srv/b.git".into()), "", "srv/b"),
            ("file:///srv/a%20b.git", Place::Folder("/srv/a b.git".into()), "", "srv/a b"),
            ("../b", Place::Folder("../b".into()), "", "../b"),
        ] {
            let address = parsed(text);
            assert_eq!(
                (address.place, address.host.as_str(), address.path.as_str()),
                (place, host, path),
                "{text}"
            );
        }
    }

    #[test]
    fn a_login_is_taken_out() {
        for (text, shown, user, password) in [
            ("https://u:s%40t@h.example/r", "https://h.example/r", "u", "s@t"),
            ("https://ghx@h.example/r", "https://h.example/r", "x-access-token", "ghx"),
            ("https://a@b:c@h.example/r?token=c", "https://h.example/r", "a@b", "c"),
        ] {
            let address = parsed(text);
            assert_eq!(address.shown, shown);
            let (name, secret) = address.login.expect("a login");
            assert_eq!((name.as_str(), secret.reveal()), (user, password));
        }
        assert_eq!(parsed("ssh://u:p@h.example/r").shown, "ssh://u@h.example/r");
        assert!(parsed("https://h.example/r").login.is_none());
    }

    #[test]
    fn what_could_be_an_option_or_a_command_is_refused() {
        for text in ["", "-oProxyCommand=x", "ext::sh -c x", "ssh://-x/r", "a@-o:r", "gopher://h/r"]
        {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        assert!(!parsed("https://h.example/r").in_the_clear());
        assert!(!parsed("http://[::1]:80/r").in_the_clear());
        assert!(parsed("http://h.example/r").in_the_clear());
        assert!(parsed("http://127.0.0.1.evil.example/r").in_the_clear());
    }
}
