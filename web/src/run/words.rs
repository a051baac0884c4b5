//! The words for events, in the language of the reader.

use glassmq_core::machine::{Input, Parcel};
use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, What};
use glassmq_sim::play::names::Names;
pub use glassmq_sim::words::{Context, Language, flag, plain, sentence};

/// A language by its tag; what is not known is English.
pub fn language(tag: &str) -> Language {
    match tag.starts_with("zh") {
        true => Language::Zh,
        false => Language::En,
    }
}

/// A word or two: the name of a frame; its sentence without who it is about.
pub fn short(event: &Event<'_, Cast>, says: &str, names: &Names) -> String {
    match &event.what {
        What::Sent { message, .. } | What::Lost { message, .. } => message.label().to_string(),
        What::Took {
            input: Input::Message { message, .. },
            ..
        } => message.label().to_string(),
        _ => {
            let node = format!("**{}**", names.of(event.node));
            let rest = says.strip_prefix(&node).unwrap_or(says);
            plain(rest.trim_start())
        }
    }
}
