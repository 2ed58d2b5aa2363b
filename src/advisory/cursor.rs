//! A value of a record and the way to it, so that every complaint has its place.

use super::{MOST, Refused};
use serde_json::Value;

pub struct Cursor<'a> {
    pub value: &'a Value,
    path: String,
}

impl<'a> Cursor<'a> {
    pub fn root(value: &'a Value) -> Cursor<'a> {
        Cursor { value, path: String::new() }
    }

    /// A field that is there and not null.
    pub fn get(&self, field: &str) -> Option<Cursor<'a>> {
        let value = self.value.get(field).filter(|value| !value.is_null())?;
        let path = match self.path.as_str() {
            "" => field.to_owned(),
            path => format!("{path}.{field}"),
        };
        Some(Cursor { value, path })
    }

    /// The same, of what holds fields of its own.
    pub fn map(&self, field: &str) -> Result<Option<Cursor<'a>>, Refused> {
        match self.get(field) {
            Some(found) if !found.value.is_object() => Err(found.is_no("map")),
            found => Ok(found),
        }
    }

    fn is_no(&self, what: &str) -> Refused {
        Refused::Unreadable(format!("`{}` is no {what}", self.path))
    }

    /// The text of a field; nothing where there is none.
    pub fn text(&self, field: &str) -> Result<Option<&'a str>, Refused> {
        let Some(found) = self.get(field) else { return Ok(None) };
        found.value.as_str().map(Some).ok_or_else(|| found.is_no("text"))
    }

    /// The text of a field that must be there.
    pub fn needs(&self, field: &str) -> Result<&'a str, Refused> {
        let text = self.text(field)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| {
            let within = match self.path.as_str() {
                "" => "the record".to_owned(),
                path => format!("`{path}`"),
            };
            Refused::Unreadable(format!("{within} has no `{field}`"))
        })
    }

    /// The entries of a list; none where there is none.
    pub fn list(&self, field: &str) -> Result<Vec<Cursor<'a>>, Refused> {
        let Some(found) = self.get(field) else { return Ok(vec![]) };
        let entries = found.value.as_array().ok_or_else(|| found.is_no("list"))?;
        if entries.len() > MOST {
            let path = &found.path;
            return Err(Refused::Unreadable(format!("`{path}` has more than {MOST} entries")));
        }
        let at = |(index, value)| Cursor { value, path: format!("{}[{index}]", found.path) };
        Ok(entries.iter().enumerate().map(at).collect())
    }

    /// The entries of a list of texts.
    pub fn texts(&self, field: &str) -> Result<Vec<&'a str>, Refused> {
        let each = self.list(field)?.into_iter();
        each.map(|one| one.value.as_str().ok_or_else(|| one.is_no("text"))).collect()
    }
}
