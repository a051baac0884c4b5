//! How a type is spelt in JSON: read, written and described by the same words.
//!
//! There is one table of keys for each type, its [`Record::fields`](super::record::Record::fields).
//! The reader, the writer and the published schema all follow it, so they cannot disagree.

use core::num::NonZeroU32;

use glassmq_core::shared::{SortedMap, SortedSet};
use serde_json::{Map, Value, json};

use super::json::{Kind, Node};
use super::problem::{Problems, did_you_mean};

/// A type with a spelling in JSON.
pub trait Form: Sized {
    /// Reads it. What is wrong goes to the problems; `None` says that there is no value to use.
    fn read(node: &Node, problems: &mut Problems) -> Option<Self>;
    /// Writes it, so that reading gives an equal value.
    fn write(&self) -> Value;
    /// Describes it as a JSON Schema.
    fn schema(defs: &mut Definitions) -> Value;
}

/// The schemas that have a name and are described once.
pub type Definitions = SortedMap<&'static str, Value>;

/// A value that is spelt as a text: a duration, a role.
pub trait Word: Sized {
    /// What people call it.
    const NAME: &'static str;
    /// What it means and how it is written, for the schema.
    const ABOUT: &'static str;
    /// Examples; the first is the remedy for what cannot be read.
    const EXAMPLES: &'static [&'static str];
    /// Reads the text, or says what is wrong with it and what to do.
    fn parse(text: &str) -> Result<Self, Wrong>;
    /// Writes the text that reads as this value.
    fn print(&self) -> String;
}

/// What is wrong with a text, and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong, as a sentence about the text.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// A choice among a few fixed words.
pub trait Fixed: Copy + PartialEq + 'static {
    /// What people call the choice.
    const NAME: &'static str;
    /// Each word, what it means, and its value.
    const ALL: &'static [(&'static str, &'static str, Self)];
}

/// Spells the types named as texts: each is a [`Word`].
macro_rules! spelt_as_word {
    ($($type:ty)*) => {$(
        impl $crate::scenario::form::Form for $type {
            fn read(
                node: &$crate::scenario::json::Node,
                problems: &mut $crate::scenario::problem::Problems,
            ) -> Option<Self> {
                $crate::scenario::form::read_word(node, problems)
            }
            fn write(&self) -> serde_json::Value {
                $crate::scenario::form::Word::print(self).into()
            }
            fn schema(defs: &mut $crate::scenario::form::Definitions) -> serde_json::Value {
                $crate::scenario::form::describe_word::<Self>(defs)
            }
        }
    )*};
}
pub(crate) use spelt_as_word;

/// Spells the types named as one of a few words: each is [`Fixed`].
macro_rules! spelt_as_fixed {
    ($($type:ty)*) => {$(
        impl $crate::scenario::form::Form for $type {
            fn read(
                node: &$crate::scenario::json::Node,
                problems: &mut $crate::scenario::problem::Problems,
            ) -> Option<Self> {
                $crate::scenario::form::read_fixed(node, problems)
            }
            fn write(&self) -> serde_json::Value {
                $crate::scenario::form::print_fixed(*self).into()
            }
            fn schema(defs: &mut $crate::scenario::form::Definitions) -> serde_json::Value {
                $crate::scenario::form::describe_fixed::<Self>(defs)
            }
        }
    )*};
}
pub(crate) use spelt_as_fixed;

impl Wrong {
    /// From the two halves.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Wrong {
            what: what.into(),
            remedy: remedy.into(),
        }
    }
}

/// Reads a [`Word`].
pub(crate) fn read_word<W: Word>(node: &Node, problems: &mut Problems) -> Option<W> {
    let Kind::Text(text) = &node.kind else {
        let remedy = format!("write it as a text, such as {:?}", W::EXAMPLES[0]);
        wrong_kind(node, W::NAME, remedy, problems);
        return None;
    };
    W::parse(text)
        .map_err(|wrong| problems.add(node.at, wrong.what, wrong.remedy))
        .ok()
}

/// Describes a [`Word`].
pub(crate) fn describe_word<W: Word>(defs: &mut Definitions) -> Value {
    defs.entry(W::NAME).or_insert_with(
        || json!({"type": "string", "description": W::ABOUT, "examples": W::EXAMPLES}),
    );
    reference(W::NAME)
}

/// Reads a [`Fixed`].
pub(crate) fn read_fixed<F: Fixed>(node: &Node, problems: &mut Problems) -> Option<F> {
    let words = F::ALL.iter().map(|(word, _, _)| *word);
    let Kind::Text(text) = &node.kind else {
        let remedy = format!("write one of {}", words.collect::<Vec<_>>().join(", "));
        wrong_kind(node, F::NAME, remedy, problems);
        return None;
    };
    let found = F::ALL.iter().find(|(word, _, _)| word == text);
    if found.is_none() {
        problems.add(
            node.at,
            format!("unknown {} {text:?}", F::NAME),
            did_you_mean(text, words),
        );
    }
    found.map(|(_, _, value)| *value)
}

