//! Names that the broker makes: a recording has `<gen:1>`, `<ctag:1>` in their places, numbered in
//! the order of their first appearance.

use serde_json::Value;

/// A kind of made name, and how a recording calls it.
const KINDS: [(&str, &str); 2] = [("amq.gen-", "gen"), ("amq.ctag-", "ctag")];

/// The names made so far in a case: the real one and the recorded one.
#[derive(Debug, Default)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// A step with the real names in the places of the recorded ones.
    pub fn real(&self, step: &Value) -> Value {
        map_texts(step, &mut |text| {
            let known = self.0.iter();
            known.fold(text.to_string(), |text, (real, shown)| {
                text.replace(shown, real)
            })
        })
    }

    /// What was heard, with the recorded names in the places of the real ones.
    pub fn shown(&mut self, heard: &Value) -> Value {
        map_texts(heard, &mut |text| self.rename(text))
    }

    fn rename(&mut self, text: &str) -> String {
        let mut text = text.to_string();
        for (prefix, kind) in KINDS {
            while let Some(at) = text.find(prefix) {
                let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
                let rest = &text[at + prefix.len()..];
                let length = rest.find(|c| !word(c)).unwrap_or(rest.len());
                if length == 0 {
                    // Not a made name, only one that begins like it.
                    break;
                }
                let real = text[at..at + prefix.len() + length].to_string();
                let shown = self.shown_for(&real, kind);
                text = text.replace(&real, &shown);
            }
        }
        text
    }

    fn shown_for(&mut self, real: &str, kind: &str) -> String {
        if let Some((_, shown)) = self.0.iter().find(|(known, _)| known == real) {
            return shown.clone();
        }
        let of_kind = format!("<{kind}:");
        let before = self
            .0
            .iter()
            .filter(|(_, shown)| shown.starts_with(&of_kind));
        let shown = format!("<{kind}:{}>", before.count() + 1);
        self.0.push((real.to_string(), shown.clone()));
        shown
    }
}

/// The same value with every text changed, keys of objects included.
fn map_texts(value: &Value, change: &mut impl FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(items) => items.iter().map(|item| map_texts(item, change)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(key, value)| (change(key), map_texts(value, change)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn made_names_are_numbered_as_they_appear_and_translated_back() {
        let mut names = Names::default();
        let heard =
            json!({"queue": "amq.gen-aB_-9", "text": "no queue 'amq.gen-zz' or amq.gen-aB_-9"});
        let shown = json!({"queue": "<gen:1>", "text": "no queue '<gen:2>' or <gen:1>"});
        assert_eq!(names.shown(&heard), shown);
        assert_eq!(names.shown(&json!("amq.ctag-x")), json!("<ctag:1>"));
        assert_eq!(names.real(&shown), heard);
    }
}
