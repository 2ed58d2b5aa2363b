//! Git's packet lines, and the two conversations that are made of them.
//!
//! Pure: bytes in, bytes out. Everything a server says is taken for hostile: lengths are checked,
//! names and numbers are parsed, and what it tells people is cut to a page.

use git2::Oid;

use super::remote::References;

/// How much of a server's talk is repeated.
const TALK: usize = 4 << 10;

/// One packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    Data(&'a [u8]),
    Flush,
}

/// Appends one packet.
pub(super) fn write(into: &mut Vec<u8>, data: &[u8]) {
    into.extend_from_slice(format!("{:04x}", data.len() + 4).as_bytes());
    into.extend_from_slice(data);
}

/// Appends the packet that ends a list.
pub(super) fn flush(into: &mut Vec<u8>) {
    into.extend_from_slice(b"0000");
}

/// Takes the next packet off the front; `None` at the end.
pub(super) fn next<'a>(rest: &mut &'a [u8]) -> Result<Option<Packet<'a>>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let broken = || "the answer breaks off, or is not git's protocol".to_owned();
    let length = rest.get(..4).and_then(|hex| std::str::from_utf8(hex).ok());
    let length = length.and_then(|hex| usize::from_str_radix(hex, 16).ok()).ok_or_else(broken)?;
    if length < 4 {
        *rest = &rest[4..];
        return Ok(Some(Packet::Flush));
    }
    let data = rest.get(4..length).ok_or_else(broken)?;
    *rest = &rest[length..];
    Ok(Some(Packet::Data(data)))
}

/// What a server says first: its references and what it can do.
#[derive(Debug, Default)]
pub(super) struct Advertisement {
    pub(super) references: References,
    pub(super) capabilities: Vec<String>,
}

impl Advertisement {
    pub(super) fn parse(bytes: &[u8], service: &str) -> Result<Self, String> {
        let mut rest = bytes;
        let mut parsed = Self::default();
        let mut first = true;
        while let Some(packet) = next(&mut rest)? {
            let Packet::Data(line) = packet else { continue };
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            if line == format!("# service={service}").as_bytes() {
                continue;
            }
            if let Some(said) = line.strip_prefix(b"ERR ") {
                return Err(String::from_utf8_lossy(said).into_owned());
            }
            let text = String::from_utf8_lossy(line);
            let (reference, capabilities) = match text.split_once('\0') {
                Some((reference, capabilities)) if first => (reference, capabilities),
                _ => (text.as_ref(), ""),
            };
            parsed.capabilities.extend(capabilities.split(' ').map(str::to_owned));
            first = false;
            let (id, name) = reference.split_once(' ').unwrap_or((reference, ""));
            let id = Oid::from_str(id)
                .map_err(|_| "the answer is not git's protocol as it is known here".to_owned())?;
            if id.is_zero() || name == ".have" || name.ends_with("^{}") {
                continue;
            }
            parsed.references.insert(name.to_owned(), id);
        }
        if first {
            return Err("the answer is empty".into());
        }
        let format = parsed.capabilities.iter().find_map(|it| it.strip_prefix("object-format="));
        match format {
            None | Some("sha1") => Ok(parsed),
            Some(other) => Err(format!("the repository's objects are named by {other}, not sha1")),
        }
    }

    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|it| it == capability)
    }
}

/// Splits an answer into what it is about and what the server tells people beside it.
///
/// Without side bands, all of it is what it is about.
pub(super) fn sides(bytes: &[u8]) -> Result<(Vec<u8>, String), String> {
    let (mut main, mut talk) = (Vec::new(), Vec::new());
    let mut rest = bytes;
    while let Some(packet) = next(&mut rest)? {
        match packet {
            Packet::Data([1, data @ ..]) => main.extend_from_slice(data),
            Packet::Data([2, data @ ..]) => talk.extend_from_slice(data),
            Packet::Data([3, data @ ..]) => {
                return Err(String::from_utf8_lossy(data).trim().to_owned());
            }
            // Before the bands begin: an acknowledgement, or an error.
            Packet::Data(line) => {
                if let Some(said) = line.strip_prefix(b"ERR ") {
                    return Err(String::from_utf8_lossy(said).trim().to_owned());
                }
            }
            Packet::Flush => {}
        }
    }
    talk.truncate(TALK);
    Ok((main, String::from_utf8_lossy(&talk).trim().to_owned()))
}

