//! CEL values: what JSON becomes before an expression may look at it, and what comes back.
//!
//! An object is converted once and then only shared. Maps and lists are kept behind an `Arc`,
//! because the interpreter clones what it selects: with the crate's own containers every `.?spec`
//! would copy a whole pod. Maps are walked in the order of their keys, so that a message that
//! lists labels has the same text in every run (the API server's order is random).
//!
//! Numbers are what the API server makes of JSON: an integer that fits is an `int`, everything
//! else a `double`; nothing ever becomes a `uint`, for `replicas + 1` would then be an error.
//!
//! This file relies on `Val::as_builtin`, a hidden hook of crate `cel`: a shared container shows
//! the plain one inside, so that `{} == object.metadata.labels` compares contents on either side.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{self, Adder, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull,
    CelOptional, CelString, CelTimestamp, CelType, CelUInt, Type,
};
use cel::common::value::{Builtin, BuiltinRef, CowVal, StaticVal, Val};
use serde_json::Value as Json;

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
            let key = |name: &String| CelMapKey::String(CelString::from(name.clone()));
            Box::new(SharedMap::new(fields.iter().map(|(name, field)| (key(name), boxed(field)))))
        }
    }
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
            let mut object = serde_json::Map::new();
            for (key, field) in map.inner() {
                object.insert(key_text(key), to_json(field.as_ref())?);
            }
            return Some(Json::Object(object));
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

/// A list that is cloned by counting, not copying.
#[derive(Clone, Debug)]
pub(super) struct SharedList(Arc<CelList<'static>>);

impl SharedList {
    pub(super) fn new(items: Vec<Box<dyn Val>>) -> SharedList {
        SharedList(Arc::new(CelList::from(items)))
    }
}

/// A map that is cloned by counting, with its keys in order.
#[derive(Clone, Debug)]
pub(super) struct SharedMap(Arc<Fields>);

#[derive(Debug)]
struct Fields {
    by_key: CelMap<'static>,
    in_order: CelList<'static>,
}

impl SharedMap {
    pub(super) fn new(
        fields: impl IntoIterator<Item = (CelMapKey<'static>, Box<dyn Val>)>,
    ) -> SharedMap {
        let by_key: HashMap<_, _> = fields.into_iter().collect();
        let mut keys: Vec<_> = by_key.keys().cloned().collect();
        keys.sort();
        let in_order: Vec<Box<dyn Val>> = keys.into_iter().map(key_value).collect();
        SharedMap(Arc::new(Fields {
            by_key: CelMap::from(by_key),
            in_order: CelList::from(in_order),
        }))
    }
}

fn key_value(key: CelMapKey<'static>) -> Box<dyn Val> {
    match key {
        CelMapKey::Bool(truth) => Box::new(truth),
        CelMapKey::Int(integer) => Box::new(integer),
        CelMapKey::String(text) => Box::new(text),
        CelMapKey::UInt(integer) => Box::new(integer),
    }
}

/// What both containers hand on to the plain container inside.
macro_rules! as_the_container_inside {
    ($builtin:ident, $plain:ty, $inside:expr) => {
        fn get_type(&self) -> &Type {
            <$plain as Val>::cel_type()
        }
        fn cel_type() -> &'static Type {
            <$plain as Val>::cel_type()
        }
        fn as_container(&self) -> Option<&dyn Container> {
            $inside(self).as_container()
        }
        fn as_sizer(&self) -> Option<&dyn Sizer> {
            $inside(self).as_sizer()
        }
        fn as_zeroer(&self) -> Option<&dyn Zeroer> {
            $inside(self).as_zeroer()
        }
        fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
        where
            Self: 'v,
        {
            Some(self)
        }
        fn into_indexer<'v>(self: Box<Self>) -> Option<Box<dyn Indexer + 'v>>
        where
            Self: 'v,
        {
            Some(self)
        }
        fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
        where
            Self: 'v,
        {
            Some(self)
        }
        fn equals(&self, other: &dyn Val) -> bool {
            $inside(self).equals(other)
        }
        fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
        where
            Self: 'v,
        {
            Box::new(self.clone())
        }
        fn as_any(&self) -> Option<&dyn Any> {
            Some(self)
        }
        fn as_builtin<'b, 'v>(&'b self) -> BuiltinRef<'b, 'v>
        where
            Self: 'v,
        {
            BuiltinRef::$builtin($inside(self))
        }
        fn into_builtin<'v>(self: Box<Self>) -> Option<Builtin<'v>>
        where
            Self: 'v,
        {
            Some(Builtin::$builtin($inside(&self).clone()))
        }
    };
}

fn plain_list(list: &SharedList) -> &CelList<'static> {
    &list.0
}

fn plain_map(map: &SharedMap) -> &CelMap<'static> {
    &map.0.by_key
}

impl StaticVal for SharedList {}
impl StaticVal for SharedMap {}

impl Val for SharedList {
    as_the_container_inside!(List, CelList<'static>, plain_list);

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        self.0.as_adder()
    }
}

impl Val for SharedMap {
    as_the_container_inside!(Map, CelMap<'static>, plain_map);
}

macro_rules! index_the_container_inside {
    ($shared:ty, $inside:expr) => {
        impl Indexer for $shared {
            fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
            where
                Self: 'v,
            {
                $inside(self).get(index)
            }

            fn steal<'v>(
                self: Box<Self>,
                index: &dyn Val,
            ) -> Result<Box<dyn Val + 'v>, ExecutionError>
            where
                Self: 'v,
            {
                $inside(&self).get(index).map(CowVal::into_owned)
            }
        }
    };
}

index_the_container_inside!(SharedList, plain_list);
index_the_container_inside!(SharedMap, plain_map);

impl Iterable for SharedList {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        self.0.iter()
    }
}

impl Iterable for SharedMap {
    fn iter<'b, 'v>(&'b self) -> Box<dyn traits::Iterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        self.0.in_order.iter()
    }
}
