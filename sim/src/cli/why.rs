//! `glassmq why`: tells what led to something, in a few lines.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::subject::Told as _;
use serde_json::{Value, json};

use super::ready::Ready;
use super::stop::Stop;
use super::words::{moment, word};
use super::{OK, Streams};
use crate::cast::Cast;
use crate::causality::{Because, Causality, Target};
use crate::check::Verdict;
use crate::event::{Event, EventId, Sink, What};
use crate::export::mermaid;
use crate::play::names::Names;
use crate::play::peers::Peers;
use crate::play::{Desk, Play};
use crate::scenario::form::{Word, Wrong};
use crate::scenario::pattern::MessageRef;
use crate::scenario::problem::did_you_mean;
use crate::trace::{Told, ToldWhat};

/// Tell what led to a message's fate, to an event, or to the first violated check.
#[derive(Args)]
pub struct Why {
    /// A scenario, a run file, or a link in quotes.
    #[arg(value_name = "FILE")]
    file: String,
    /// What became of this message: shop/17.
    #[arg(long, value_parser = word::<MessageRef>, conflicts_with = "event")]
    message: Option<MessageRef>,
    /// What led to this event: 903.2.
    #[arg(long)]
    event: Option<EventId>,
    /// Decide chance by another seed.
    #[arg(long)]
    seed: Option<u64>,
    /// Draw it as a Mermaid sequence diagram.
    #[arg(long, conflicts_with = "json")]
    mermaid: bool,
}

/// What is asked about, found in the run.
enum Asked {
    Message(MessageId),
    Event(EventId),
    Check(Verdict),
}

impl Why {
    pub(super) fn run(self, streams: &mut Streams<'_>) -> Result<u8, Stop> {
        let ready = Ready::open(&self.file, self.seed, streams)?;
        let mut play = ready.play()?;
        let mut audience = Audience {
            event: self.event,
            ..Audience::default()
        };
        let mut desk = Desk::default();
        while play.step(&mut desk, &mut audience) {}
        ready.compare(&play, streams)?;
        let asked = self.asked(&play, &audience)?;
        let causes = audience.causality.why(asked.target(), play.names());
        let mut lines = Lines::new(&causes, &asked, play.names());
        // What was said is not kept: the run says it again.
        let mut again = ready.play()?;
        while again.step(&mut desk, &mut lines) {}
        let lines: Vec<Line> = lines.found.into_values().flatten().collect();
        if streams.json {
            let lines: Vec<Value> = lines.iter().map(Line::json).collect();
            let of = asked.name(play.names());
            writeln!(streams.out, "{}", json!({"of": of, "because": lines}))?;
        } else if self.mermaid {
            write!(streams.out, "{}", diagram(&lines))?;
        } else {
            let (bold, name) = (Style::new().bold(), asked.name(play.names()));
            writeln!(streams.out, "{bold}{name}{bold:#}")?;
            lines.iter().try_for_each(|line| line.tell(streams.out))?;
        }
        Ok(OK)
    }

    fn asked(&self, play: &Play, audience: &Audience) -> Result<Asked, Stop> {
        match (&self.message, self.event) {
            (Some(message), _) => find(message, play, audience).map(Asked::Message),
            (None, Some(event)) if audience.seen => Ok(Asked::Event(event)),
            (None, Some(event)) => {
                let steps = play.stage().steps();
                let what = format!("the run has {steps} steps, and no event {event}");
                let remedy = "take one that `glassmq run --trace` shows";
                Err(Stop::argument("--event", Wrong::new(what, remedy)))
            }
            (None, None) => {
                let verdicts = play.panel().finish(play.until());
                let violated = verdicts.into_iter().find(|it| it.violation.is_some());
                violated.map(Asked::Check).ok_or_else(|| {
                    let what = "every check holds, so it is not clear what to explain";
                    let remedy = "name a message (--message shop/17) or an event (--event 903.2)";
                    Stop::argument(&self.file, Wrong::new(what, remedy))
                })
            }
        }
    }
}

/// The message that was meant, if it was ever sent.
fn find(message: &MessageRef, play: &Play, audience: &Audience) -> Result<MessageId, Stop> {
    let given = format!("--message {}", message.print());
    let MessageRef { client, n } = message;
    let names = play.names();
    let sent = names.find(client).and_then(|it| audience.sent.get(&it));
    match (names.find(client), sent) {
        (Some(client), Some(count)) if n < count => Ok(MessageId { client, n: *n }),
        (_, Some(count)) => {
            let what = format!("the last message that {client} sent is {}", count - 1);
            let remedy = format!("take one from {client}/0 to {client}/{}", count - 1);
            Err(Stop::argument(given, Wrong::new(what, remedy)))
        }
        (_, None) => {
            let what = format!("{client:?} sent nothing");
            let senders = audience.sent.keys().map(|node| names.of(*node));
            let remedy = did_you_mean(client, senders);
            Err(Stop::argument(given, Wrong::new(what, remedy)))
        }
    }
}

