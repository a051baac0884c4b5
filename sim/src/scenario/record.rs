//! Objects with known keys: one table for reading, writing and describing them.

use serde_json::{Map, Value, json};

use super::form::{Definitions, Form, reference, wrong_kind};
use super::json::{Entry, Kind, Node};
use super::problem::{Problems, Stretch, did_you_mean, nearest};

/// A type that is an object with known keys.
pub trait Record: Default + Clone {
    /// What people call it.
    const NAME: &'static str;
    /// What it is, in a sentence for the schema.
    const ABOUT: &'static str;
    /// Names every key with its meaning and its place. A key that may be left out has the value
    /// that [`Default`] gives it.
    fn fields(&mut self, fields: &mut Fields<'_>);
}

/// One of several things that differ in their keys: a kind of fault, of client.
pub trait Choice: Sized {
    /// What people call the choice.
    const NAME: &'static str;
    /// Every kind: the word that chooses it, its meaning, and an empty one.
    fn all() -> Vec<(&'static str, &'static str, Self)>;
    /// The word that chose this one.
    fn word(&self) -> &'static str;
    /// Names the keys of this kind.
    fn fields(&mut self, fields: &mut Fields<'_>);
}

/// What walks over the keys of a record, once for each task.
pub struct Fields<'a>(Task<'a>);

enum Task<'a> {
    Read(Reading<'a>),
    Write(Writing),
    Describe(Describing<'a>),
}

struct Reading<'a> {
    /// What people call the record: at first its name, then also its kind.
    name: String,
    at: Stretch,
    entries: &'a [Entry],
    known: Vec<String>,
    /// Keys that must be there and are not, with their meaning.
    missing: Vec<(&'static str, &'static str)>,
    /// No key chose among these words: said only if no unknown key explains it better.
    undecided: Option<(&'static str, String)>,
    problems: &'a mut Problems,
}

#[derive(Default)]
struct Writing {
    into: Map<String, Value>,
    /// What the keys that may be left out are when they are; `None` writes them all.
    defaults: Option<Map<String, Value>>,
}

struct Describing<'a> {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
    choices: Vec<Value>,
    defs: &'a mut Definitions,
}

impl<R: Record> Form for R {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Kind::Object(entries) = &node.kind else {
            wrong_kind(node, R::NAME, "put its keys in { }", problems);
            return None;
        };
        let mut record = R::default();
        let mut fields = Fields(Task::Read(Reading {
            name: R::NAME.to_string(),
            at: node.at,
            entries,
            known: Vec::new(),
            missing: Vec::new(),
            undecided: None,
            problems,
        }));
        record.fields(&mut fields);
        if let Task::Read(reading) = fields.0 {
            reading.finish();
        }
        Some(record)
    }

    fn write(&self) -> Value {
        let defaults = written(None, |fields| R::default().fields(fields));
        Value::Object(written(Some(defaults), |fields| {
            self.clone().fields(fields)
        }))
    }

    fn schema(defs: &mut Definitions) -> Value {
        if !defs.contains_key(R::NAME) {
            // A record may contain itself: the name is taken before its keys are described.
            defs.insert(R::NAME, Value::Null);
            let mut schema = described(defs, |fields| R::default().fields(fields));
            let closed = match schema.contains_key("allOf") {
                true => "unevaluatedProperties",
                false => "additionalProperties",
            };
            schema.insert("type".into(), json!("object"));
            schema.insert("description".into(), json!(R::ABOUT));
            schema.insert(closed.into(), json!(false));
            defs.insert(R::NAME, Value::Object(schema));
        }
        reference(R::NAME)
    }
}

/// Writes a record with every key that has a value, whatever it would be if it were left out: for
/// readers that do not know what stands for a missing key here.
pub(crate) fn spelt_out<R: Record>(record: &R) -> Value {
    Value::Object(written(None, |fields| record.clone().fields(fields)))
}

