//! The marks in a sentence: `**name**` and `` `setting` ``.

use std::borrow::Cow;

/// The name of a thing. One that would be taken for marks itself is shown as a setting.
pub(super) fn bold(name: &str) -> String {
    if name.contains('*') {
        return mono(name);
    }
    between("**", name)
}

/// A key, a setting, a code: something to be read letter by letter. Long ones are cut.
pub(super) fn mono(text: &str) -> String {
    let cut = cut(text);
    if cut.contains('`') {
        return cut.into_owned();
    }
    between("`", &cut)
}

/// A text between two marks. Each sentence has several.
fn between(mark: &str, text: &str) -> String {
    let mut marked = String::with_capacity(text.len() + 2 * mark.len());
    marked.push_str(mark);
    marked.push_str(text);
    marked.push_str(mark);
    marked
}

/// What still fits beside the rest of a sentence.
const LONGEST: usize = 60;

fn cut(text: &str) -> Cow<'_, str> {
    let line = text.lines().next().unwrap_or_default();
    let fits = line.len() <= LONGEST || line.chars().count() <= LONGEST;
    if fits && line.len() == text.len() {
        return line.into();
    }
    let kept: String = line.chars().take(LONGEST - 1).collect();
    format!("{}…", kept.trim_end()).into()
}

/// A sentence without its marks.
#[must_use]
pub fn plain(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'*' | b'`')) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("**") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix('`')
            && let Some((inside, after)) = after.split_once('`')
        {
            out.push_str(inside);
            rest = after;
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_away_and_what_they_hold_stays() {
        let text = format!("{} matched {}", bold("logs"), mono("*.error"));
        assert_eq!(text, "**logs** matched `*.error`");
        assert_eq!(plain(&text), "logs matched *.error");
        assert_eq!(plain(&mono("a.**")), "a.**");
        assert_eq!(plain(&bold("a**b")), "a**b");
        assert_eq!(plain("2 * 3, a ` alone"), "2 * 3, a ` alone");
    }

    #[test]
    fn long_texts_are_cut_and_only_their_first_line_is_shown() {
        assert_eq!(mono("one\ntwo"), "`one…`");
        let long = mono(&"x".repeat(100));
        assert_eq!(plain(&long).chars().count(), LONGEST);
    }
}
