//! Parameters that are maps of quantities, such as `{cpu: 500m}`, of which one may not be above
//! another. Which, a control says with `x-at-most` and a list of names.

use super::Definition;
use crate::cel::quantity_order;
use serde_json::{Map, Value};

/// A quantity above the one that it may not be above.
pub struct Above<'a> {
    pub resource: &'a str,
    pub least: &'a str,
    pub most: &'a str,
}

impl Definition {
    /// Parameters that may not be above another, resource by resource, with that other one.
    pub fn quantity_bounds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters().flat_map(|(low, schema)| {
            let highs = schema.get("x-at-most").and_then(Value::as_array).into_iter().flatten();
            highs.filter_map(Value::as_str).map(move |high| (low, high))
        })
    }

    /// Those of them that are above, with what is.
    pub fn crossed_quantities<'a>(
        &'a self,
        parameters: &'a Map<String, Value>,
    ) -> impl Iterator<Item = (&'a str, &'a str, Above<'a>)> {
        self.quantity_bounds().flat_map(|(low, high)| {
            let all = |name: &str| parameters.get(name).and_then(Value::as_object);
            let (lows, highs) = (all(low).into_iter().flatten(), all(high));
            lows.filter_map(move |(resource, least)| {
                let (least, most) = (least.as_str()?, highs?.get(resource)?.as_str()?);
                let above = quantity_order(least, most)?.is_gt();
                above.then_some((low, high, Above { resource, least, most }))
            })
        })
    }
}
