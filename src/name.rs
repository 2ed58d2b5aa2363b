//! Names that are safe to use as a path segment and as a Kubernetes object name.

pub mod label;

use crate::limits;

/// Why a name was refused, as the end of a sentence that began with the name.
pub fn problem(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() {
        Some("is empty")
    } else if name.len() > 63 {
        Some("is longer than 63 characters")
    } else if !name.chars().all(plain) {
        Some("may hold only lower-case letters, digits and `-`")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("must begin and end with a letter or digit")
    } else if name == "kustomization" {
        // A rule of this name would be rendered into the file that lists the rules.
        Some("is the name of a file that kustomize reads")
    } else {
        None
    }
}

/// A label of a DNS name by RFC 1123, of any length.
pub fn is_label(text: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    !text.is_empty() && text.bytes().all(plain) && !text.starts_with('-') && !text.ends_with('-')
}

/// A DNS name as Kubernetes takes it for most of its objects: labels parted by dots.
pub fn is_subdomain(text: &str) -> bool {
    text.len() <= limits::DNS_NAME && text.split('.').all(is_label)
}

/// A rendered object's name: `parts` joined by `-`, at most [`limits::OBJECT_NAME`] characters.
///
/// What is longer is cut and gets eight hex digits of the whole, so two names stay two.
pub fn object<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let whole = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    if whole.len() <= limits::OBJECT_NAME {
        return whole;
    }
    let kept = &whole[..limits::OBJECT_NAME - 9];
    format!("{}-{}", kept.trim_end_matches('-'), short_digest(whole.as_bytes()))
}

/// The first eight hex digits of a SHA-256.
pub fn short_digest(bytes: &[u8]) -> String {
    digest(bytes)[..8].to_owned()
}

/// A SHA-256 in hex digits.
pub fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `run-as-non-root` → `RunAsNonRoot`: a Kubernetes kind of a control's name.
pub fn pascal_case(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_their_folder_are_refused() {
        for bad in ["../x", "a/b", "", "-a", "a-", "A", "a.b", "kustomization", &"a".repeat(64)] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        assert_eq!(problem("prod-eu-1"), None);
    }

    #[test]
    fn long_names_are_cut_and_stay_distinct() {
        let long = "a".repeat(60);
        let (one, two) = (object([long.as_str(), "x"]), object([long.as_str(), "y"]));
        assert_eq!(one.len(), 50);
        assert_ne!(one, two);
        assert_eq!(object(["ordinance", "", "limits"]), "ordinance-limits");
    }
}
