//! Source texts, and places in them.
//!
//! Everything a person wrote keeps the place it was written at, down to the plan, so that every
//! complaint and every line of `explain` can point at it. This module does not read files: it is
//! handed texts by whoever did.

use std::sync::Arc;

/// Which text of a [`Sources`] a place lies in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SourceId(pub u32);

/// A stretch of a source text, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub place: Place,
}

impl<T> std::ops::Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// The name serde knows [`Spanned`] by, and its fields; `yaml::typed` fills them.
pub const SPANNED: &str = "$ordinance::Spanned";
pub const SPANNED_FIELDS: &[&str] = &["$source", "$start", "$end", "$value"];

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Spanned<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: serde::Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Spanned<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a value with its place")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut parts: A,
            ) -> Result<Spanned<T>, A::Error> {
                let missing = || serde::de::Error::custom("a place has four parts");
                let source = SourceId(parts.next_element()?.ok_or_else(missing)?);
                let start = parts.next_element()?.ok_or_else(missing)?;
                let end = parts.next_element()?.ok_or_else(missing)?;
                let value = parts.next_element()?.ok_or_else(missing)?;
                Ok(Spanned { value, place: Place { source, start, end } })
            }
        }
        deserializer.deserialize_struct(SPANNED, SPANNED_FIELDS, Visitor(std::marker::PhantomData))
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<T>()
    }
}

/// One source text: a path as people know it (relative to the repository) and its content.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: Arc<str>,
    pub text: Arc<str>,
    /// Part of the program: its path is no file of the repository.
    pub built_in: bool,
}

impl Source {
    /// Its path; what is part of the program is no file of the repository, and is called built-in.
    pub fn called(&self) -> String {
        let whose = if self.built_in { "built-in " } else { "" };
        format!("{whose}{}", self.path)
    }
}

/// All texts of a run, in the order they were handed over.
#[derive(Default, Debug)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        self.push(Source { path: path.into(), text: text.into(), built_in: false })
    }

    pub fn add_built_in(
        &mut self,
        path: impl Into<Arc<str>>,
        text: impl Into<Arc<str>>,
    ) -> SourceId {
        self.push(Source { path: path.into(), text: text.into(), built_in: true })
    }

    fn push(&mut self, source: Source) -> SourceId {
        let id = SourceId(u32::try_from(self.files.len()).expect("inputs are bounded"));
        self.files.push(source);
        id
    }

    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (SourceId(index as u32), source))
    }

    /// The text a place covers; empty where the place does not fit its text.
    pub fn slice(&self, place: Place) -> &str {
        let text = &self.get(place.source).text;
        text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// As much of a place as lies on its first line.
    pub fn first_line(&self, place: Place) -> Place {
        let line = self.slice(place).split('\n').next().unwrap_or_default().trim_end();
        Place { end: place.start + line.len() as u32, ..place }
    }

    /// Line and column of a place's start, both counted from 1; columns count characters.
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let text = &self.get(place.source).text;
        let before = text.get(..place.start as usize).unwrap_or(text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The place, within the one a text was written at, of what stands at `offset` of the text.
    ///
    /// A text is not always written as it reads: YAML folds lines, indents blocks and has quotes.
    /// What is not blank is written in its order, so its characters are looked for one by one.
    pub fn within(&self, place: Place, text: &str, offset: usize) -> Place {
        let written = self.slice(place);
        // The head of a block, such as `>-`, is no part of its text.
        let head = match written.starts_with(['>', '|']) {
            true => written.find('\n').map_or(0, |end| end + 1),
            false => 0,
        };
        let mut at = head;
        let wanted = text.char_indices().filter(|(_, c)| !c.is_whitespace());
        for (index, c) in wanted {
            let Some(found) = written[at..].find(c) else { return place };
            if index >= offset {
                let start = place.start + (at + found) as u32;
                return Place { start, ..place };
            }
            at += found + c.len_utf8();
        }
        Place { start: place.end, ..place }
    }

    /// `path:line`, the short form used in tables.
    pub fn short(&self, place: Place) -> String {
        format!("{}:{}", self.get(place.source).called(), self.line_column(place).0)
    }
}

/// The nearest of `known` to what was written, where one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (distance(&written.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[a.len()][b.len()]
}

/// A sentence's first letter as a capital.
pub fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `1 cluster`, `2 clusters`: a count with its noun.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !noun.ends_with("ey") && !noun.ends_with("ay") => {
            format!("{number} {stem}ies")
        }
        _ => format!("{number} {noun}s"),
    }
}

/// Text in which nothing hides: what a terminal or a browser would obey is spelled out.
pub fn visible(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let obeyed = (c.is_control() && c != '\t')
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}')
            || matches!(c, '\u{e0000}'..='\u{e007f}');
        if obeyed {
            safe.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Bytes as RFC 4648 writes them.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let byte = |n: usize| u32::from(part.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * n)) as usize & 63];
            text.push(if n <= part.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{ff}>?", "w78+Pw=="),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn a_place_knows_its_line_and_column() {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", "é: 1\nb: 2\n");
        let place = Place { source, start: 9, end: 10 };
        assert_eq!(sources.slice(place), "2");
        assert_eq!(sources.line_column(place), (2, 4));
        assert_eq!(sources.short(place), "a.yaml:2");
    }

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        let known = ["namespaces", "clusters", "environment"];
        assert_eq!(nearest("namespace", known), Some("namespaces"));
        assert_eq!(nearest("enviroment", known), Some("environment"));
        assert_eq!(nearest("colour", known), None);
    }

    #[test]
    fn counts_read_as_english() {
        assert_eq!(count(1, "policy"), "1 policy");
        assert_eq!(count(2, "policy"), "2 policies");
        assert_eq!(count(0, "day"), "0 days");
    }
}
