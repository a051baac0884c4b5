//! Three brokers and some clients for unit tests, under a controller that a test plays itself.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::Message;
use crate::kafka::api::control::{AlterPartition, AlteredPartition, ReplicaId};
use crate::kafka::broker::{self, Broker};
use crate::kafka::client::{self, Client};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::controller_node::{ControllerNode, ControllerSetup, ControllerTimer, Founding};
use crate::kafka::entry::Entry;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::Fact;
use crate::kafka::metadata::MetadataRecord;
use crate::kafka::partition::Partition;
use crate::kafka::partition_change::{PartitionChange, PartitionRegistration};
use crate::kafka::pump::Pump;
use crate::kafka::topic::{BrokerId, Endpoint, TopicId, TopicPartition};
use crate::machine::{Chance, Effect, Input, Kept, Machine, Out};
use crate::names::{Name, NodeId};
use crate::shared::SortedMap;
use crate::time::Now;

/// Brokers 1, 2 and 3 are the processes 0, 1 and 2; clients follow.
pub struct Cluster {
    pub pump: Pump<Actor>,
    partitions: SortedMap<TopicPartition, (TopicId, PartitionRegistration)>,
    history: Vec<MetadataRecord>,
    epochs: u64,
    answered: SortedMap<BrokerId, usize>,
    /// Whether the controller answers the leaders.
    pub deaf: bool,
}

#[derive(Clone, Debug, Fingerprint)]
pub enum Actor {
    Broker {
        broker: Box<Broker>,
        asked: Vec<AlterPartition>,
    },
    Client(Box<Client>),
    Controller(Box<ControllerNode>),
}

#[derive(Clone, Debug)]
pub enum Setup {
    Broker(broker::Setup),
    Client(client::Setup),
    Controller(ControllerSetup),
}

#[derive(Clone, Debug, Fingerprint)]
pub enum Command {
    Replay(Vec<MetadataRecord>),
    Altered(Vec<AlteredPartition>),
    Client(client::Command),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Timer {
    Broker(broker::Timer),
    Client(client::Timer),
    Controller(ControllerTimer),
}

impl Machine for Actor {
    type Setup = Setup;
    type Command = Command;
    type Message = Message;
    type Timer = Timer;
    type Record = Entry;
    type Fact = Fact;
    type View = String;
    type Lens = ();

    fn boot(
        setup: &Setup,
        kept: &Kept<Entry>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match setup {
            Setup::Broker(setup) => Actor::Broker {
                broker: Box::new(
                    out.within(of_broker, |out| Broker::boot(setup, kept, now, chance, out)),
                ),
                asked: Vec::new(),
            },
            Setup::Client(setup) => Actor::Client(Box::new(
                out.within(of_client, |out| Client::boot(setup, kept, now, chance, out)),
            )),
            Setup::Controller(setup) => {
                Actor::Controller(Box::new(out.within(of_controller, |out| {
                    ControllerNode::boot(setup, kept, now, chance, out)
                })))
            }
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match self {
            Actor::Broker { broker, asked } => {
                out.within(of_broker, |out| match input {
                    Input::Command(Command::Replay(records)) => {
                        broker.replay(&records, now, chance, out)
                    }
                    Input::Command(Command::Altered(answers)) => {
                        broker.altered(&answers, now, chance, out)
                    }
                    Input::Timer(Timer::Broker(timer)) => {
                        broker.step(Input::Timer(timer), now, chance, out);
                    }
                    other => broker.step(common(other), now, chance, out),
                });
                asked.extend(broker.take_alterations());
            }
            Actor::Client(client) => out.within(of_client, |out| match input {
                Input::Command(Command::Client(command)) => {
                    client.step(Input::Command(command), now, chance, out);
                }
                Input::Timer(Timer::Client(timer)) => {
                    client.step(Input::Timer(timer), now, chance, out);
                }
                other => client.step(common(other), now, chance, out),
            }),
            Actor::Controller(node) => out.within(of_controller, |out| match input {
                Input::Timer(Timer::Controller(timer)) => {
                    node.step(Input::Timer(timer), now, chance, out);
                }
                other => node.step(common(other), now, chance, out),
            }),
        }
    }

    fn view(&self, (): &()) -> String {
        String::new()
    }
}

/// An input that is the same for all machines.
fn common<M: Machine<Message = Message>>(input: Input<Actor>) -> Input<M> {
    match input {
        Input::Accepted { link, from } => Input::Accepted { link, from },
        Input::Connected { link } => Input::Connected { link },
        Input::Refused { link, why } => Input::Refused { link, why },
        Input::Message { link, message } => Input::Message { link, message },
        Input::Disconnected { link, why } => Input::Disconnected { link, why },
        Input::Synced { file, end } => Input::Synced { file, end },
        Input::Stop => Input::Stop,
        other => panic!("not for this machine: {other:?}"),
    }
}

fn of_broker(effect: Effect<Broker>) -> Effect<Actor> {
    effect_of(effect, Timer::Broker)
}

fn of_client(effect: Effect<Client>) -> Effect<Actor> {
    effect_of(effect, Timer::Client)
}

fn of_controller(effect: Effect<ControllerNode>) -> Effect<Actor> {
    effect_of(effect, Timer::Controller)
}

fn effect_of<M>(effect: Effect<M>, wrap: impl Fn(M::Timer) -> Timer) -> Effect<Actor>
where
    M: Machine<Message = Message, Record = Entry, Fact = Fact>,
{
    match effect {
        Effect::Connect { to, link } => Effect::Connect { to, link },
        Effect::Send { link, message } => Effect::Send { link, message },
        Effect::Close { link } => Effect::Close { link },
        Effect::Abort { link } => Effect::Abort { link },
        Effect::Append { file, record } => Effect::Append { file, record },
        Effect::Truncate { file, end } => Effect::Truncate { file, end },
        Effect::TrimHead { file, before } => Effect::TrimHead { file, before },
        Effect::Replace { file, with } => Effect::Replace { file, with },
        Effect::Delete { file } => Effect::Delete { file },
        Effect::Sync { file } => Effect::Sync { file },
        Effect::Arm { timer, after } => Effect::Arm {
            timer: wrap(timer),
            after,
        },
        Effect::Disarm(timer) => Effect::Disarm(wrap(timer)),
        Effect::Tell(fact) => Effect::Tell(fact),
        Effect::Exit => Effect::Exit,
    }
}

impl Cluster {
    /// Three registered brokers with this configuration, and clients.
    pub fn new(config: &[(&str, &str)], clients: Vec<client::App>) -> Cluster {
        Cluster::with(
            BrokerConfig::parse(config.iter().copied()).unwrap(),
            clients,
        )
    }

