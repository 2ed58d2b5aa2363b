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
use cel::common::types::{CelList, CelMap, CelMapKey, Type};
use cel::common::value::{Builtin, BuiltinRef, CowVal, StaticVal, Val};

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
