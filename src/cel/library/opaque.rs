//! Values that only functions can look into: quantities, addresses, versions.
//!
//! Each is a Rust type that compares itself (`==` of the type is `==` of the language), has a name
//! as on the API server, and is copied out of an evaluation by [`detach`].

use cel::common::value::Val;

use super::format::Format;
use super::net::{Cidr, Ip};
use super::quantity::Quantity;
use super::semver::Semver;
use super::url::Url;

/// Makes `$type` a value called `$name`.
macro_rules! opaque {
    ($type:ty, $name:literal) => {
        impl cel::common::value::Val for $type {
            fn get_type(&self) -> &cel::common::types::Type {
                <Self as cel::common::value::Val>::cel_type()
            }

            fn cel_type() -> &'static cel::common::types::Type {
                static TYPE: std::sync::LazyLock<cel::common::types::Type> =
                    std::sync::LazyLock::new(|| cel::common::types::Type::new_opaque_type($name));
                &TYPE
            }

            fn as_any(&self) -> Option<&dyn std::any::Any> {
                Some(self)
            }

            fn equals(&self, other: &dyn cel::common::value::Val) -> bool {
                other.downcast_ref::<$type>().is_some_and(|other| self == other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn cel::common::value::Val + 'v>
            where
                Self: 'v,
            {
                Box::new(self.clone())
            }
        }

        impl cel::common::value::StaticVal for $type {}
    };
}

pub(super) use opaque;

/// A copy of `value`, if it is one of these.
pub(in super::super) fn detach(value: &dyn Val) -> Option<Box<dyn Val>> {
    fn copy<T: Val + Clone + 'static>(value: &dyn Val) -> Option<Box<dyn Val>> {
        let held = value.as_any()?.downcast_ref::<T>()?.clone();
        Some(Box::new(held))
    }
    copy::<Quantity>(value)
        .or_else(|| copy::<Ip>(value))
        .or_else(|| copy::<Cidr>(value))
        .or_else(|| copy::<Url>(value))
        .or_else(|| copy::<Semver>(value))
        .or_else(|| copy::<Format>(value))
}
