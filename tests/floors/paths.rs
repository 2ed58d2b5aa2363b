//! Finds the paths a Rust source uses, as far as the guard of the floors needs them: those that
//! begin with `crate` or `super`, followed through braces, and the names of other crates.
//!
//! No parser: a word, a `::`, a brace. Comments and texts are left out first.

/// What a source uses.
#[derive(Default)]
pub struct Used {
    /// Paths within the crate, from its root. Empty: the root itself.
    pub own: Vec<Vec<String>>,
    /// What stands at the head of any other path.
    pub foreign: Vec<String>,
}

/// The paths that the text of a module uses.
pub fn used(module: &[String], text: &str) -> Used {
    let tokens = tokens(text);
    let mut used = Used::default();
    let mut inner: Vec<usize> = Vec::new(); // the brace depths of inline modules
    let (mut depth, mut at) = (0, 0);
    while at < tokens.len() {
        let after_path = at > 0 && tokens[at - 1] == "::";
        let after_word = at > 1 && is_word(&tokens[at - 2]);
        match tokens[at].as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inner.last() == Some(&depth) {
                    inner.pop();
                }
            }
            "mod" if tokens.get(at + 2).is_some_and(|next| next == "{") => inner.push(depth),
            "crate" if !after_path => {
                at = tree(Vec::new(), &tokens, at + 1, &mut used.own);
                continue;
            }
            "ordinance" if module[0] == "main" && !after_path => {
                at = tree(Vec::new(), &tokens, at + 1, &mut used.own);
                continue;
            }
            "super" if !after_path => {
                let mut ups = 1;
                while tokens.get(at + 1).is_some_and(|next| next == "::")
                    && tokens.get(at + 2).is_some_and(|next| next == "super")
                {
                    ups += 1;
                    at += 2;
                }
                // Within inline modules the first steps only lead out of these.
                let up = ups - inner.len().min(ups);
                let base = module[..module.len().saturating_sub(up)].to_vec();
                if inner.len() < ups || module.len() > 1 {
                    at = tree(base, &tokens, at + 1, &mut used.own);
                    continue;
                }
            }
            word if is_word(word)
                && tokens.get(at + 1).is_some_and(|next| next == "::")
                && !(after_path && after_word) =>
            {
                used.foreign.push(word.to_owned());
            }
            "use" => used.foreign.extend(tokens.get(at + 1).cloned()),
            _ => {}
        }
        at += 1;
    }
    used
}

/// Follows what comes after the head of a path, braces and all; returns where it ends.
fn tree(
    mut path: Vec<String>,
    tokens: &[String],
    mut at: usize,
    out: &mut Vec<Vec<String>>,
) -> usize {
    while tokens.get(at).is_some_and(|token| token == "::") {
        at += 1;
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while let Some(token) = tokens.get(at) {
                    match token.as_str() {
                        "}" => return at + 1,
                        "," => at += 1,
                        "self" | "*" => {
                            out.push(path.clone());
                            at += 1;
                        }
                        "as" => at += 2,
                        word => {
                            let mut longer = path.clone();
                            longer.push(word.to_owned());
                            at = tree(longer, tokens, at + 1, out);
                        }
                    }
                }
                return at;
            }
            Some(word) if is_word(word) => path.push(word.to_owned()),
            _ => break, // `*`, or generic arguments
        }
        at += 1;
    }
    out.push(path);
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

/// Words, `::` and single characters; no comments, no texts, no lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            character(rest)
        } else if let Some(length) = raw(rest) {
            length
        } else if rest.starts_with("::") {
            found.push("::".to_owned());
            2
        } else if first.is_alphanumeric() || first == '_' {
            let bare = rest.strip_prefix("r#").unwrap_or(rest);
            let end = bare.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let end = end.unwrap_or(bare.len());
            found.push(bare[..end].to_owned());
            rest.len() - bare.len() + end
        } else {
            if !first.is_whitespace() {
                found.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal, or of a lifetime's apostrophe.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some(_)) => {
            letters.find(|(_, letter)| *letter == '\'').map_or(text.len(), |(at, _)| at + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// The length of a raw text, if there is one here.
fn raw(text: &str) -> Option<usize> {
    let bare = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let inside = bare.trim_start_matches('#');
    let hashes = "#".repeat(bare.len() - inside.len());
    let inside = inside.strip_prefix('"')?;
    let end = format!("\"{hashes}");
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(text.len() - inside.len() + length)
}
