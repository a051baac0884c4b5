//! The events of a run that a person would tell, and what is learnt on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::machine::{Input, Parcel};
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_sim::cast::{Cast, Fact};
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::play::Play;
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::trace::Told;

use super::things::Things;

/// One event of the player.
#[derive(Clone, Debug)]
pub struct Line {
    /// The step it belongs to.
    pub step: u32,
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// One sentence, names marked.
    pub says: String,
    /// What a flag on the time line says.
    pub flag: String,
    pub fault: bool,
    /// A message went somewhere.
    pub hop: bool,
    /// Worth stopping at.
    pub interesting: bool,
}

/// The whole story.
#[derive(Clone, Debug)]
pub struct Story {
    pub names: Arc<Names>,
    pub lines: Vec<Line>,
    pub things: Things,
    pub digest: u64,
    /// What each check came to: where it is violated first, and how.
    pub verdicts: Vec<(&'static str, Option<(EventId, String)>)>,
    peers: Peers,
    /// The lines that programs ran: after which event, who, which line.
    runs: Vec<(u32, NodeId, u32)>,
    labels: BTreeMap<MessageId, u32>,
}

impl Story {
    pub fn new(names: Arc<Names>) -> Self {
        Story {
            names,
            lines: Vec::new(),
            things: Things::default(),
            digest: 0,
            verdicts: Vec::new(),
            peers: Peers::default(),
            runs: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    /// The run is over.
    pub fn close(&mut self, play: &Play) {
        self.digest = play.digests().whole();
        self.things.close(play);
        let verdicts = play.panel().finish(play.until());
        self.verdicts = verdicts
            .into_iter()
            .map(|verdict| {
                (
                    verdict.check.name(),
                    verdict.violation.map(|it| (it.at, it.says)),
                )
            })
            .collect();
    }

    /// A short name for a message, in the order in which they were sent: `m1`.
    pub fn label(&self, id: MessageId) -> String {
        match self.labels.get(&id) {
            Some(n) => format!("m{n}"),
            None => self.names.message(id),
        }
    }

    /// Which line a program ran after which event.
    pub fn runs_of(&self, name: &str) -> Vec<(u32, u32)> {
        let node = self.names.find(name);
        let runs = self.runs.iter().filter(|(_, who, _)| Some(*who) == node);
        runs.map(|(at, _, line)| (*at, *line)).collect()
    }

    fn note_line(&mut self, fact: &Fact) -> bool {
        let (node, line) = match fact {
            Fact::Rabbitmq(RabbitmqFact::Line { node, line }) => (*node, *line),
            Fact::Kafka(KafkaFact::Client(fact)) => match fact.what {
                ClientWhat::Line { line } => (fact.client, line),
                _ => return false,
            },
            _ => return false,
        };
        // The event that shows it is the next one told.
        self.runs.push((self.lines.len() as u32 + 1, node, line));
        true
    }

    fn note_message(&mut self, fact: &Fact) {
        let sent = match fact {
            Fact::Rabbitmq(RabbitmqFact::Sent { message, .. }) => *message,
            Fact::Kafka(KafkaFact::Client(fact)) => match &fact.what {
                ClientWhat::Sent { message, .. } => *message,
                _ => return,
            },
            _ => return,
        };
        let next = self.labels.len() as u32 + 1;
        self.labels.entry(sent).or_insert(next);
    }

    fn tell(&mut self, event: &Event<'_, Cast>) {
        let told = Told::of(event, &self.names, &self.peers);
        let node = self.names.of(event.node).to_string();
        let mut says = told.sentence();
        for message in told.messages.iter().rev() {
            let id = message.rsplit_once('/').and_then(|(client, n)| {
                let client = self.names.find(client)?;
                Some(MessageId {
                    client,
                    n: n.parse().ok()?,
                })
            });
            if let Some(id) = id {
                says = says.replace(message.as_str(), &format!("**{}**", self.label(id)));
            }
        }
        let says = match says.strip_prefix(&node) {
            Some(rest) => format!("**{node}**{rest}"),
            None => says,
        };
        let fault = matches!(event.what, What::Faulted { .. });
        let hop = matches!(event.what, What::Sent { .. })
            || matches!(
                &event.what,
                What::Took {
                    input: Input::Message { .. },
                    ..
                }
            );
        self.lines.push(Line {
            step: event.id.step,
            at: event.at,
            flag: says
                .strip_prefix("fault: ")
                .unwrap_or(&says)
                .replace("**", ""),
            fault,
            hop,
            interesting: fault || is_interesting(&event.what),
            says,
        });
    }
}

impl Sink<Cast> for Story {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.things.see(event);
        if let What::Fact { fact } = &event.what {
            self.note_message(fact);
            if self.note_line(fact) {
                return;
            }
        }
        if is_told(&event.what) {
            self.tell(event);
        }
    }
}

/// Facts, faults, the lives of processes and connections, and frames that carry messages.
fn is_told(what: &What<'_, Cast>) -> bool {
    let carries = |message: &glassmq_sim::cast::Wire| {
        let mut any = false;
        message.messages(&mut |_| any = true);
        any
    };
    match what {
        What::Fact { .. } | What::Faulted { .. } | What::Booted { .. } | What::Exited => true,
        What::Sent { message, .. } | What::Lost { message, .. } => carries(message),
        What::Took { input, .. } => match input {
            Input::Message { message, .. } => carries(message),
            Input::Disconnected { .. } | Input::Refused { .. } | Input::Stop => true,
            _ => false,
        },
        _ => false,
    }
}

/// What a person would not want to miss: a message comes or goes, somebody leads, something is
/// lost.
fn is_interesting(what: &What<'_, Cast>) -> bool {
    match what {
        What::Fact { fact } => {
            let words = fact.to_string();
            let telling = [
                "elected",
                "leads",
                "truncated",
                "ISR",
                "sent",
                "enqueued",
                "delivered",
                "got ",
                "returned",
                "acknowledged",
                "confirmed",
                "dropped",
                "requeued",
                "printed",
            ];
            telling.iter().any(|word| words.contains(word))
        }
        What::Booted { incarnation } => *incarnation > 0,
        What::Lost { .. } => true,
        _ => false,
    }
}
