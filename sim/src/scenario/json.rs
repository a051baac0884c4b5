//! JSON with the place of every value: exactly JSON, nothing more.
//!
//! Two readers share the work. serde_json says what is JSON, words the errors and bounds the
//! depth; jsonc-parser, which would accept more, says where each value stands.

use jsonc_parser::ast;
use serde_json::Value;

use super::problem::{Place, Problem, Problems, Stretch};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From its first character to its last.
    pub at: Stretch,
    /// What it is.
    pub kind: Kind,
}

/// The six kinds of JSON values.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(String),
    /// A string, escapes resolved.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object, in the order written; every key once.
    Object(Vec<Entry>),
}

/// A key of an object with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_at: Stretch,
    /// The value.
    pub value: Node,
}

/// Reads a text, or says why it is not JSON. A key given twice is a problem too.
pub fn parse(text: &str) -> Result<Node, Vec<Problem>> {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        return Err(vec![not_json(text, &error)]);
    }
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &Default::default());
    let mut problems = Problems::default();
    match parsed.map(|parsed| parsed.value) {
        Ok(Some(value)) => {
            let node = node(value, &mut problems);
            let found = problems.list(text);
            if found.is_empty() {
                Ok(node)
            } else {
                Err(found)
            }
        }
        Ok(None) => unreachable!("serde_json found a value where jsonc-parser finds none"),
        Err(error) => {
            let at = Stretch {
                start: error.range().start,
                end: error.range().end,
            };
            problems.add(
                at,
                format!("this is not JSON: {}", error.kind()),
                "correct it",
            );
            Err(problems.list(text))
        }
    }
}

/// serde_json counts the bytes of a line that it has read; people count characters from 1.
fn not_json(text: &str, error: &serde_json::Error) -> Problem {
    let line_start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    Problem {
        at: Place::of(text, line_start + error.column().saturating_sub(1)),
        what: format!("this is not JSON: {said}"),
        remedy: "correct it there or just before".to_string(),
    }
}

fn node(value: ast::Value<'_>, problems: &mut Problems) -> Node {
    let (range, kind) = match value {
        ast::Value::NullKeyword(it) => (it.range, Kind::Null),
        ast::Value::BooleanLit(it) => (it.range, Kind::Bool(it.value)),
        ast::Value::NumberLit(it) => (it.range, Kind::Number(it.value.to_string())),
        ast::Value::StringLit(it) => (it.range, Kind::Text(it.value.into_owned())),
        ast::Value::Array(it) => {
            let items = it.elements.into_iter().map(|item| node(item, problems));
            (it.range, Kind::List(items.collect()))
        }
        ast::Value::Object(it) => (it.range, Kind::Object(entries(it.properties, problems))),
    };
    Node {
        at: stretch(range),
        kind,
    }
}

fn entries(properties: Vec<ast::ObjectProp<'_>>, problems: &mut Problems) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::with_capacity(properties.len());
    for property in properties {
        let key_at = match &property.name {
            ast::ObjectPropName::String(it) => stretch(it.range),
            ast::ObjectPropName::Word(it) => stretch(it.range),
        };
        let key = property.name.into_string();
        let value = node(property.value, problems);
        if entries.iter().any(|entry| entry.key == key) {
            problems.add(
                key_at,
                format!("the key {key:?} is given twice"),
                "keep one of them",
            );
        } else {
            entries.push(Entry { key, key_at, value });
        }
    }
    entries
}

fn stretch(range: jsonc_parser::common::Range) -> Stretch {
    Stretch {
        start: range.start,
        end: range.end,
    }
}

