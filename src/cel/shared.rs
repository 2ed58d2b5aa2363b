//! Lists and maps that are cloned by counting instead of copying.
//!
//! The interpreter clones what it selects: with the crate's own containers every `.?spec` would
//! copy a whole pod. Maps are walked in the order of their keys, so that a message that lists
//! labels has the same text in every run (on the API server the order is random).
//!
//! This file relies on `Val::as_builtin`, a hidden hook of crate `cel`: a shared container shows
//! the plain one inside, so that `{} == object.metadata.labels` compares contents on either side.
//! Should the hook go, the group of `cases.json` on equality fails.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use cel::ExecutionError;
use cel::common::traits::{self, Adder, Container, Indexer, Iterable, Sizer, Zeroer};
use cel::common::types::{CelList, CelMap, CelMapKey, CelString, Type};
use cel::common::value::{Builtin, BuiltinRef, CowVal, StaticVal, Val};

use super::library::fields::NOT_EVALUABLE;

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
    /// What it is of which only these fields are known; `None`: it has no others.
    partly: Option<&'static str>,
}

impl SharedMap {
    pub(super) fn new(
        fields: impl IntoIterator<Item = (CelMapKey<'static>, Box<dyn Val>)>,
    ) -> SharedMap {
        SharedMap::with(None, fields)
    }

    /// A map of which more may be there than anybody here knows.
    pub(super) fn partly_known(
        what: &'static str,
        fields: impl IntoIterator<Item = (CelMapKey<'static>, Box<dyn Val>)>,
    ) -> SharedMap {
        SharedMap::with(Some(what), fields)
    }

    fn with(
        partly: Option<&'static str>,
        fields: impl IntoIterator<Item = (CelMapKey<'static>, Box<dyn Val>)>,
    ) -> SharedMap {
        let by_key: HashMap<_, _> = fields.into_iter().collect();
        let mut keys: Vec<_> = by_key.keys().cloned().collect();
        keys.sort();
        let in_order: Vec<Box<dyn Val>> = keys.into_iter().map(key_value).collect();
        SharedMap(Arc::new(Fields {
            by_key: CelMap::from(by_key),
            in_order: CelList::from(in_order),
            partly,
        }))
    }

    /// What is looked for and not there may be there all the same.
    fn lacks(&self, key: &dyn Val) -> Option<ExecutionError> {
        let what = self.0.partly?;
        let key = key.downcast_ref::<CelString>().map_or("a field", CelString::inner);
        let message = format!("{NOT_EVALUABLE}: `{key}` of {what} is not known");
        // Of a kind that `has()` does not take for an absent field.
        Some(ExecutionError::function_error("select", message))
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

    fn as_container(&self) -> Option<&dyn Container> {
        self.0.as_container()
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        self.0.as_adder()
    }
}

impl Val for SharedMap {
    as_the_container_inside!(Map, CelMap<'static>, plain_map);

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }
}

impl Container for SharedMap {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let plain = plain_map(self);
        let there = plain.as_container().map_or(Ok(false), |plain| plain.contains(value))?;
        match self.lacks(value) {
            Some(error) if !there => Err(error),
            _ => Ok(there),
        }
    }
}

macro_rules! index_the_container_inside {
    ($shared:ty, $get:expr) => {
        impl Indexer for $shared {
            fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
            where
                Self: 'v,
            {
                $get(self, index)
            }

            fn steal<'v>(
                self: Box<Self>,
                index: &dyn Val,
            ) -> Result<Box<dyn Val + 'v>, ExecutionError>
            where
                Self: 'v,
            {
                $get(&self, index).map(CowVal::into_owned)
            }
        }
    };
}

index_the_container_inside!(SharedList, item);
index_the_container_inside!(SharedMap, field);

fn item<'b, 'v>(list: &'b SharedList, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError> {
    plain_list(list).get(index)
}

fn field<'b, 'v>(map: &'b SharedMap, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError> {
    match plain_map(map).get(key) {
        Err(error @ ExecutionError::NoSuchKey(_)) => Err(map.lacks(key).unwrap_or(error)),
        found => found,
    }
}

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
