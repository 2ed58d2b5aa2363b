//! Values that documents write as strings: dates, periods, versions.
//!
//! Their schema says `format`, which the validator knows; reading parses them.

/// Reads and describes a type by its `FromStr`.
macro_rules! written_as_string {
    ($type:ty, $name:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let written = String::deserialize(from)?;
                written.parse().map_err(serde::de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "format": $name})
            }
        }
    };
}
