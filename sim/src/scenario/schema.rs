//! The published schema: the reader's own table of keys, as JSON Schema (draft 2020-12).

use serde_json::{Map, Value, json};

use super::Scenario;
use super::form::{Definitions, Form};
use super::json::pretty;

/// The schema of scenario files, as text.
#[must_use]
pub fn text() -> String {
    pretty(&schema())
}

/// The schema of scenario files.
#[must_use]
pub fn schema() -> Value {
    let mut defs = Definitions::new();
    let root = Scenario::schema(&mut defs);
    // A name becomes a fragment of an address.
    let named = defs
        .into_iter()
        .map(|(name, schema)| (name.replace(' ', "-"), schema));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "GlassMQ scenario",
        "$ref": root["$ref"],
        "$defs": Value::Object(named.collect::<Map<_, _>>()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::form::references;

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = schema();
        for reference in references(&schema) {
            let name = reference
                .strip_prefix("#/$defs/")
                .expect("references stay inside");
            assert!(schema["$defs"][name].is_object(), "{reference}");
        }
    }
}