impl Node {
    /// The value of a key, if this is an object that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Object(entries) => {
                let found = entries.iter().find(|entry| entry.key == key);
                found.map(|entry| &entry.value)
            }
            _ => None,
        }
    }

    /// The same value without places.
    #[must_use]
    pub fn plain(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(it) => Value::Bool(*it),
            // serde_json has accepted this very text as a number.
            Kind::Number(it) => serde_json::from_str(it).unwrap_or(Value::Null),
            Kind::Text(it) => Value::String(it.clone()),
            Kind::List(items) => items.iter().map(Node::plain).collect(),
            Kind::Object(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.value.plain()))
                .collect(),
        }
    }

    /// What people call this kind of value.
    #[must_use]
    pub fn called(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }

    /// The place that a path leads to, or the last place on the way that exists.
    #[must_use]
    pub fn locate(&self, path: &[Step]) -> Stretch {
        let Some((first, rest)) = path.split_first() else {
            return self.at;
        };
        let next = match (first, &self.kind) {
            (Step::Key(key), Kind::Object(_)) => self.get(key),
            (Step::Index(index), Kind::List(items)) => items.get(*index),
            _ => None,
        };
        next.map_or(self.at, |node| node.locate(rest))
    }
}

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an item of a list, from 0.
    Index(usize),
}

/// Writes a value for people: what fits into a line of 100 characters stays on one line.
#[must_use]
pub fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write_pretty(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// `before`: how many characters already stand on this line, behind its indentation.
fn write_pretty(value: &Value, indent: usize, before: usize, out: &mut String) {
    const WIDTH: usize = 100;
    let flat = one_line(value);
    let (open, close, len) = match value {
        Value::Object(entries) => ('{', '}', entries.len()),
        Value::Array(items) => ('[', ']', items.len()),
        _ => return out.push_str(&flat),
    };
    if len == 0 || indent > 0 && indent + before + flat.chars().count() < WIDTH {
        return out.push_str(&flat);
    }
    out.push(open);
    let inner = indent + 2;
    let mut line = |i: usize, key: Option<&str>, item: &Value| {
        out.push('\n');
        out.extend(core::iter::repeat_n(' ', inner));
        let label = key.map_or(String::new(), |key| format!("{}: ", Value::from(key)));
        out.push_str(&label);
        write_pretty(item, inner, label.chars().count(), out);
        if i + 1 < len {
            out.push(',');
        }
    };
    match value {
        Value::Object(entries) => entries
            .iter()
            .enumerate()
            .for_each(|(i, (key, item))| line(i, Some(key), item)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, item)| line(i, None, item)),
        _ => {}
    }
    out.push('\n');
    out.extend(core::iter::repeat_n(' ', indent));
    out.push(close);
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let inner: Vec<String> = entries
                .iter()
                .map(|(key, item)| format!("{}: {}", Value::from(key.as_str()), one_line(item)))
                .collect();
            format!("{{{}}}", inner.join(", "))
        }
        Value::Array(items) => {
            let inner: Vec<String> = items.iter().map(one_line).collect();
            format!("[{}]", inner.join(", "))
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn both_readers_agree_on_every_json_text(value in json()) {
            prop_assert_eq!(parse(&value.to_string()).unwrap().plain(), value.clone());
            prop_assert_eq!(parse(&pretty(&value)).unwrap().plain(), value);
        }

        #[test]
        fn exactly_json_is_accepted(text in "[\\[\\]{}:,\"a0-9.+eE/* \\n\\\\u'-]{0,24}") {
            let plain = serde_json::from_str::<Value>(&text);
            let twice = |problems: &[Problem]| problems.iter().all(|p| p.what.contains("twice"));
            match parse(&text) {
                Ok(node) => prop_assert_eq!(node.plain(), plain.unwrap()),
                Err(problems) => prop_assert!(plain.is_err() || twice(&problems)),
            }
        }
    }

    #[test]
    fn a_key_given_twice_is_a_problem_at_its_second_place() {
        let problems = parse("{\"a\": 1,\n \"a\": 2}").unwrap_err();
        assert_eq!(
            problems[0].to_string(),
            "2:2: the key \"a\" is given twice; keep one of them"
        );
    }

    #[test]
    fn a_depth_without_end_is_refused_without_a_crash() {
        let problems = parse(&"[".repeat(100_000)).unwrap_err();
        assert!(problems[0].what.contains("recursion limit"), "{problems:?}");
    }

    #[test]
    fn what_fits_stays_on_one_line() {
        let value = serde_json::json!({"a": {"b": [1, 2]}, "c": []});
        assert_eq!(
            pretty(&value),
            "{\n  \"a\": {\"b\": [1, 2]},\n  \"c\": []\n}\n"
        );
    }
}