/// Reads what became of a push of one reference.
pub(super) fn report(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes;
    let mut unpacked = false;
    let mut moved = false;
    while let Some(packet) = next(&mut rest)? {
        let Packet::Data(line) = packet else { continue };
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        if let Some(unpack) = line.strip_prefix("unpack ") {
            if unpack != "ok" {
                return Err(format!("the pack was not taken: {unpack}"));
            }
            unpacked = true;
        } else if let Some(refused) = line.strip_prefix("ng ") {
            let why = refused.split_once(' ').map_or(refused, |(_, why)| why);
            return Err(why.to_owned());
        } else if line.starts_with("ok ") {
            moved = true;
        }
    }
    match unpacked && moved {
        true => Ok(()),
        false => Err("the answer does not say whether the push was taken".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Advertisement, Packet, flush, next, report, sides, write};

    const ID: &str = "0123456789012345678901234567890123456789";

    fn lines(lines: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in lines {
            write(&mut bytes, line);
        }
        flush(&mut bytes);
        bytes
    }

    #[test]
    fn packets_are_read_as_they_are_written() {
        let bytes = lines(&[b"hello", b""]);
        assert_eq!(bytes, b"0009hello00040000");
        let mut rest = &bytes[..];
        assert_eq!(next(&mut rest), Ok(Some(Packet::Data(b"hello"))));
        assert_eq!(next(&mut rest), Ok(Some(Packet::Data(b""))));
        assert_eq!(next(&mut rest), Ok(Some(Packet::Flush)));
        assert_eq!(next(&mut rest), Ok(None));
        for broken in [&b"000"[..], b"zzzz", b"0009hell", "00é".as_bytes()] {
            assert!(next(&mut &broken[..]).is_err());
        }
    }

    #[test]
    fn an_advertisement_tells_references_and_abilities() {
        let first = format!("{ID} refs/heads/main\0report-status side-band-64k\n");
        let have = format!("{ID} .have\n");
        let bytes = lines(&[b"# service=git-receive-pack\n", first.as_bytes(), have.as_bytes()]);
        let parsed = Advertisement::parse(&bytes, "git-receive-pack").expect("parses");
        assert_eq!(parsed.references.len(), 1);
        assert_eq!(parsed.references["refs/heads/main"].to_string(), ID);
        assert!(parsed.can("side-band-64k") && !parsed.can("side-band"));

        let empty = format!("{} capabilities^{{}}\0object-format=sha256\n", "0".repeat(40));
        let said = Advertisement::parse(&lines(&[empty.as_bytes()]), "x").unwrap_err();
        assert!(said.contains("sha256"));
        for broken in [&b""[..], b"0000", b"<html>", b"0008oops", b"0011ERR no access"] {
            assert!(Advertisement::parse(broken, "x").is_err());
        }
    }

    #[test]
    fn bands_are_taken_apart() {
        let bytes = lines(&[b"NAK\n", b"\x02talk", b"\x01one ", b"\x01two"]);
        assert_eq!(sides(&bytes), Ok((b"one two".to_vec(), "talk".to_owned())));
        assert_eq!(sides(&lines(&[b"\x03no\n"])), Err("no".to_owned()));
    }

    #[test]
    fn a_report_counts_only_if_it_says_yes_twice() {
        assert_eq!(report(&lines(&[b"unpack ok\n", b"ok refs/heads/x\n"])), Ok(()));
        let refused = lines(&[b"unpack ok\n", b"ng refs/heads/x protected branch\n"]);
        assert_eq!(report(&refused), Err("protected branch".to_owned()));
        assert!(report(&lines(&[b"unpack ok\n"])).is_err());
        assert!(report(&lines(&[b"unpack disk full\n"])).is_err());
        assert!(report(b"").is_err());
    }
}
