//! The events of a run that a person would tell: where they are, and how much they matter.
//!
//! A row for each, no sentence: sentences are had again by running the steps of interest anew.

use std::mem::{Discriminant, discriminant};
use std::rc::Rc;

use glassmq_core::kafka::fact::Fact as KafkaFact;
use glassmq_core::kafka::fact::client::ClientWhat;
use glassmq_core::kafka::fact::replica::ReplicaWhat;
use glassmq_core::names::{MessageId, Name, NodeId};
use glassmq_core::rabbitmq::fact::Fact as RabbitmqFact;
use glassmq_core::shared::Map;
use glassmq_core::subject::{Place, Subject, Told as _};
use glassmq_sim::cast::{Cast, Fact};
use glassmq_sim::causality::Causality;
use glassmq_sim::check::Verdict;
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::fault::Fault;
use glassmq_sim::ledger::Bucket;
use glassmq_sim::play::Play;
use glassmq_sim::play::names::Names;
use glassmq_sim::play::peers::Peers;
use glassmq_sim::play::seen::Seen;
use glassmq_sim::trace::Quiet;

use super::cones::Steps;
use super::history::{Belief, Cut};
use super::things::Things;
use super::told::{Weight, weigh};
use super::words::{self, Language};

/// One event of the player.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its place in the run.
    pub id: EventId,
    /// When, in microseconds of virtual time.
    pub at: u64,
    /// Where.
    pub node: NodeId,
    /// The queue, exchange, partition or group that it is about, among the story's subjects.
    pub about: Option<u16>,
    /// How much it matters.
    pub weight: Weight,
    /// A message went somewhere.
    pub hop: bool,
}

/// The whole story.
#[derive(Clone, Debug)]
pub struct Story {
    pub names: Rc<Names>,
    pub rows: Vec<Row>,
    pub things: Things,
    pub causality: Causality,
    pub steps: Steps,
    pub cuts: Vec<Cut>,
    pub beliefs: Vec<Belief>,
    /// How many messages applications have got.
    pub received: u64,
    /// What the step showed, for those who wait for something.
    seen: Option<Vec<(Seen, u32)>>,
    /// What events are about, by name.
    subjects: Vec<Name>,
    pub digest: u64,
    /// How many messages are lost at the end.
    pub lost: u64,
    /// What flags on the time line say, in each language.
    pub flags: Vec<(u32, [String; 2])>,
    /// What each check came to.
    pub verdicts: Vec<Verdict>,
    /// The lines that programs ran: after which event, who, which line.
    runs: Vec<(u32, NodeId, u32)>,
    /// The messages in the order in which they were sent, and the place of each from 1.
    sent: Vec<MessageId>,
    labels: Map<MessageId, u32>,
    /// The messages of told events: which event tells of which.
    mentions: Vec<(MessageId, u32)>,
    /// Kinds of facts that were told before.
    known: Known,
    /// How many events were quiet: no line tells of them.
    pub quiet: u64,
    traffic: Quiet,
    peers: Peers,
    /// The last fault: one that strikes several at once is told of each, and flagged once.
    last: Option<(u64, EventId, Discriminant<Fault>)>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    rabbitmq: Vec<Discriminant<RabbitmqFact>>,
    client: Vec<Discriminant<ClientWhat>>,
}

impl Story {
    pub fn new(names: Rc<Names>) -> Self {
        Story {
            names,
            rows: Vec::new(),
            things: Things::default(),
            causality: Causality::default(),
            steps: Steps::default(),
            cuts: Vec::new(),
            beliefs: Vec::new(),
            received: 0,
            seen: None,
            subjects: Vec::new(),
            digest: 0,
            lost: 0,
            flags: Vec::new(),
            quiet: 0,
            traffic: Quiet::default(),
            peers: Peers::default(),
            verdicts: Vec::new(),
            runs: Vec::new(),
            sent: Vec::new(),
            labels: Map::new(),
            mentions: Vec::new(),
            known: Known::default(),
            last: None,
        }
    }

    /// The run is over.
    pub fn close(&mut self, play: &Play) {
        self.digest = play.digests().whole();
        self.lost = play.panel().ledger().tray().count(Bucket::Lost);
        self.peers = Peers::default();
        self.things.close(play);
        self.verdicts = play.panel().finish(play.until());
    }

    /// Whether somebody waits for something to be seen.
    pub fn watch(&mut self, watch: bool) {
        self.seen = watch.then(Vec::new);
    }

