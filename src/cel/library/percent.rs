//! Percent encoding as Go's `net/url` does it, which is not quite what any standard says.

/// Which characters stand for themselves depends on the part of the URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Fragment,
    Host,
    Path,
    User,
    Zone,
}

/// Undoes the encoding; the error is a sentence.
pub(super) fn unescape(text: &str, part: Part) -> Result<String, String> {
    decode(text, part, false)
}

/// Of a query, where `+` is a space.
pub(super) fn unescape_query(text: &str) -> Result<String, String> {
    decode(text, Part::Fragment, true)
}

fn decode(text: &str, part: Part, query: bool) -> Result<String, String> {
    let hosts = matches!(part, Part::Host | Part::Zone);
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'%' => {
                let pair = bytes.get(at..at + 2).and_then(hexadecimal);
                let Some(value) = pair else {
                    let shown = text.get(at - 1..(at + 2).min(text.len())).unwrap_or("%");
                    return Err(format!("invalid URL escape {shown:?}"));
                };
                let zone_mark = value == b'%';
                let plain = value < 0x80;
                if part == Part::Host && plain && !zone_mark
                    || part == Part::Zone
                        && !zone_mark
                        && value != b' '
                        && is_special(value, Part::Host)
                {
                    return Err(format!("invalid URL escape {:?}", &text[at - 1..at + 2]));
                }
                decoded.push(value);
                at += 2;
            }
            b'+' if query => decoded.push(b' '),
            _ if hosts && byte < 0x80 && is_special(byte, Part::Host) => {
                return Err(format!("invalid character {:?} in host name", char::from(byte)));
            }
            _ => decoded.push(byte),
        }
    }
    // Go would go on with broken text; nothing that reads it here could.
    Ok(String::from_utf8_lossy(&decoded).into_owned())
}

fn hexadecimal(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
}

/// Whether a path may be shown as it was written.
pub(super) fn is_encoded(path: &str) -> bool {
    path.bytes().all(|one| b"!$&'()*+,;=:@[]%".contains(&one) || !is_special(one, Part::Path))
}

/// A path with what is special in it encoded.
pub(super) fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if is_special(byte, Part::Path) {
            encoded.push_str(&format!("%{byte:02X}"));
        } else {
            encoded.push(char::from(byte));
        }
    }
    encoded
}

/// Go's `shouldEscape`.
fn is_special(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    match part {
        Part::Host | Part::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&byte),
        Part::Path => !b"$&+,/:;=@".contains(&byte),
        Part::Fragment | Part::User => true,
    }
}