impl Asked {
    fn target(&self) -> Target<'_> {
        match self {
            Asked::Message(id) => Target::Message(*id),
            Asked::Event(id) => Target::Event(*id),
            Asked::Check(verdict) => {
                let violation = verdict.violation.as_ref();
                Target::Violation(violation.expect("only a violated check is asked about"))
            }
        }
    }

    fn name(&self, names: &Names) -> String {
        match self {
            Asked::Message(id) => names.message(*id),
            Asked::Event(id) => id.to_string(),
            Asked::Check(Verdict { check, violation }) => {
                let says = violation.as_ref().map_or("", |it| &it.says);
                format!("{}: {says}", check.name())
            }
        }
    }
}

/// Follows the causes, and what one may ask about.
#[derive(Default)]
struct Audience {
    causality: Causality,
    /// How many messages each client sent.
    sent: BTreeMap<NodeId, u32>,
    event: Option<EventId>,
    /// Whether that event happened.
    seen: bool,
}

impl Sink<Cast> for Audience {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.causality.see(event);
        self.seen |= self.event == Some(event.id);
        if let What::Fact { fact } = &event.what {
            fact.messages(&mut |id| {
                let count = self.sent.entry(id.client).or_default();
                *count = (*count).max(id.n + 1);
            });
        }
    }
}

/// A cause, as it is written.
struct Line {
    because: Option<Because>,
    event: Told,
}

/// The lines of an answer, each found when its event happens again.
struct Lines {
    causes: BTreeMap<EventId, Because>,
    found: BTreeMap<EventId, Option<Line>>,
    names: Rc<Names>,
    peers: Peers,
}

impl Lines {
    fn new(causes: &[Because], asked: &Asked, names: &Rc<Names>) -> Lines {
        let asked = match asked {
            Asked::Event(id) => Some(*id),
            Asked::Message(_) | Asked::Check(_) => None,
        };
        let events = causes.iter().map(|it| it.event).chain(asked);
        Lines {
            causes: causes.iter().map(|it| (it.event, it.clone())).collect(),
            found: events.map(|id| (id, None)).collect(),
            names: names.clone(),
            peers: Peers::default(),
        }
    }
}

impl Sink<Cast> for Lines {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        if let Some(line) = self.found.get_mut(&event.id) {
            *line = Some(Line {
                because: self.causes.remove(&event.id),
                event: Told::of(event, &self.names, &self.peers),
            });
        }
    }
}

impl Line {
    /// The part it plays; for the event that was asked about and plays none, itself.
    fn says(&self) -> String {
        match &self.because {
            Some(because) => because.says.clone(),
            None => self.event.sentence().to_string(),
        }
    }

    /// What was told there, in the broker's words, where those tell more.
    fn fact(&self) -> Option<&str> {
        match &self.event.what {
            ToldWhat::Fact { says, .. } if says.contains(' ') => Some(says),
            _ => None,
        }
    }

    fn rule(&self) -> Option<&'static str> {
        self.because.as_ref().and_then(|it| it.rule)
    }

    fn tell(&self, to: &mut dyn io::Write) -> io::Result<()> {
        let dim = AnsiColor::BrightBlack.on_default();
        let (time, id) = (moment(self.event.at), &self.event.id);
        write!(to, "{dim}{time}  {id:>9}{dim:#}  {}", self.says())?;
        if let Some(rule) = self.rule() {
            let strong = AnsiColor::Yellow.on_default();
            write!(to, " {strong}[{rule}]{strong:#}")?;
        }
        match self.fact() {
            Some(fact) => writeln!(to, "{dim}: {fact}{dim:#}"),
            None => writeln!(to),
        }
    }

    fn json(&self) -> Value {
        let Told { id, at, node, .. } = &self.event;
        let role = self.because.as_ref().map(|it| it.role);
        json!({
            "event": id, "at": at, "node": node, "role": role,
            "says": self.says(), "rule": self.rule(), "fact": self.fact(),
        })
    }
}

/// The lines as notes of a sequence diagram: arrows would claim more than is known.
fn diagram(lines: &[Line]) -> String {
    let mut nodes: Vec<&str> = lines.iter().map(|it| it.event.node.as_str()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut text = mermaid::head(nodes.iter().copied());
    for line in lines {
        let place = nodes.iter().position(|it| *it == line.event.node);
        let rule = line.rule().map_or(String::new(), |it| format!(" [{it}]"));
        let note = format!("{} {}{rule}", moment(line.event.at).trim(), line.says());
        text += &mermaid::note(place.unwrap_or(0), &note);
    }
    text
}
