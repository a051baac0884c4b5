//! What a person did to a run, as a link writes it: `crash:kafka-1@s903`, `cut:a~b+c,for=5s@8.5s`.
//!
//! The text is the fault's own JSON in another dress: the word that says what it is, its value
//! behind a colon, the other keys behind commas, and `@` with the place in the run. A flag stands
//! without a value; `+` joins several processes, `~` parts two sides; what has a meaning here is
//! percent-encoded inside a name.

use serde_json::{Map, Value};

use super::fault::Adversity;
use super::form::{Form, Word, Wrong, spelt_as_word};
use super::json;
use super::problem::Problems;
use super::record::{Fields, Record};
use super::time::Time;

/// A fault that a person brought about, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intervention {
    /// What.
    pub what: Adversity,
    /// After how long the inverse is done; if not given, never.
    pub lasting: Option<Time>,
    /// Where in the run.
    pub before: Before,
}

/// A place in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Before a step of the run so far.
    Step(u64),
    /// Before the first step at a time or later.
    Time(Time),
}

/// The fault alone, with the keys it has in a scenario.
#[derive(Clone, Default)]
struct Deed {
    what: Adversity,
    lasting: Option<Time>,
}

spelt_as_word!(Intervention);

impl Record for Deed {
    const NAME: &'static str = "fault";
    const ABOUT: &'static str = "A fault that a person brought about.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.by_key(&mut self.what);
        f.may(
            "for",
            "After how long the inverse is done.",
            &mut self.lasting,
        );
    }
}

impl Word for Intervention {
    const NAME: &'static str = "intervention at a place";
    const ABOUT: &'static str = "What a person did to a run: a fault and its place, before a step \
        (`@s903`) or a time (`@8.5s`).";
    const EXAMPLES: &'static [&'static str] = &[
        "crash:kafka-1@s903",
        "cut:kafka-1~kafka-2+kafka-3,one_way,for=5s@8.5s",
    ];

    fn parse(text: &str) -> Result<Self, Wrong> {
        let no_place = || {
            let remedy = "end it with a step or a time, such as \"@s903\" or \"@8.5s\"";
            Wrong::new(format!("{text:?} does not say where in the run"), remedy)
        };
        let (deed, place) = text.rsplit_once('@').ok_or_else(no_place)?;
        let before = match place.strip_prefix('s').map(str::parse) {
            Some(Ok(step)) => Before::Step(step),
            Some(Err(_)) => return Err(no_place()),
            None => Before::Time(Time::parse(place)?),
        };
        let deed = read_deed(deed)?;
        Ok(Intervention {
            what: deed.what,
            lasting: deed.lasting,
            before,
        })
    }

    fn print(&self) -> String {
        let deed = Deed {
            what: self.what.clone(),
            lasting: self.lasting,
        };
        let two_sides = self.what.sides().len() == 2;
        let mut text = String::new();
        if let Value::Object(keys) = deed.write() {
            for (i, (key, value)) in keys.iter().enumerate() {
                let (comma, mark) = if i == 0 { ("", ':') } else { (",", '=') };
                text.push_str(comma);
                text.push_str(key);
                if *value != Value::Bool(true) {
                    text.push(mark);
                    text.push_str(&print_value(value, two_sides));
                }
            }
        }
        match self.before {
            Before::Step(step) => format!("{text}@s{step}"),
            Before::Time(time) => format!("{text}@{}", time.print()),
        }
    }
}