    /// What the last step showed, each with the number of the event that tells it.
    pub fn take_seen(&mut self) -> Vec<(Seen, u32)> {
        self.seen.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The number of the last event.
    pub fn total(&self) -> u32 {
        self.rows.len() as u32
    }

    /// An event by its number; number 0, before the first, has none.
    pub fn row(&self, n: u32) -> Option<&Row> {
        self.rows.get((n as usize).checked_sub(1)?)
    }

    /// The step that an event belongs to.
    pub fn step_of(&self, n: u32) -> u32 {
        match n {
            0 => 0,
            n => self.row(n).map_or(u32::MAX, |row| row.id.step),
        }
    }

    /// The first event that is told at a place of the run or after it.
    pub fn first_from(&self, id: EventId) -> u32 {
        let before = self.rows.partition_point(|row| row.id < id);
        (before as u32 + 1).min(self.total())
    }

    /// The event at a place of the run, if it is told.
    pub fn find(&self, id: EventId) -> Option<u32> {
        let at = self.rows.binary_search_by_key(&id, |row| row.id).ok()?;
        Some(at as u32 + 1)
    }

    /// The last event that is not later than a time.
    pub fn last_until(&self, at: u64) -> u32 {
        self.rows.partition_point(|row| row.at <= at) as u32
    }

    /// The numbers of the events that are so.
    pub fn numbers(&self, wanted: impl Fn(&Row) -> bool) -> Vec<u32> {
        let rows = self.rows.iter().zip(1..);
        rows.filter(|(row, _)| wanted(row))
            .map(|(_, n)| n)
            .collect()
    }

    /// A short name for a message, in the order in which they were sent: `m1`.
    pub fn label(&self, id: MessageId) -> String {
        match self.labels.get(&id) {
            Some(n) => format!("m{n}"),
            None => self.names.message(id),
        }
    }

    /// The message that a person calls so: `m17`, `shop/17`.
    pub fn message(&self, text: &str) -> Option<MessageId> {
        if let Some((client, n)) = text.rsplit_once('/') {
            let (client, n) = (self.names.find(client)?, n.parse().ok()?);
            return Some(MessageId { client, n });
        }
        let wanted: usize = text.strip_prefix('m')?.parse().ok()?;
        self.sent.get(wanted.checked_sub(1)?).copied()
    }

    /// The events that tell of messages for which this holds.
    pub fn mentions(&self, wanted: impl Fn(MessageId) -> bool) -> impl Iterator<Item = u32> {
        let all = self.mentions.iter();
        all.filter(move |(id, _)| wanted(*id)).map(|(_, n)| *n)
    }

    /// Whether a subject has this name.
    pub fn is_about(&self, subject: u16, name: &str) -> bool {
        self.subjects
            .get(usize::from(subject))
            .is_some_and(|it| **it == *name)
    }

    /// Which line a program ran after which event.
    pub fn runs_of(&self, name: &str) -> Vec<(u32, u32)> {
        let node = self.names.find(name);
        let runs = self.runs.iter().filter(|(_, who, _)| Some(*who) == node);
        runs.map(|(at, _, line)| (*at, *line)).collect()
    }

    fn note_line(&mut self, fact: &Fact) {
        let (node, line) = match fact {
            Fact::Rabbitmq(RabbitmqFact::Line { node, line }) => (*node, *line),
            Fact::Kafka(KafkaFact::Client(fact)) => match fact.what {
                ClientWhat::Line { line } => (fact.client, line),
                _ => return,
            },
            _ => return,
        };
        // The event that shows it is the next one told.
        self.runs.push((self.total() + 1, node, line));
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
        if !self.labels.contains_key(&sent) {
            self.sent.push(sent);
            self.labels.insert(sent, self.sent.len() as u32);
        }
    }

    fn note_received(&mut self, fact: &Fact) {
        let got = match fact {
            Fact::Rabbitmq(fact) => matches!(fact, RabbitmqFact::Received { .. }),
            Fact::Kafka(KafkaFact::Client(fact)) => {
                matches!(fact.what, ClientWhat::Delivered { .. })
            }
            Fact::Kafka(_) => false,
        };
        self.received += u64::from(got);
    }

    /// The number of a subject.
    fn subject(&mut self, name: Name) -> u16 {
        let known = self.subjects.iter().position(|one| *one == name);
        let at = known.unwrap_or_else(|| {
            self.subjects.push(name);
            self.subjects.len() - 1
        });
        // More subjects than that share the last number: they are found less exactly.
        at.min(usize::from(u16::MAX)) as u16
    }

    /// Cuts with their ends, and who believes that it leads.
    fn note_span(&mut self, event: &Event<'_, Cast>, n: u32, about: Option<u16>) {
        let believes = |epoch, leads| Belief {
            n,
            node: event.node,
            partition: about,
            epoch,
            leads,
        };
        match &event.what {
            What::Faulted { fault, .. } => match fault {
                Fault::Cut { from, to } => self.cuts.push(Cut {
                    from: n,
                    to: None,
                    sides: (from.clone(), to.clone()),
                }),
                Fault::Mend { from, to } => {
                    let mut open = self.cuts.iter_mut().filter(|cut| cut.to.is_none());
                    if let Some(cut) = open.find(|cut| cut.sides.0 == *from && cut.sides.1 == *to) {
                        cut.to = Some(n);
                    }
                }
                Fault::Heal => {
                    let open = self.cuts.iter_mut().filter(|cut| cut.to.is_none());
                    open.for_each(|cut| cut.to = Some(n));
                }
                Fault::Crash {
                    after_effects: None,
                    ..
                } => self.beliefs.push(believes(0, false)),
                _ => {}
            },
            What::Fact {
                fact: Fact::Kafka(KafkaFact::Replica(fact)),
            } => match &fact.what {
                ReplicaWhat::BecameLeader { epoch, .. } => {
                    self.beliefs.push(believes(*epoch, true))
                }
                ReplicaWhat::BecameFollower { epoch, .. } => {
                    self.beliefs.push(believes(*epoch, false));
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Whether a fact is the first of its kind: what a reader should see once.
    fn is_new(&mut self, fact: &Fact) -> bool {
        fn enter<T: PartialEq>(known: &mut Vec<T>, kind: T) -> bool {
            let is_new = !known.contains(&kind);
            if is_new {
                known.push(kind);
            }
            is_new
        }
        match fact {
            Fact::Rabbitmq(fact) => enter(&mut self.known.rabbitmq, discriminant(fact)),
            Fact::Kafka(KafkaFact::Client(fact)) => {
                enter(&mut self.known.client, discriminant(&fact.what))
            }
            Fact::Kafka(_) => false,
        }
    }

    fn flag(&self, fault: &Fault, language: Language) -> String {
        let label = |id: MessageId| self.label(id);
        let context = words::Context {
            names: &self.names,
            peers: &self.peers,
            label: &label,
        };
        words::flag(fault, &context, language)
    }

    fn is_another_fault(&mut self, event: &Event<'_, Cast>, fault: &Fault) -> bool {
        let this = Some((event.at, event.cause, discriminant(fault)));
        std::mem::replace(&mut self.last, this) != this
    }
}

/// The name of what a fact is about, where that is a queue, an exchange, a partition or a group.
fn subject_of(subject: &Subject) -> Option<Name> {
    Some(match subject {
        Subject::Queue(name)
        | Subject::Exchange(name)
        | Subject::Leadership(name)
        | Subject::Isr(name)
        | Subject::Log(_, name)
        | Subject::HighWatermark(_, name)
        | Subject::Group(name)
        | Subject::Committed(_, name) => name.clone(),
        Subject::Copy(_, Place::Queue { queue, .. }) => queue.clone(),
        Subject::Copy(
            _,
            Place::Replica {
                topic, partition, ..
            },
        ) => format!("{topic}-{partition}").into(),
        Subject::Copy(_, Place::Client(_))
        | Subject::Node(_)
        | Subject::Link(_)
        | Subject::Message(_)
        | Subject::Consumer(_) => return None,
    })
}

impl Sink<Cast> for Story {
    fn event(&mut self, event: &Event<'_, Cast>) {
        self.peers.see(event);
        self.things.see(event);
        self.causality.see(event);
        self.steps.see(event);
        self.traffic.see(event);
        self.quiet += self.traffic.take_found().len() as u64;
        if let What::Fact { fact } = &event.what {
            self.note_message(fact);
            self.note_line(fact);
            self.note_received(fact);
        }
        let next = self.total() + 1;
        if let Some(seen) = &mut self.seen {
            let shown = Seen::of(event, &self.peers);
            seen.extend(shown.map(|shown| (shown, next)));
        }
        let Some(told) = weigh(&event.what) else {
            return;
        };
        let mut weight = told.weight;
        if let What::Fact { fact } = &event.what
            && weight == Weight::Plain
            && self.is_new(fact)
        {
            weight = Weight::Key;
        }
        let n = next;
        let mentions = told.messages.iter().map(|id| (*id, n));
        self.mentions.extend(mentions);
        if let What::Faulted { fault, .. } = &event.what
            && self.is_another_fault(event, fault)
        {
            let says = [Language::En, Language::Zh].map(|language| self.flag(fault, language));
            self.flags.push((n, says));
        }
        let about = match &event.what {
            What::Fact { fact } => subject_of(&fact.subject()).map(|name| self.subject(name)),
            _ => None,
        };
        self.note_span(event, n, about);
        self.rows.push(Row {
            id: event.id,
            at: event.at,
            node: event.node,
            about,
            weight,
            hop: told.hop,
        });
    }
}