    pub fn with(config: BrokerConfig, clients: Vec<client::App>) -> Cluster {
        let mut cluster = Cluster::start(config, clients, &SortedMap::new());
        for id in 1..=3 {
            cluster.register(id);
        }
        cluster.deaf = false;
        cluster
    }

    /// Three brokers and clients under three controllers of their own, which are the last processes.
    pub fn whole(config: &[(&str, &str)], clients: Vec<client::App>) -> Cluster {
        let config = BrokerConfig::parse(config.iter().copied()).unwrap();
        let first = 3 + clients.len() as u32;
        let voters = (0..3).map(|n| (ReplicaId(101 + n), NodeId(first + n)));
        Cluster::start(config, clients, &voters.collect())
    }

    fn start(
        config: BrokerConfig,
        clients: Vec<client::App>,
        voters: &SortedMap<ReplicaId, NodeId>,
    ) -> Cluster {
        let config = Rc::new(config);
        let brokers = (1..=3).map(|id| {
            Setup::Broker(broker::Setup {
                broker: Endpoint {
                    id: BrokerId(id),
                    node: node(id),
                },
                voters: voters.clone(),
                config: config.clone(),
            })
        });
        let clients = clients.into_iter().zip(3..).map(|(app, n)| {
            Setup::Client(client::Setup {
                node: NodeId(n),
                client_id: "shop".into(),
                bootstrap: vec![node(1), node(2), node(3)],
                app,
            })
        });
        let controllers = voters.keys().map(|me| {
            Setup::Controller(ControllerSetup {
                me: *me,
                voters: voters.clone(),
                config: config.clone(),
                founding: Founding::default(),
            })
        });
        let setups = brokers.chain(clients).chain(controllers);
        Cluster {
            pump: Pump::new(1, setups.collect()),
            partitions: SortedMap::new(),
            history: Vec::new(),
            epochs: 0,
            answered: SortedMap::new(),
            deaf: true,
        }
    }

    /// Who leads `orders-0`, as a broker knows it.
    pub fn leader_by(&self, id: u32) -> Option<u32> {
        let Actor::Broker { broker, .. } = self.pump.machine(node(id)) else {
            panic!("not a broker");
        };
        let partition = broker.image().partition(&orders())?;
        partition.state.leader.map(|leader| leader.0)
    }

    /// Who coordinates the group of a client, as that client knows it.
    pub fn coordinator_by(&self, client: u32) -> Option<u32> {
        let Actor::Client(client) = self.pump.machine(NodeId(client)) else {
            panic!("not a client");
        };
        let member = client.tools.consumer.as_ref()?.coordinator.as_ref()?;
        Some(member.coordinator?.0)
    }

    /// A topic whose partitions have all three brokers as replicas, partition n first led by
    /// broker n + 1.
    pub fn create(&mut self, topic: &str, partitions: u32) {
        let name = Name::from(topic);
        let topic_id = TopicId(self.partitions.len() as u32 + 1);
        let mut records = vec![MetadataRecord::Topic {
            name: name.clone(),
            topic_id,
        }];
        for partition in 0..partitions {
            let replicas: Vec<_> = (0..3).map(|n| BrokerId((partition + n) % 3 + 1)).collect();
            let registration = PartitionRegistration::created(replicas.clone(), replicas);
            let id = TopicPartition::new(&name, partition);
            self.partitions.insert(id, (topic_id, registration.clone()));
            records.push(MetadataRecord::Partition {
                topic_id,
                partition,
                registration,
            });
        }
        self.decide(records);
    }

