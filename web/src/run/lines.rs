//! Events in words: the steps around them are run anew, and told.

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::kafka::topic::TopicPartition;
use glassmq_core::machine::Input;
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::shared::SortedMap;
use glassmq_sim::cast::{Cast, Fact};
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::fault::Fault;
use glassmq_sim::play::peers::Peers;
use serde_json::{Value, json};

use super::story::{Row, Story};
use super::told::Weight;
use super::words::{self, Language};

/// One event in words.
#[derive(Clone, Debug)]
pub struct Line {
    pub n: u32,
    pub row: Row,
    pub node: NodeId,
    /// One sentence, names marked.
    pub says: String,
    /// A word or two for a diagram.
    pub short: String,
    pub what: Deed,
}

/// What kind of thing happened, for pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Fact,
    /// A frame left for somebody.
    Sent {
        to: NodeId,
    },
    /// A frame arrived that was sent at another event.
    Arrived {
        from: NodeId,
        sent: EventId,
    },
    /// A frame that was sent at another event will not arrive.
    Lost {
        to: NodeId,
        sent: EventId,
    },
    /// A fault that kills.
    Crash,
    /// Another fault.
    Fault,
    /// A process started.
    Started,
    /// Records were cut off a log.
    Truncated {
        partition: TopicPartition,
        to: u64,
        from: u64,
        records: Vec<(u64, MessageId)>,
    },
    Other,
}

impl Line {
    /// `Event` of `scene.ts`.
    pub fn json(&self, language: Language) -> Value {
        let mut event = json!({"n": self.n, "at": self.row.at, "says": self.says});
        if matches!(self.what, Deed::Crash | Deed::Fault) {
            let text = match language {
                Language::En => "fault",
                Language::Zh => "故障",
            };
            event["tag"] = json!({"text": text, "tone": "fault"});
        }
        match self.row.weight {
            Weight::Key => event["weight"] = json!("key"),
            Weight::Quiet => event["weight"] = json!("quiet"),
            Weight::Plain => {}
        }
        event
    }
}

/// Events that are told at a time.
const CHUNK: u32 = 32;
/// At most so many chunks are kept; then the farthest from the cursor goes.
const KEPT: usize = 48;

/// What was told already: a step from event to event tells nothing anew.
#[derive(Debug, Default)]
pub struct Told {
    /// By language, and the number of the chunk.
    chunks: SortedMap<(u8, u32), Vec<Line>>,
}

impl Told {
    /// The events that must be told before these can be had, from the first to the last.
    pub fn missing(&self, from: u32, to: u32, language: Language) -> Option<(u32, u32)> {
        let is_missing = |chunk: &u32| !self.chunks.contains_key(&(language as u8, *chunk));
        let mut chunks = chunk_of(from)..=chunk_of(to);
        let first = chunks.clone().find(is_missing)?;
        let last = chunks.rfind(is_missing)?;
        Some((first * CHUNK + 1, (last + 1) * CHUNK))
    }

    /// Keeps what was told, from the start of a chunk.
    pub fn keep(&mut self, lines: Vec<Line>, n: u32, language: Language) {
        let mut lines = lines.into_iter().peekable();
        while let Some(first) = lines.peek() {
            let chunk = chunk_of(first.n);
            let own = std::iter::from_fn(|| lines.next_if(|line| chunk_of(line.n) == chunk));
            let own: Vec<Line> = own.collect();
            self.chunks.insert((language as u8, chunk), own);
        }
        let here = chunk_of(n);
        while self.chunks.len() > KEPT {
            let far = |(_, chunk): &&(u8, u32)| chunk.abs_diff(here);
            let farthest = self.chunks.keys().max_by_key(far).copied();
            self.chunks.remove(&farthest.unwrap_or_default());
        }
    }

    /// The run goes on after event `n`: the chunk that it is in was not whole.
    pub fn go_on(&mut self, n: u32) {
        self.chunks.retain(|(_, chunk), _| *chunk < chunk_of(n + 1));
    }

    /// The lines from one event to another that are known.
    pub fn lines(&self, from: u32, to: u32, language: Language) -> impl Iterator<Item = &Line> {
        let language = language as u8;
        let chunks = (language, chunk_of(from))..=(language, chunk_of(to));
        let lines = self.chunks.range(chunks).flat_map(|(_, lines)| lines);
        lines.filter(move |line| (from..=to).contains(&line.n))
    }

    /// One line, if it is known.
    pub fn line(&self, n: u32, language: Language) -> Option<&Line> {
        self.lines(n, n, language).next()
    }
}

fn chunk_of(n: u32) -> u32 {
    n.saturating_sub(1) / CHUNK
}

/// Tells the events with these numbers.
pub struct Teller<'a> {
    story: &'a Story,
    peers: Peers,
    language: Language,
    next: u32,
    last: u32,
    pub lines: Vec<Line>,
}

impl<'a> Teller<'a> {
    pub fn new(story: &'a Story, peers: Peers, language: Language, from: u32, to: u32) -> Self {
        Teller {
            story,
            peers,
            language,
            next: from,
            last: to,
            lines: Vec::new(),
        }
    }
}

impl Sink<Cast> for Teller<'_> {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        let Some(row) = self.story.row(self.next).copied() else {
            return;
        };
        if self.next > self.last || row.id != event.id {
            return;
        }
        let n = self.next;
        self.next += 1;
        let label = |id: MessageId| self.story.label(id);
        let context = words::Context {
            names: &self.story.names,
            peers: &self.peers,
            label: &label,
        };
        let says = words::sentence(event, &context, self.language);
        self.lines.push(Line {
            n,
            row,
            node: event.node,
            short: words::short(event, &says, &self.story.names),
            says,
            what: deed(event, &self.peers),
        });
    }
}

fn deed(event: &Event<'_, Cast>, peers: &Peers) -> Deed {
    match &event.what {
        What::Sent { link, .. } => Deed::Sent {
            to: peers.of(*link, event.node),
        },
        What::Lost { link, sent, .. } => Deed::Lost {
            to: peers.of(*link, event.node),
            sent: *sent,
        },
        What::Took {
            input: Input::Message { link, .. },
            ..
        } => Deed::Arrived {
            from: peers.of(*link, event.node),
            sent: event.cause,
        },
        What::Faulted { fault, .. } => match fault {
            Fault::Crash { .. } => Deed::Crash,
            _ => Deed::Fault,
        },
        What::Booted { .. } => Deed::Started,
        What::Fact { fact } => match fact {
            Fact::Kafka(KafkaFact::Replica(fact)) => match &fact.what {
                ReplicaWhat::Truncated {
                    to, from, messages, ..
                } => Deed::Truncated {
                    partition: fact.replica.partition.clone(),
                    to: *to,
                    from: *from,
                    records: messages.clone(),
                },
                _ => Deed::Fact,
            },
            _ => Deed::Fact,
        },
        _ => Deed::Other,
    }
}
