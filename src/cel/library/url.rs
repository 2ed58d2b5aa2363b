//! URLs: `url('https://example.com/a?b=c')`, read as Go's `net/url` reads them.
//!
//! What is a URL is what Go's `ParseRequestURI` takes: an absolute one, or a path that begins
//! with a slash. Its parts are those of Go's `Parse`, which also knows a fragment.

use std::collections::BTreeMap;

use cel::common::types::{CelBool, CelMapKey, CelString, Type};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::shared::{SharedList, SharedMap};
use super::opaque::opaque;
use super::percent::{Part, encode, is_encoded, unescape, unescape_query};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Url {
    scheme: String,
    host: String,
    /// As [`escaped_path`] is to show it.
    path: String,
    query: String,
    rest: String,
}

opaque!(Url, "kubernetes.URL");

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn url: (CelString) -> Result<Url>)?;
    cel::add_overload!(env, fn is_url: (CelString) -> CelBool, name = "isURL")?;
    cel::add_member_overload!(env, fn get_scheme: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_host: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_hostname: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_port: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_escaped_path: (Url) -> CelString)?;
    let itself = Type::new_opaque_type("kubernetes.URL");
    env.add_member_overload("getQuery", "url_get_query", itself, vec![], |args| {
        let url = args.first().and_then(|url| url.downcast_ref::<Url>());
        let url = url.ok_or_else(|| ExecutionError::function_error("getQuery", "not a URL"))?;
        Ok(CowVal::owned(url.parameters()))
    })
}

impl Url {
    /// Whether `text` is one, and its parts.
    fn read(text: &str) -> Result<Url, String> {
        Url::parse(text, true)?;
        let (text, fragment) = match text.split_once('#') {
            Some((text, fragment)) => (text, Some(fragment)),
            None => (text, None),
        };
        let mut url = Url::parse(text, false)?;
        if let Some(fragment) = fragment {
            url.rest = unescape(fragment, Part::Fragment)?;
        }
        Ok(url)
    }

    pub(super) fn check(text: &str) -> Result<(), String> {
        Url::parse(text, true).map(|_| ())
    }

    fn parse(text: &str, request: bool) -> Result<Url, String> {
        let complaint = |why: &str| format!("parse {text:?}: {why}");
        let bad = |why: &str| Err(complaint(why));
        if text.bytes().any(|one| one < b' ' || one == 0x7f) {
            return bad("invalid control character in URL");
        }
        if text.is_empty() && request {
            return bad("empty url");
        }
        let mut url = Url {
            scheme: String::new(),
            host: String::new(),
            path: String::new(),
            query: String::new(),
            rest: String::new(),
        };
        if text == "*" {
            url.path = text.to_owned();
            return Ok(url);
        }
        let (scheme, mut rest) = match scheme(text) {
            Ok(parts) => parts,
            Err(why) => return bad(why),
        };
        url.scheme = scheme.to_ascii_lowercase();
        if let Some((before, query)) = rest.split_once('?') {
            rest = before;
            url.query = query.to_owned();
        }
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.rest = rest.to_owned();
                return Ok(url);
            }
            if request {
                return bad("invalid URI for request");
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return bad("first path segment in URL cannot contain colon");
            }
        }
        if (!url.scheme.is_empty() || !request && !rest.starts_with("///"))
            && let Some(after) = rest.strip_prefix("//")
        {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            rest = path;
            let host = match authority.rsplit_once('@') {
                Some((user, host)) => {
                    if !user.chars().all(is_user) {
                        return bad("net/url: invalid userinfo");
                    }
                    url.rest = unescape(user, Part::User)?;
                    host
                }
                None => authority,
            };
            url.host = read_host(host).map_err(|why| complaint(&why))?;
        }
        let path = unescape(rest, Part::Path)?;
        url.path = if is_encoded(rest) { rest.to_owned() } else { encode(&path) };
        Ok(url)
    }

    fn parameters(&self) -> SharedMap {
        let mut found: BTreeMap<String, Vec<Box<dyn Val>>> = BTreeMap::new();
        for pair in self.query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if let (Ok(key), Ok(value)) = (unescape_query(key), unescape_query(value)) {
                found.entry(key).or_default().push(Box::new(CelString::from(value)));
            }
        }
        SharedMap::new(found.into_iter().map(|(key, values)| {
            let values: Box<dyn Val> = Box::new(SharedList::new(values));
            (CelMapKey::String(CelString::from(key)), values)
        }))
    }

    /// The host without its port and brackets, and the port.
    fn host_and_port(&self) -> (&str, &str) {
        let (mut host, mut port) = (self.host.as_str(), "");
        if let Some(at) = host.rfind(':')
            && is_port(&host[at..])
        {
            (host, port) = (&host[..at], &host[at + 1..]);
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        (bare.unwrap_or(host), port)
    }
}

/// What stands before the first colon, if it is a scheme, and what follows.
fn scheme(text: &str) -> Result<(&str, &str), &'static str> {
    for (at, one) in text.char_indices() {
        match one {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme"),
            ':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn is_user(one: char) -> bool {
    one.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(one)
}

/// A colon and digits, or nothing.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|one| one.is_ascii_digit()))
}

fn read_host(host: &str) -> Result<String, String> {
    let mut zone = None;
    if host.starts_with('[') {
        let end = host.rfind(']').ok_or("missing ']' in host")?;
        if !is_port(&host[end + 1..]) {
            return Err(format!("invalid port {:?} after host", &host[end + 1..]));
        }
        zone = host[..end].find("%25").map(|start| (start, end));
    } else if let Some(at) = host.rfind(':')
        && !is_port(&host[at..])
    {
        return Err(format!("invalid port {:?} after host", &host[at..]));
    }
    Ok(match zone {
        Some((start, end)) => {
            unescape(&host[..start], Part::Host)?
                + &unescape(&host[start..end], Part::Zone)?
                + &unescape(&host[end..], Part::Host)?
        }
        None => unescape(host, Part::Host)?,
    })
}

fn url(text: &CelString<'_>) -> Result<Url, ExecutionError> {
    Url::read(text.inner()).map_err(|why| {
        let message = format!("URL parse error during conversion from string: {why}");
        ExecutionError::function_error("url", message)
    })
}

fn is_url(text: &CelString<'_>) -> CelBool {
    CelBool::from(Url::check(text.inner()).is_ok())
}

fn get_scheme(url: &Url) -> CelString<'static> {
    CelString::from(url.scheme.clone())
}

fn get_host(url: &Url) -> CelString<'static> {
    CelString::from(url.host.clone())
}

fn get_hostname(url: &Url) -> CelString<'static> {
    CelString::from(url.host_and_port().0.to_owned())
}

fn get_port(url: &Url) -> CelString<'static> {
    CelString::from(url.host_and_port().1.to_owned())
}

fn get_escaped_path(url: &Url) -> CelString<'static> {
    CelString::from(url.path.clone())
}