fn read_deed(text: &str) -> Result<Deed, Wrong> {
    let mut keys = Map::new();
    for (i, part) in text.split(',').enumerate() {
        let mark = if i == 0 { ':' } else { '=' };
        let (key, value) = match part.split_once(mark) {
            Some((key, value)) => (key, parse_value(value)?),
            None => (part, Value::Bool(true)),
        };
        if keys.insert(key.to_string(), value).is_some() {
            return Err(Wrong::new(
                format!("{key:?} is given twice"),
                "keep one of them",
            ));
        }
    }
    let mut problems = Problems::default();
    let json = Value::Object(keys).to_string();
    let deed = json::parse(&json)
        .ok()
        .and_then(|node| Deed::read(&node, &mut problems));
    // Places in the text between would mislead.
    match (deed, problems.list(&json).into_iter().next()) {
        (Some(deed), None) => Ok(deed),
        (_, Some(problem)) => Err(Wrong::new(problem.what, problem.remedy)),
        (None, None) => Err(Wrong::new(
            format!("{text:?} is no intervention"),
            Intervention::EXAMPLES[0],
        )),
    }
}

fn print_value(value: &Value, two_sides: bool) -> String {
    match value {
        Value::Array(sides) if two_sides => {
            sides.iter().map(print_side).collect::<Vec<_>>().join("~")
        }
        _ => print_side(value),
    }
}

fn print_side(value: &Value) -> String {
    match value {
        Value::Array(several) => several.iter().map(print_side).collect::<Vec<_>>().join("+"),
        Value::String(text) => escape(text),
        _ => value.to_string(),
    }
}

fn parse_value(text: &str) -> Result<Value, Wrong> {
    match text.contains('~') {
        true => text.split('~').map(parse_side).collect(),
        false => parse_side(text),
    }
}

/// Digits alone are a number: no name begins with one, and no time ends with one.
fn parse_side(text: &str) -> Result<Value, Wrong> {
    if text.contains('+') && !text.starts_with('+') {
        return text.split('+').map(parse_side).collect();
    }
    if text
        .strip_prefix('-')
        .unwrap_or(text)
        .bytes()
        .all(|b| b.is_ascii_digit())
        && let Ok(number) = text.parse::<i64>()
    {
        return Ok(number.into());
    }
    unescape(text).map(Value::String)
}

/// Keeps what has no meaning in an address or here; a shift of a clock may begin with `+`.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for (i, byte) in text.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if plain || (byte == b'+' && i == 0) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

fn unescape(text: &str) -> Result<String, Wrong> {
    let wrong = || {
        Wrong::new(
            format!("{text:?} is broken"),
            "write % and two digits (0-9, A-F) for a byte",
        )
    };
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|it| char::from(it).to_digit(16));
        let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| wrong())?);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interventions_are_read_and_written_alike() {
        for text in [
            "crash:kafka-1@s903",
            "crash:kafka-1,lose=power,after_effects=2@s0",
            "cut:kafka-1~kafka-2+kafka-3,one_way,for=5s@8500ms",
            "cut:minority~rest@1s",
            "heal:all@s7",
            "pause:leader%20of%20orders-0@s7",
            "skew:rabbit-1,by=+2s@s7",
            "skew:rabbit-1,by=-2s@s7",
            "rate:rabbit-1,ppm=-200@s7",
            "pause:rabbit-1+rabbit-2@s7",
        ] {
            let read = Intervention::parse(text).unwrap_or_else(|it| panic!("{text}: {it:?}"));
            assert_eq!(read.print(), text);
        }
    }

    #[test]
    fn what_cannot_be_taken_is_said() {
        for (text, what) in [
            (
                "crash:kafka-1",
                "\"crash:kafka-1\" does not say where in the run",
            ),
            (
                "crash:kafka-1@sx",
                "\"crash:kafka-1@sx\" does not say where in the run",
            ),
            ("crash:kafka-1@-1s", "\"-1s\" is negative"),
            ("crahs:kafka-1@s1", "unknown key \"crahs\" in fault"),
            (
                "crash:kafka-1,loose=power@s1",
                "unknown key \"loose\" in fault \"crash\"",
            ),
            ("crash:%4@s1", "\"%4\" is broken"),
            ("crash:a,crash=b@s1", "\"crash\" is given twice"),
        ] {
            assert_eq!(Intervention::parse(text).unwrap_err().what, what);
        }
    }
}
