//! CEL values: what JSON becomes before an expression may look at it, and what comes back.
//!
//! An object is converted once and then only shared (`shared.rs`). Numbers are what the API server
//! makes of JSON: an integer that fits is an `int`, everything else a `double`; nothing ever
//! becomes a `uint`, for `replicas + 1` would then be an error.

use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelMapKey, CelNull, CelOptional, CelString,
    CelTimestamp, CelType, CelUInt,
};
use cel::common::value::{BuiltinRef, StaticVal, Val};
use serde_json::Value as Json;

use super::library::opaque;
use super::shared::{SharedList, SharedMap};

/// A value that owns all it holds and is cheap to clone.
#[derive(Clone, Debug)]
pub struct Value(Box<dyn Val>);

impl Value {
    pub fn null() -> Value {
        Value(Box::new(CelNull))
    }

    /// Converts JSON, all of it; cheap to clone afterwards.
    pub fn from_json(json: &Json) -> Value {
        Value(boxed(json))
    }

    /// A map of which only these fields are known; looking for any other is not evaluable.
    pub fn partly_known(
        what: &'static str,
        fields: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Value {
        let fields = fields.into_iter().map(|(name, field)| (key(name), field.0));
        Value(Box::new(SharedMap::partly_known(what, fields)))
    }

    /// Copies whatever the interpreter produced out of the borrow it was produced in.
    ///
    /// `None` for what is not a value to keep, such as `variables` itself.
    pub(super) fn detach(value: &dyn Val) -> Option<Value> {
        detach(value).map(Value)
    }

    pub(super) fn as_val(&self) -> &dyn Val {
        self.0.as_ref()
    }

    pub(super) fn into_val(self) -> Box<dyn Val> {
        self.0
    }

    pub fn as_bool(&self) -> Option<bool> {
        self.0.downcast_ref::<CelBool>().map(|truth| *truth.inner())
    }

    pub fn as_str(&self) -> Option<&str> {
        self.0.downcast_ref::<CelString>().map(CelString::inner)
    }

    /// The name CEL has for the type: `string`, `list`, `null_type` …
    pub fn type_name(&self) -> &str {
        self.0.get_type().name()
    }

    /// JSON again, for tests and reports; `None` where JSON has no such thing (an empty optional).
    pub fn to_json(&self) -> Option<Json> {
        to_json(self.0.as_ref())
    }
}

impl PartialEq for Value {
    /// Equal as CEL means it: `1 == 1.0`.
    fn eq(&self, other: &Value) -> bool {
        self.0.equals(other.0.as_ref())
    }
}

fn boxed(json: &Json) -> Box<dyn Val> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(truth) => Box::new(CelBool::from(*truth)),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Box::new(CelInt::from(integer)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Json::String(text) => Box::new(CelString::from(text.clone())),
        Json::Array(items) => Box::new(SharedList::new(items.iter().map(boxed).collect())),
        Json::Object(fields) => {
            Box::new(SharedMap::new(fields.iter().map(|(name, field)| (key(name), boxed(field)))))
        }
    }
}

fn key(name: &str) -> CelMapKey<'static> {
    CelMapKey::String(CelString::from(name.to_owned()))
}

fn detach(value: &dyn Val) -> Option<Box<dyn Val>> {
    if let Some(map) = value.downcast_ref::<SharedMap>() {
        return Some(Box::new(map.clone()));
    }
    if let Some(list) = value.downcast_ref::<SharedList>() {
        return Some(Box::new(list.clone()));
    }
    Some(match value.as_builtin() {
        BuiltinRef::String(text) => Box::new(text.clone().into_static()),
        BuiltinRef::Bytes(bytes) => Box::new(CelBytes::from(bytes.inner().to_vec())),
        BuiltinRef::List(list) => {
            let items: Option<Vec<_>> =
                list.inner().iter().map(|item| detach(item.as_ref())).collect();
            Box::new(SharedList::new(items?))
        }
        BuiltinRef::Map(map) => {
            let fields: Option<Vec<_>> = map
                .inner()
                .iter()
                .map(|(key, field)| Some((static_key(key), detach(field.as_ref())?)))
                .collect();
            Box::new(SharedMap::new(fields?))
        }
        BuiltinRef::Optional(optional) => Box::new(match optional.option() {
            Some(held) => CelOptional::of(detach(held)?),
            None => CelOptional::none(),
        }),
        _ => return detach_scalar(value),
    })
}

fn detach_scalar(value: &dyn Val) -> Option<Box<dyn Val>> {
    fn copy<T: StaticVal + Clone>(value: &dyn Val) -> Option<Box<dyn Val>> {
        let scalar = value.as_any()?.downcast_ref::<T>()?.clone();
        Some(Box::new(scalar))
    }
    copy::<CelBool>(value)
        .or_else(|| copy::<CelInt>(value))
        .or_else(|| copy::<CelNull>(value))
        .or_else(|| copy::<CelDouble>(value))
        .or_else(|| copy::<CelUInt>(value))
        .or_else(|| copy::<CelType>(value))
        .or_else(|| copy::<CelDuration>(value))
        .or_else(|| copy::<CelTimestamp>(value))
        .or_else(|| opaque::detach(value))
}

fn static_key(key: &CelMapKey<'_>) -> CelMapKey<'static> {
    match key {
        CelMapKey::Bool(truth) => CelMapKey::Bool(CelBool::from(*truth.inner())),
        CelMapKey::Int(integer) => CelMapKey::Int(CelInt::from(*integer.inner())),
        CelMapKey::String(text) => CelMapKey::String(text.clone().into_static()),
        CelMapKey::UInt(integer) => CelMapKey::UInt(CelUInt::from(*integer.inner())),
    }
}

fn to_json(value: &dyn Val) -> Option<Json> {
    match value.as_builtin() {
        BuiltinRef::String(text) => return Some(Json::from(text.inner())),
        BuiltinRef::List(list) => {
            return list.inner().iter().map(|item| to_json(item.as_ref())).collect();
        }
        BuiltinRef::Map(map) => {
            let fields = map.inner().iter();
            return fields
                .map(|(key, field)| Some((key_text(key), to_json(field.as_ref())?)))
                .collect::<Option<_>>()
                .map(Json::Object);
        }
        BuiltinRef::Optional(optional) => return optional.option().and_then(to_json),
        _ => {}
    }
    if let Some(truth) = value.downcast_ref::<CelBool>() {
        Some(Json::from(*truth.inner()))
    } else if let Some(integer) = value.downcast_ref::<CelInt>() {
        Some(Json::from(*integer.inner()))
    } else if let Some(integer) = value.downcast_ref::<CelUInt>() {
        Some(Json::from(*integer.inner()))
    } else if let Some(number) = value.downcast_ref::<CelDouble>() {
        Some(Json::from(*number.inner()))
    } else if let Some(named) = value.downcast_ref::<CelType>() {
        Some(Json::from(named.name()))
    } else {
        value.downcast_ref::<CelNull>().map(|_| Json::Null)
    }
}

fn key_text(key: &CelMapKey<'_>) -> String {
    match key {
        CelMapKey::Bool(truth) => truth.inner().to_string(),
        CelMapKey::Int(integer) => integer.inner().to_string(),
        CelMapKey::String(text) => text.inner().to_owned(),
        CelMapKey::UInt(integer) => integer.inner().to_string(),
    }
}
