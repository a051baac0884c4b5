//! The words for events. Sentences carry two marks: `**name**` and `` `setting` ``.

use glassmq_core::machine::{Input, Parcel};
use glassmq_core::names::MessageId;
use glassmq_sim::cast::Cast;
use glassmq_sim::event::{Event, What};
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::trace::Told;

/// The languages of readers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    En,
    Zh,
}

impl Language {
    /// By its tag; what is not known is English.
    pub fn of(tag: &str) -> Language {
        match tag.starts_with("zh") {
            true => Language::Zh,
            false => Language::En,
        }
    }
}

/// What a sentence needs to know of the run around its event.
pub struct Context<'a> {
    pub names: &'a Names,
    pub peers: &'a Peers,
    /// What a message is called.
    pub label: &'a dyn Fn(MessageId) -> String,
}

/// One sentence.
pub fn sentence(event: &Event<'_, Cast>, context: &Context<'_>, _: Language) -> String {
    let told = Told::of(event, context.names, context.peers);
    let node = context.names.of(event.node).to_string();
    let mut says = told.sentence();
    for message in told.messages.iter().rev() {
        let id = message.rsplit_once('/').and_then(|(client, n)| {
            let client = context.names.find(client)?;
            let n = n.parse().ok()?;
            Some(MessageId { client, n })
        });
        if let Some(id) = id {
            says = says.replace(message.as_str(), &format!("**{}**", (context.label)(id)));
        }
    }
    match says.strip_prefix(&node) {
        Some(rest) => format!("**{node}**{rest}"),
        None => says,
    }
}

/// A sentence without its marks.
pub fn plain(says: &str) -> String {
    let says = says.replace("**", "").replace('`', "");
    says.strip_prefix("fault: ")
        .map_or(says.clone(), String::from)
}

/// A word or two: the name of a frame; a sentence without who it is about.
pub fn short(event: &Event<'_, Cast>, context: &Context<'_>, language: Language) -> String {
    match &event.what {
        What::Sent { message, .. } | What::Lost { message, .. } => message.label().to_string(),
        What::Took {
            input: Input::Message { message, .. },
            ..
        } => message.label().to_string(),
        _ => {
            let says = sentence(event, context, language);
            let node = format!("**{}**", context.names.of(event.node));
            let rest = says.strip_prefix(&node).unwrap_or(&says);
            plain(rest.trim_start())
        }
    }
}