/// The object that a walk writes.
fn written(
    defaults: Option<Map<String, Value>>,
    walk: impl FnOnce(&mut Fields<'_>),
) -> Map<String, Value> {
    let into = Map::new();
    let mut fields = Fields(Task::Write(Writing { into, defaults }));
    walk(&mut fields);
    match fields.0 {
        Task::Write(writing) => writing.into,
        _ => unreachable!("a walk keeps its task"),
    }
}

/// The schema that a walk describes: `properties`, `required` and the choices.
fn described(defs: &mut Definitions, walk: impl FnOnce(&mut Fields<'_>)) -> Map<String, Value> {
    let mut fields = Fields(Task::Describe(Describing {
        properties: Map::new(),
        required: Vec::new(),
        choices: Vec::new(),
        defs,
    }));
    walk(&mut fields);
    let Task::Describe(it) = fields.0 else {
        unreachable!("a walk keeps its task");
    };
    let mut schema = Map::new();
    schema.insert("properties".into(), Value::Object(it.properties));
    if !it.required.is_empty() {
        schema.insert("required".into(), json!(it.required));
    }
    if !it.choices.is_empty() {
        schema.insert("allOf".into(), Value::Array(it.choices));
    }
    schema
}

impl Fields<'_> {
    /// A key that must be there.
    pub fn need<T: Form>(&mut self, key: &'static str, about: &'static str, place: &mut T) {
        if let Task::Read(reading) = &mut self.0
            && reading.entry(key).is_none()
        {
            reading.missing.push((key, about));
        }
        if let Task::Describe(describing) = &mut self.0 {
            describing.required.push(key);
        }
        self.field(key, about, place, false);
    }

    /// A key that may be left out; then the value stays as it is.
    pub fn may<T: Form>(&mut self, key: &'static str, about: &'static str, place: &mut T) {
        self.field(key, about, place, true);
    }

    fn field<T: Form>(&mut self, key: &'static str, about: &str, place: &mut T, optional: bool) {
        match &mut self.0 {
            Task::Read(reading) => {
                reading.known.push(key.to_string());
                if let Some(entry) = reading.entry(key)
                    && let Some(value) = T::read(&entry.value, reading.problems)
                {
                    *place = value;
                }
            }
            Task::Write(writing) => {
                let value = place.write();
                let default = writing.defaults.as_ref().and_then(|all| all.get(key));
                let left_out = value.is_null() || default == Some(&value);
                if !(optional && left_out) {
                    writing.into.insert(key.to_string(), value);
                }
            }
            Task::Describe(describing) => {
                let mut schema = match T::schema(describing.defs) {
                    Value::Object(schema) => schema,
                    _ => Map::new(),
                };
                schema.insert("description".into(), json!(about));
                let default = place.write();
                if optional && !default.is_null() {
                    schema.insert("default".into(), default);
                }
                describing
                    .properties
                    .insert(key.to_string(), Value::Object(schema));
            }
        }
    }

    /// One of several kinds, chosen by which key is there.
    pub fn by_key<C: Choice>(&mut self, place: &mut C) {
        match &mut self.0 {
            Task::Read(reading) => {
                let Some(chosen) = reading.chosen::<C>() else {
                    return;
                };
                *place = chosen;
                place.fields(self);
            }
            Task::Write(_) => self.write_choice(place),
            Task::Describe(describing) => {
                let each = |(_, about, mut empty): (_, &str, C)| {
                    let mut schema = described(describing.defs, |fields| empty.fields(fields));
                    schema.insert("description".into(), json!(about));
                    Value::Object(schema)
                };
                let kinds: Vec<Value> = C::all().into_iter().map(each).collect();
                describing.choices.push(json!({"oneOf": kinds}));
            }
        }
    }

    /// One of several kinds, chosen by the text under a key.
    pub fn by_tag<C: Choice>(&mut self, key: &'static str, about: &'static str, place: &mut C) {
        match &mut self.0 {
            Task::Read(reading) => {
                reading.known.push(key.to_string());
                let Some(chosen) = reading.tagged::<C>(key, about) else {
                    return;
                };
                *place = chosen;
                place.fields(self);
            }
            Task::Write(writing) => {
                writing.into.insert(key.to_string(), place.word().into());
                self.write_choice(place);
            }
            Task::Describe(describing) => {
                let each = |(word, about, mut empty): (&str, &str, C)| {
                    let mut schema = described(describing.defs, |fields| empty.fields(fields));
                    schema.insert("description".into(), json!(about));
                    schema["properties"][key] = json!({"const": word});
                    Value::Object(schema)
                };
                let kinds: Vec<Value> = C::all().into_iter().map(each).collect();
                describing.choices.push(json!({"oneOf": kinds}));
                describing.required.push(key);
                let words: Vec<&str> = C::all().iter().map(|(word, _, _)| *word).collect();
                let tag = json!({"enum": words, "description": about});
                describing.properties.insert(key.to_string(), tag);
            }
        }
    }

    fn write_choice<C: Choice>(&mut self, place: &mut C) {
        if let Task::Write(writing) = &mut self.0
            && let Some(defaults) = &mut writing.defaults
            && let Some(mut empty) = empty_of::<C>(place.word())
        {
            defaults.append(&mut written(None, |fields| empty.fields(fields)));
        }
        place.fields(self);
    }
}

/// The empty one of a kind.
fn empty_of<C: Choice>(word: &str) -> Option<C> {
    let found = C::all().into_iter().find(|(it, _, _)| *it == word);
    found.map(|(_, _, empty)| empty)
}

/// All keys that any kind of a choice has.
fn keys_of<C: Choice>() -> Vec<String> {
    let keys = |(_, _, mut empty): (_, _, C)| {
        let mut defs = Definitions::new();
        let mut schema = described(&mut defs, |fields| empty.fields(fields));
        match schema.remove("properties") {
            Some(Value::Object(properties)) => properties.into_iter().map(|(key, _)| key).collect(),
            _ => Vec::new(),
        }
    };
    C::all().into_iter().flat_map(keys).collect()
}

impl<'a> Reading<'a> {
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The kind whose word is a key here. Two are one too many; none is a problem, too.
    fn chosen<C: Choice>(&mut self) -> Option<C> {
        let words: Vec<&'static str> = C::all().iter().map(|(word, _, _)| *word).collect();
        let mut present = self
            .entries
            .iter()
            .filter(|e| words.contains(&e.key.as_str()));
        let Some(first) = present.next() else {
            self.known.extend(keys_of::<C>());
            self.undecided = Some((C::NAME, words.join(", ")));
            return None;
        };
        for other in present {
            let what = format!("{:?} and {:?} do not go together", first.key, other.key);
            self.problems.add(other.key_at, what, "keep one of them");
            self.known.push(other.key.clone());
        }
        if self.name == C::NAME {
            self.name = format!("{} {:?}", C::NAME, first.key);
        }
        empty_of(&first.key)
    }

    /// The kind whose word is the text under `key`.
    fn tagged<C: Choice>(&mut self, key: &'static str, about: &'static str) -> Option<C> {
        let found: Option<C> = match self.entry(key) {
            None => {
                self.missing.push((key, about));
                None
            }
            Some(entry) => self.tag(&entry.value, about),
        };
        match &found {
            Some(chosen) => self.name = format!("{} {:?}", C::NAME, chosen.word()),
            None => self.known.extend(keys_of::<C>()),
        }
        found
    }

    fn tag<C: Choice>(&mut self, value: &Node, about: &str) -> Option<C> {
        let Kind::Text(word) = &value.kind else {
            wrong_kind(value, "a text", about, self.problems);
            return None;
        };
        let found = empty_of::<C>(word);
        if found.is_none() {
            let all = C::all();
            let words = all.iter().map(|(word, _, _)| *word);
            let what = format!("unknown {} {word:?}", C::NAME);
            self.problems.add(value.at, what, did_you_mean(word, words));
        }
        found
    }

    /// Reports the keys that nobody knows, and those that are missing and not merely misspelt.
    fn finish(self) {
        let unknown = |entry: &&Entry| !self.known.contains(&entry.key);
        let free = self
            .known
            .iter()
            .filter(|known| self.entry(known).is_none());
        let free: Vec<&str> = free.map(String::as_str).collect();
        let mut meant = Vec::new();
        for entry in self.entries.iter().filter(unknown) {
            meant.extend(nearest(&entry.key, free.iter().copied()));
            let remedy = did_you_mean(&entry.key, free.iter().copied());
            let what = format!("unknown key {:?} in {}", entry.key, self.name);
            self.problems.add(entry.key_at, what, remedy);
        }
        for (key, about) in self.missing.iter().filter(|(key, _)| !meant.contains(key)) {
            let remedy = format!("add {key:?}: {}", about.trim_end_matches('.'));
            self.problems
                .add(self.at, format!("{} lacks {key:?}", self.name), remedy);
        }
        if let (true, Some((choice, words))) = (meant.is_empty(), self.undecided) {
            let what = format!("{} lacks the key that says which {choice} it is", self.name);
            self.problems
                .add(self.at, what, format!("add one of {words}"));
        }
    }
}
