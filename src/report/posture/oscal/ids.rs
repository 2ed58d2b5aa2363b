//! Ids, tokens and references as OSCAL wants them, each made of what it is about.

use sha1::{Digest, Sha1};

/// The space of names that RFC 4122 gives to host names.
const HOSTS: [u8; 16] = [
    0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// Ids by what they are of, within a fleet.
pub struct Ids<'a> {
    fleet: &'a str,
}

impl<'a> Ids<'a> {
    pub fn of_fleet(fleet: &'a str) -> Ids<'a> {
        Ids { fleet }
    }

    pub fn of(&self, parts: &[&str]) -> String {
        let own = named(&HOSTS, b"ordinance.dev");
        // Lengths keep the parts apart.
        let mut name = format!("{}:{}", self.fleet.len(), self.fleet);
        for part in parts {
            name += &format!("/{}:{part}", part.len());
        }
        let bytes = named(&own, name.as_bytes());
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

/// A version 5 UUID of a name within a space of names.
fn named(space: &[u8; 16], name: &[u8]) -> [u8; 16] {
    let mut digest = Sha1::new();
    digest.update(space);
    digest.update(name);
    let digest = digest.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// Something as a token, which begins with a letter.
pub fn token(framework: &str, version: &str, id: &str) -> String {
    let written = format!("{framework}-{version}_{id}");
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let token: String = written.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    let begins = token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let token = if begins { token } else { format!("_{token}") };
    match token == written {
        true => token,
        // Two ids that differ in what a token cannot hold stay two.
        false => format!("{token}_{}", crate::name::short_digest(written.as_bytes())),
    }
}

/// A path as a reference.
pub fn reference(path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    let one = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    path.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_5() {
        // As RFC 9562 writes it in its appendix A.4.
        let bytes = named(&HOSTS, b"www.example.com");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "2ed6657de927568b95e12665a8aea6a2");
        let ids = Ids { fleet: "a" };
        assert_ne!(ids.of(&["b", "c"]), ids.of(&["b/1:c"]));
    }

    #[test]
    fn tokens_and_references_are_what_they_must_be() {
        assert_eq!(token("cis-kubernetes", "1.8", "5.2.7"), "cis-kubernetes-1.8_5.2.7");
        let odd = ["a b", "a:b", "a/b"].map(|id| token("x", "1", id));
        assert!(odd[0] != odd[1] && odd[1] != odd[2], "{odd:?}");
        assert!(odd.iter().all(|one| one.starts_with("x-1_a_b_")), "{odd:?}");
        assert!(token("4x", "1", "a").starts_with("_4x-1_a_"));
        assert_eq!(reference("a b/ü.yaml"), "a%20b/%C3%BC.yaml");
    }
}
