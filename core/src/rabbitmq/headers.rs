//! The headers exchange's rule (`rabbit_exchange_type_headers`, RabbitMQ 3.10).

use super::error::Exception;
use super::field_value::{FieldValue, Table, erlang_term};
use alloc::format;

/// Whether a binding with these arguments takes a message with these headers.
///
/// `x-match` says `all` (the default) or `any`; the binding's own fields that begin with `x-`
/// count only with `all-with-x` and `any-with-x`. A void field asks only that the header be there.
/// A binding without fields takes everything under `all` and nothing under `any`.
#[must_use]
pub fn headers_match(arguments: &Table, headers: &Table) -> bool {
    let rule = arguments.get("x-match").and_then(FieldValue::as_text);
    let (any, with_x) = match rule.map(|rule| &**rule) {
        Some("any") => (true, false),
        Some("any-with-x") => (true, true),
        Some("all-with-x") => (false, true),
        _ => (false, false),
    };
    let mut fields = arguments
        .iter()
        .filter(|(name, _)| &***name != "x-match" && (with_x || !name.starts_with("x-")));
    let takes = |(name, wanted): (&crate::names::Name, &FieldValue)| {
        headers
            .get(name)
            .is_some_and(|header| *wanted == FieldValue::Void || wanted.same(header))
    };
    if any {
        fields.any(takes)
    } else {
        fields.all(takes)
    }
}

/// Whether a headers exchange lets itself be bound with these arguments.
///
/// # Errors
/// 406 for an `x-match` that means nothing.
pub fn check_binding(arguments: &Table) -> Result<(), Exception> {
    match arguments.get("x-match") {
        None => Ok(()),
        Some(FieldValue::LongStr(rule)) => match &**rule {
            "all" | "any" | "all-with-x" | "any-with-x" => Ok(()),
            _ => Err(Exception::precondition_failed(format!(
                "Invalid x-match field value {}; \
                 expected all, any, all-with-x, or any-with-x",
                erlang_term(&FieldValue::LongStr(rule.clone()))
            ))),
        },
        Some(other) => Err(Exception::precondition_failed(format!(
            "Invalid x-match field type {} (value {}); expected longstr",
            other.type_name(),
            erlang_term(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;
    use proptest::prelude::*;

    fn table(json: &str) -> Table {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_rules_of_the_specification_and_of_the_broker() {
        let cases = [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2,"c":3}"#, true),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, false),
            (r#"{"x-match":"any","a":1,"b":2}"#, r#"{"b":2}"#, true),
            (r#"{"x-match":"any","a":1}"#, r#"{"a":2}"#, false),
            (r#"{"a":null}"#, r#"{"a":"anything"}"#, true),
            (r#"{"a":null}"#, "{}", false),
            (r#"{"n":5}"#, r#"{"n":5.0}"#, true),
            (r#"{"n":5}"#, r#"{"n":"5"}"#, false),
            (r#"{"n":1}"#, r#"{"n":true}"#, false),
            ("{}", r#"{"a":1}"#, true),
            (r#"{"x-match":"any"}"#, r#"{"a":1}"#, false),
            (r#"{"x-match":"any","x-a":1}"#, r#"{"x-a":1}"#, false),
            (r#"{"x-match":"any-with-x","x-a":1}"#, r#"{"x-a":1}"#, true),
            (r#"{"a":1,"x-a":1}"#, r#"{"a":1}"#, true),
            (
                r#"{"x-match":"all-with-x","a":1,"x-a":1}"#,
                r#"{"a":1}"#,
                false,
            ),
        ];
        for (arguments, headers, expected) in cases {
            assert_eq!(
                headers_match(&table(arguments), &table(headers)),
                expected,
                "{arguments} against {headers}"
            );
        }
    }

    #[test]
    fn a_match_rule_that_means_nothing_is_refused() {
        let refused = check_binding(&table(r#"{"x-match":"some"}"#)).unwrap_err();
        assert_eq!(
            refused.explanation,
            "Invalid x-match field value <<\"some\">>; \
             expected all, any, all-with-x, or any-with-x"
        );
        let refused = check_binding(&table(r#"{"x-match":1}"#)).unwrap_err();
        assert_eq!(
            refused.explanation,
            "Invalid x-match field type signedint (value 1); expected longstr"
        );
    }

    /// The merge of two sorted lists that the broker itself walks.
    fn reference(arguments: &Table, headers: &Table) -> bool {
        let rule = arguments.get("x-match").and_then(|v| v.as_text().cloned());
        let rule = rule.map_or(String::from("all"), |rule| String::from(&*rule));
        let (any, with_x) = (rule.starts_with("any"), rule.ends_with("with-x"));
        let (mut all_match, mut any_match) = (true, false);
        for (name, wanted) in arguments.sorted().iter() {
            if &**name == "x-match" || (name.starts_with("x-") && !with_x) {
                continue;
            }
            let hit = headers
                .get(name)
                .is_some_and(|value| wanted.type_name() == "void" || wanted.same(value));
            all_match &= hit;
            any_match |= hit;
        }
        if any { any_match } else { all_match }
    }

    fn value() -> impl Strategy<Value = FieldValue> {
        prop_oneof![
            Just(FieldValue::Void),
            (0..3i32).prop_map(FieldValue::SignedInt),
            (0..3i32).prop_map(|n| FieldValue::double(n.into())),
            "[ab]".prop_map(|text| FieldValue::text(&text)),
            any::<bool>().prop_map(FieldValue::Bool),
        ]
    }

    fn fields() -> impl Strategy<Value = Vec<(String, FieldValue)>> {
        proptest::collection::btree_map("(x-)?[abc]", value(), 0..5)
            .prop_map(|map| map.into_iter().collect())
    }

    proptest! {
        #[test]
        fn the_short_rule_agrees_with_the_broker_s_long_one(
            wanted in fields(),
            given in fields(),
            rule in proptest::option::of("(all|any)(-with-x)?"),
        ) {
            let collect = |fields: Vec<(String, FieldValue)>| -> Table {
                fields.into_iter().map(|(n, v)| (n.as_str().into(), v)).collect()
            };
            let mut arguments = collect(wanted);
            if let Some(rule) = rule {
                arguments.push("x-match".into(), FieldValue::text(&rule));
            }
            let headers = collect(given);
            prop_assert_eq!(
                headers_match(&arguments, &headers),
                reference(&arguments, &headers)
            );
        }
    }
}
