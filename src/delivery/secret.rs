//! A token that can be sent, but not shown.
//!
//! `Secret` has no way to be printed; whatever comes from outside (an error, a server's message)
//! passes [`Secret::scrub`] before anybody sees it, because servers and libraries repeat what they
//! were sent.

use crate::text::base64;

/// What stands where a secret stood.
const HIDDEN: &str = "[hidden]";

/// A token or a password.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret; white space around it is no part of it. An empty one is none.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the one place that sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// The value of an `Authorization` header that proves the secret to a git server.
    pub(super) fn basic(&self, user: &str) -> String {
        format!("Basic {}", base64(format!("{user}:{}", self.0).as_bytes()))
    }

    /// Text without the secret, in any form it is sent in.
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.replace(&self.0, HIDDEN);
        let encoded = percent_encoded(&self.0);
        if encoded != self.0 {
            text = text.replace(&encoded, HIDDEN);
        }
        // In base64 a character mixes the bits of neighbours: where the secret starts within a
        // group of three bytes, and what follows it, changes all but the characters in between.
        for (before, mixed) in [("", 0), ("x", 2), ("xx", 3)] {
            let shifted = base64(format!("{before}{}", self.0).as_bytes());
            let end = match shifted.trim_end_matches('=').len() {
                whole if whole == shifted.len() => whole,
                cut => cut - 1,
            };
            let between = shifted.get(mixed..end).unwrap_or_default();
            if between.len() >= 8 {
                text = text.replace(between, HIDDEN);
            }
        }
        text
    }
}

/// Debugging shows that there is a secret, and nothing of it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(HIDDEN)
    }
}

pub(super) fn percent_encoded(text: &str) -> String {
    let each = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    each.collect()
}

/// Takes `%40` and the like back; what is no escape stays as it is.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escape
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Secret, percent_decoded};

    #[test]
    fn a_secret_is_hidden_in_every_form_it_is_sent_in() {
        let secret = Secret::new(" gh/p_0123456789abcdefghij\n").expect("a secret");
        assert_eq!(format!("{secret:?}"), "[hidden]");
        let said = secret.scrub("a gh/p_0123456789abcdefghij b gh%2Fp_0123456789abcdefghij c");
        assert_eq!(said, "a [hidden] b [hidden] c");
        for user in ["x", "xy", "xyz", "x-access-token"] {
            let header = secret.basic(user);
            let said = secret.scrub(&header);
            assert!(said.contains("[hidden]"), "{said}");
            assert!(said.len() < header.len() - 20, "{said} of {header}");
        }
        assert!(Secret::new(" \n").is_none());
    }

    #[test]
    fn escapes_of_an_address_are_taken_back() {
        assert_eq!(percent_decoded("a%40b%2Fc%zz%4"), "a@b/c%zz%4");
    }
}