    /// The controller elects a leader of `orders-0`, with these in-sync replicas.
    pub fn elect(&mut self, leader: u32, isr: &[u32]) {
        self.change(PartitionChange {
            leader: Some(Some(BrokerId(leader))),
            isr: Some(isr.iter().map(|id| BrokerId(*id)).collect()),
            ..PartitionChange::default()
        });
    }

    /// The controller changes `orders-0`.
    pub fn change(&mut self, change: PartitionChange) {
        let id = orders();
        let (topic_id, registration) = self.partitions.get_mut(&id).unwrap();
        registration.merge(&change);
        let record = MetadataRecord::PartitionChange {
            topic_id: *topic_id,
            partition: id.partition,
            change,
        };
        self.decide(vec![record]);
    }

    /// Runs for so many milliseconds; the controller looks around every millisecond.
    pub fn run(&mut self, ms: u64) {
        for _ in 0..ms {
            self.pump.run(1);
            if !self.deaf {
                self.answer_leaders();
            }
        }
    }

    pub fn crash(&mut self, id: u32) {
        self.pump.crash(node(id), false);
    }

    pub fn power_off(&mut self, id: u32) {
        self.pump.crash(node(id), true);
    }

    /// Starts a broker again, which registers and reads all metadata anew.
    pub fn restart(&mut self, id: u32) {
        self.pump.start(node(id));
        self.answered.remove(&BrokerId(id));
        let history = self.history.clone();
        self.pump
            .input(node(id), Input::Command(Command::Replay(history)));
        self.register(id);
    }

    /// Starts a broker again that has controllers to ask.
    pub fn restart_alone(&mut self, id: u32) {
        self.pump.start(node(id));
    }

    /// The replica of `orders-0` at a broker.
    pub fn replica(&self, id: u32) -> &Partition {
        match self.pump.machine(node(id)) {
            Actor::Broker { broker, .. } => &broker.replicas().partitions()[&orders()],
            Actor::Client(_) | Actor::Controller(_) => panic!("not a broker"),
        }
    }

    /// The values in the log of `orders-0` at a broker.
    pub fn values(&self, id: u32) -> Vec<String> {
        let batches = self.replica(id).log().batches();
        let records = batches.flat_map(|batch| batch.records.iter());
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        records.map(|r| text(r.value.as_deref().unwrap())).collect()
    }

    /// Has the first client send a value to `orders-0`.
    pub fn send(&mut self, value: &str) {
        let command = client::Command::Send(crate::kafka::producer::ToSend {
            topic: "orders".into(),
            partition: Some(0),
            key: None,
            value: Some(value.as_bytes().into()),
        });
        self.pump
            .input(NodeId(3), Input::Command(Command::Client(command)));
    }

    fn register(&mut self, id: u32) {
        self.epochs += 1;
        let record = MetadataRecord::RegisterBroker {
            broker: Endpoint {
                id: BrokerId(id),
                node: node(id),
            },
            incarnation_id: self.epochs,
            broker_epoch: self.epochs,
            fenced: false,
            in_controlled_shutdown: false,
        };
        self.decide(vec![record]);
    }

    fn decide(&mut self, records: Vec<MetadataRecord>) {
        self.history.extend(records.iter().cloned());
        for id in 1..=3 {
            if self.pump.is_up(node(id)) {
                self.pump
                    .input(node(id), Input::Command(Command::Replay(records.clone())));
            }
        }
    }

    /// Accepts every change of in-sync replicas that builds on the present epoch.
    fn answer_leaders(&mut self) {
        for id in (1..=3).map(BrokerId) {
            if !self.pump.is_up(node(id.0)) {
                continue;
            }
            let Actor::Broker { asked, .. } = self.pump.machine(node(id.0)) else {
                continue;
            };
            let done = self.answered.get(&id).copied().unwrap_or(0);
            let new: Vec<AlterPartition> = asked[done..].to_vec();
            self.answered.insert(id, done + new.len());
            for wish in new {
                let (_, registration) = &self.partitions[&wish.partition];
                let state = registration.state.clone();
                let current = state.partition_epoch == wish.partition_epoch
                    && state.leader_epoch == wish.leader_epoch;
                let isr: Vec<BrokerId> = wish.new_isr.iter().map(|(id, _)| *id).collect();
                let answer = AlteredPartition {
                    partition: wish.partition.clone(),
                    error: if current {
                        ErrorCode::None
                    } else {
                        ErrorCode::InvalidUpdateVersion
                    },
                    leader: state.leader,
                    leader_epoch: state.leader_epoch,
                    isr: isr.clone(),
                    partition_epoch: state.partition_epoch + 1,
                    recovery: state.recovery,
                };
                let answer = Command::Altered(vec![answer]);
                self.pump.input(node(id.0), Input::Command(answer));
                if current {
                    self.change(PartitionChange {
                        isr: Some(isr),
                        ..PartitionChange::default()
                    });
                }
            }
        }
    }
}

/// The process of a broker.
pub fn node(id: u32) -> NodeId {
    NodeId(id - 1)
}

/// The partition that most tests are about.
pub fn orders() -> TopicPartition {
    TopicPartition::new(&"orders".into(), 0)
}
