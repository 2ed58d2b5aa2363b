//! Go's regular expressions, written the way crate `regex` reads them.
//!
//! - `\d`, `\w`, `\s` and `\b` know ASCII only, and so they are spelt out.
//! - Inside `[…]`, `[`, `&&`, `--` and `~~` stand for themselves; so does a brace that repeats nothing.
//! - What Go refuses is refused: `a**`, `a{1001}`, flags other than i, m, s and U.
//! - `\C`, a single byte, is refused although Go knows it: a policy that uses it is not judged.
//!
//! Left as they are, with a different meaning: `\B` knows all of Unicode here. Left as they are,
//! because both agree: `\z`, `\A`, `(?U)`, `\pN`, `$` at the end of the text only, and which of several
//! matches is taken. Octal escapes are refused here.

/// Writes a Go pattern so that crate `regex` reads the same thing; the error is a sentence.
pub(super) fn from_go(pattern: &str) -> Result<String, String> {
    let mut written = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    let mut class_length = None; // how many items of `[…]` were read, inside one
    let mut repeated = Repeated::No;
    while let Some(next) = rest.next() {
        if class_length.is_none() {
            match repeat(next, &rest) {
                Some(Ok(length)) => {
                    repeated = repeated.again(next).ok_or_else(|| {
                        wrong(pattern, "a repetition of a repetition needs parentheses")
                    })?;
                    written.push(next);
                    written.extend(rest.by_ref().take(length));
                    continue;
                }
                Some(Err(why)) => return Err(wrong(pattern, why)),
                None => repeated = Repeated::No,
            }
        }
        match (next, class_length) {
            ('{' | '}', None) => {
                written.push('\\');
                written.push(next);
            }
            ('(', None) if rest.peek() == Some(&'?') && !is_group(&rest) => {
                return Err(wrong(pattern, "`(?` is followed by what Go does not know"));
            }
            ('\\', _) => {
                let Some(escaped) = rest.next() else {
                    return Err(wrong(pattern, "it ends in a backslash"));
                };
                if escaped == 'Q' {
                    quote(&mut rest, &mut written);
                } else if escaped == 'C' {
                    return Err(format!(
                        "`{pattern}` uses `\\C`, a single byte, which is not supported here"
                    ));
                } else {
                    escape(escaped, class_length.is_some(), &mut written);
                    // the braces of `\p{Greek}` repeat nothing
                    if matches!(escaped, 'p' | 'P' | 'x') && rest.peek() == Some(&'{') {
                        for one in rest.by_ref() {
                            written.push(one);
                            if one == '}' {
                                break;
                            }
                        }
                    }
                }
                class_length = class_length.map(|length| length + 1);
            }
            ('[', None) => {
                class_length = Some(0);
                written.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    written.push('^');
                }
            }
            (']', Some(length)) if length > 0 => {
                class_length = None;
                written.push(']');
            }
            ('[', Some(length)) => {
                class_length = Some(length + 1);
                if rest.peek() == Some(&':') {
                    named_class(&mut rest, &mut written);
                } else {
                    written.push_str("\\[");
                }
            }
            ('&' | '~', Some(length)) => {
                class_length = Some(length + 1);
                written.push('\\');
                written.push(next);
            }
            (_, Some(length)) => {
                class_length = Some(length + 1);
                written.push(next);
            }
            (_, None) => written.push(next),
        }
    }
    Ok(written)
}

/// `\Q…\E`: everything as it stands.
fn quote(rest: &mut Rest<'_>, written: &mut String) {
    let mut text = String::new();
    while let Some(next) = rest.next() {
        if next == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(next);
    }
    written.push_str(&regex::escape(&text));
}

fn escape(escaped: char, in_class: bool, written: &mut String) {
    let ascii = match (escaped, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('s', false) => "[\\t\\n\\f\\r ]",
        ('s', true) => "\\t\\n\\f\\r ",
        ('S', _) => "[^\\t\\n\\f\\r ]",
        ('b', false) => "(?-u:\\b)",
        ('<', _) => "<",
        ('>', _) => ">",
        _ => {
            written.push('\\');
            written.push(escaped);
            return;
        }
    };
    written.push_str(ascii);
}

/// `[:alpha:]` inside a class, of which the leading `[` is read.
fn named_class(rest: &mut Rest<'_>, written: &mut String) {
    written.push('[');
    for next in rest.by_ref() {
        written.push(next);
        if next == ']' {
            break;
        }
    }
}

fn wrong(pattern: &str, why: &str) -> String {
    format!("`{pattern}` is no regular expression: {why}")
}

type Rest<'p> = std::iter::Peekable<std::str::Chars<'p>>;

/// Whether a repetition has just been read, and whether its `?` has.
#[derive(Clone, Copy)]
enum Repeated {
    No,
    Once,
    Lazily,
}

impl Repeated {
    /// `a**` is an error in Go, `a*?` is not.
    fn again(self, operator: char) -> Option<Repeated> {
        match (self, operator) {
            (Repeated::No, _) => Some(Repeated::Once),
            (Repeated::Once, '?') => Some(Repeated::Lazily),
            _ => None,
        }
    }
}

/// Whether a repetition begins with `next`, and how many characters of it follow. A brace that
/// begins none stands for itself.
fn repeat(next: char, rest: &Rest<'_>) -> Option<Result<usize, &'static str>> {
    match next {
        '*' | '+' | '?' => return Some(Ok(0)),
        '{' => {}
        _ => return None,
    }
    let inside: String = rest.clone().take_while(|one| *one != '}').collect();
    let closed = rest.clone().nth(inside.len()) == Some('}');
    let (least, most) = inside.split_once(',').unwrap_or((&inside, "0"));
    let digits = |text: &str| text.bytes().all(|one| one.is_ascii_digit());
    if !closed || least.is_empty() || !digits(least) || !digits(most) {
        return None;
    }
    let count = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u32>() };
    let allowed = |text: &str| count(text).is_ok_and(|count| count <= 1000);
    match allowed(least) && allowed(most) {
        true => Some(Ok(inside.len() + 1)),
        false => Some(Err("something is repeated more than 1000 times")),
    }
}

/// Of `(?…`: a name, or the flags i, m, s and U.
fn is_group(rest: &Rest<'_>) -> bool {
    let after: String = rest.clone().skip(1).take_while(|one| !matches!(one, ':' | ')')).collect();
    after.starts_with("P<")
        || after.starts_with('<') && !after.starts_with("<=") && !after.starts_with("<!")
        || after.chars().all(|one| "imsU-".contains(one))
}
