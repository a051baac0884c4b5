//! A sentence for people, in the languages of the player.

use super::record::{Fields, Record};

/// The same sentence in English and in Chinese.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese; if empty, the English one is shown.
    pub zh: String,
}

impl Record for Text {
    const NAME: &'static str = "bilingual text";
    const ABOUT: &'static str = "A sentence for people, in English and in Chinese.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("en", "In English.", &mut self.en);
        f.may("zh", "In Chinese.", &mut self.zh);
    }
}