/// The word for a value.
pub(crate) fn print_fixed<F: Fixed>(value: F) -> &'static str {
    let found = F::ALL.iter().find(|(_, _, it)| *it == value);
    found.expect("every value of a choice is in its table").0
}

/// Describes a [`Fixed`].
pub(crate) fn describe_fixed<F: Fixed>(defs: &mut Definitions) -> Value {
    defs.entry(F::NAME).or_insert_with(|| {
        let each =
            |(word, about, _): &(&str, &str, F)| json!({"const": word, "description": about});
        json!({"oneOf": F::ALL.iter().map(each).collect::<Vec<_>>()})
    });
    reference(F::NAME)
}

/// Points to a named schema.
pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{}", name.replace(' ', "-"))})
}

/// Says that a value is of another kind than it should be.
pub(crate) fn wrong_kind(
    node: &Node,
    wanted: &str,
    remedy: impl Into<String>,
    problems: &mut Problems,
) {
    let what = format!("{wanted} is expected here, not {}", node.called());
    if node.kind == Kind::Null {
        return problems.add(node.at, what, "leave the key out");
    }
    problems.add(node.at, what, remedy);
}

impl Form for String {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.kind {
            Kind::Text(text) => Some(text.clone()),
            _ => {
                wrong_kind(node, "a text", "put it in double quotes", problems);
                None
            }
        }
    }

    fn write(&self) -> Value {
        self.as_str().into()
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({"type": "string"})
    }
}

impl Form for bool {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match node.kind {
            Kind::Bool(it) => Some(it),
            _ => {
                wrong_kind(
                    node,
                    "a yes or no",
                    "write true or false, without quotes",
                    problems,
                );
                None
            }
        }
    }

    fn write(&self) -> Value {
        (*self).into()
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({"type": "boolean"})
    }
}

macro_rules! spelt_as_whole_number {
    ($($type:ty)*) => {$(
        impl Form for $type {
            fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
                let Kind::Number(digits) = &node.kind else {
                    wrong_kind(node, "a whole number", "write digits, without quotes", problems);
                    return None;
                };
                let read = digits.parse().ok();
                if read.is_none() {
                    let what = format!("{digits} is not a whole number from {} to {}", Self::MIN, Self::MAX);
                    problems.add(node.at, what, "write one within these bounds");
                }
                read
            }

            fn write(&self) -> Value {
                (*self).into()
            }

            fn schema(_: &mut Definitions) -> Value {
                json!({"type": "integer", "minimum": Self::MIN, "maximum": Self::MAX})
            }
        }
    )*};
}
spelt_as_whole_number!(u32 u64 i32);

/// A number counted from 1.
impl Form for NonZeroU32 {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let number = u32::read(node, problems)?;
        if number == 0 {
            problems.add(
                node.at,
                "0 stands where counting begins at 1",
                "write 1 or more",
            );
        }
        NonZeroU32::new(number)
    }

    fn write(&self) -> Value {
        self.get().into()
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({"type": "integer", "minimum": 1, "maximum": u32::MAX})
    }
}

impl<T: Form> Form for Option<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        T::read(node, problems).map(Some)
    }

    /// Nothing is written as `null`; a record leaves the key out.
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }

    fn schema(defs: &mut Definitions) -> Value {
        T::schema(defs)
    }
}

impl<T: Form> Form for Vec<T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Kind::List(items) = &node.kind else {
            wrong_kind(node, "a list", "put it in [ ]", problems);
            return None;
        };
        Some(
            items
                .iter()
                .filter_map(|item| T::read(item, problems))
                .collect(),
        )
    }

    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }

    fn schema(defs: &mut Definitions) -> Value {
        json!({"type": "array", "items": T::schema(defs)})
    }
}

impl<T: Form> Form for SortedMap<String, T> {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Kind::Object(entries) = &node.kind else {
            wrong_kind(node, "an object", "put it in { }", problems);
            return None;
        };
        let read = |entry: &super::json::Entry| {
            Some((entry.key.clone(), T::read(&entry.value, problems)?))
        };
        Some(entries.iter().filter_map(read).collect())
    }

    fn write(&self) -> Value {
        let entries = self.iter().map(|(key, value)| (key.clone(), value.write()));
        Value::Object(entries.collect::<Map<_, _>>())
    }

    fn schema(defs: &mut Definitions) -> Value {
        json!({"type": "object", "additionalProperties": T::schema(defs)})
    }
}

/// Any JSON: what belongs to someone else's format.
impl Form for Value {
    fn read(node: &Node, _: &mut Problems) -> Option<Self> {
        Some(node.plain())
    }

    fn write(&self) -> Value {
        self.clone()
    }

    fn schema(_: &mut Definitions) -> Value {
        json!(true)
    }
}

/// Which named schemas a schema points to, for a test that none is missing.
#[must_use]
pub fn references(schema: &Value) -> SortedSet<String> {
    match schema {
        Value::Object(entries) => {
            let own = entries
                .get("$ref")
                .and_then(Value::as_str)
                .map(str::to_string);
            entries.values().flat_map(references).chain(own).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => SortedSet::new(),
    }
}
