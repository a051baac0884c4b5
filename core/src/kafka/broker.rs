//! One broker: the machine that hands each input to the part that owns it.
//!
//! Requests of one connection are served one after the other: the next is read when the one before
//! is answered, also while that one waits (`SocketServer` mutes the channel). So what a client
//! pipelines is in order.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::control::{AlterPartition, AlteredPartition};
use crate::kafka::api::data::Request as DataRequest;
use crate::kafka::api::{Message, Request, RequestBody, Response, ResponseBody};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::entry::Entry;
use crate::kafka::env::{Env, Todo};
use crate::kafka::fact::Fact;
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::metadata_answer;
use crate::kafka::purgatory::Waiter;
use crate::kafka::replica_manager::{Answer, Produced, ReplicaManager};
use crate::kafka::topic::{BrokerId, TopicId, TopicPartition};
use crate::kafka::view::{BrokerView, Lens};
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::{LinkId, NodeId};
use crate::time::Now;

/// One broker.
#[derive(Clone, Debug, Fingerprint)]
pub struct Broker {
    setup: Setup,
    broker_epoch: Option<u64>,
    image: Image,
    replicas: ReplicaManager,
    connections: BTreeMap<LinkId, Connection>,
    todo: Todo,
}

/// What a restart keeps besides the disk.
#[derive(Clone, Debug, Fingerprint)]
pub struct Setup {
    /// The `node.id`.
    pub id: BrokerId,
    /// The process.
    pub node: NodeId,
    /// `server.properties`.
    pub config: Arc<BrokerConfig>,
}

/// A broker's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Timer {
    /// `replica.high.watermark.checkpoint.interval.ms`.
    HighWatermarkCheckpoint,
    /// Half of `replica.lag.time.max.ms`.
    IsrCheck,
    /// A request that waits has waited long enough.
    Delayed(u64),
    /// `replica.fetch.backoff.ms`, for the fetcher of this leader.
    FetchBackoff(BrokerId),
    /// `replica.socket.timeout.ms`, for the fetcher of this leader.
    FetchTimeout(BrokerId),
}

/// A connection that someone opened to this broker.
#[derive(Clone, Debug, Default, Fingerprint)]
struct Connection {
    /// Requests that came behind the one being served.
    queue: VecDeque<Request>,
    /// Whether one is being served.
    busy: bool,
}

impl Machine for Broker {
    type Setup = Setup;
    type Command = core::convert::Infallible;
    type Message = Message;
    type Timer = Timer;
    type Record = Entry;
    type Fact = Fact;
    type View = BrokerView;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        kept: &Kept<Entry>,
        now: Now,
        _chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let mut broker = Broker {
            setup: setup.clone(),
            broker_epoch: None,
            image: Image::default(),
            replicas: ReplicaManager::default(),
            connections: BTreeMap::new(),
            todo: Todo::default(),
        };
        broker.replicas = broker.with_env(now, out, |_, env| ReplicaManager::recover(kept, env));
        broker
    }

    fn step(
        &mut self,
        input: Input<Self>,
        now: Now,
        _chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        match input {
            Input::Command(command) => match command {},
            Input::Accepted { link, .. } => {
                self.connections.insert(link, Connection::default());
            }
            Input::Connected { link } => {
                self.with_env(now, out, |replicas, env| replicas.connected(link, env));
            }
            Input::Refused { link, .. } | Input::Disconnected { link, .. } => {
                self.connections.remove(&link);
                self.with_env(now, out, |replicas, env| replicas.disconnected(link, env));
            }
            Input::Message { link, message } => match message {
                Message::Request(request) => self.receive(link, request, now, out),
                Message::Response(Response {
                    correlation_id,
                    body: ResponseBody::Data(response),
                }) => {
                    self.with_env(now, out, |replicas, env| {
                        replicas.answered(link, correlation_id, response, env);
                    });
                }
                Message::Response(_) => {}
            },
            Input::Timer(timer) => self.fired(timer, now, out),
            // The only log directory failed: a broker without one halts.
            Input::WriteFailed { .. } => out.exit(),
            Input::Stop => self.stop(now, out),
            Input::Synced { .. } | Input::DiskFree { .. } | Input::Memory { .. } => {}
        }
        self.settle(now, out);
    }

    fn view(&self, lens: &Lens) -> BrokerView {
        BrokerView::of(self.setup.id, &self.replicas, lens)
    }
}

impl Broker {
    /// Applies records of the metadata log, as it comes to know that they are committed.
    pub fn replay(&mut self, records: &[MetadataRecord], now: Now, out: &mut Out<Self>) {
        for record in records {
            self.image.replay(record);
        }
        self.broker_epoch = self.image.brokers.get(&self.setup.id).map(|b| b.epoch);
        let id = self.setup.id;
        let mine: Vec<_> = self
            .image
            .partitions()
            .filter(|(_, _, partition)| partition.state.replicas.contains(&id))
            .filter(|(topic, id, _)| touches(records, *topic, id))
            .map(|(topic, id, partition)| (topic, id, partition.state.clone()))
            .collect();
        self.with_env(now, out, |replicas, env| {
            for (topic, id, state) in &mine {
                replicas.apply(*topic, id, state, env);
            }
        });
        self.settle(now, out);
    }

    /// The changes of in-sync replicas that its leaders want, for the controller.
    pub fn take_alterations(&mut self) -> Vec<AlterPartition> {
        core::mem::take(&mut self.todo.alter)
    }

    /// Takes the controller's answer to them.
    pub fn altered(&mut self, answers: &[AlteredPartition], now: Now, out: &mut Out<Self>) {
        self.with_env(now, out, |replicas, env| replicas.altered(answers, env));
        self.settle(now, out);
    }

    /// The metadata that it has applied.
    #[must_use]
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Its replicas.
    #[must_use]
    pub fn replicas(&self) -> &ReplicaManager {
        &self.replicas
    }

    /// Queues a request behind the others of its connection.
    fn receive(&mut self, link: LinkId, request: Request, now: Now, out: &mut Out<Self>) {
        let connection = self.connections.entry(link).or_default();
        connection.queue.push_back(request);
        self.serve(link, now, out);
    }

    /// Serves the requests of a connection until one has to wait.
    fn serve(&mut self, link: LinkId, now: Now, out: &mut Out<Self>) {
        while let Some(connection) = self.connections.get_mut(&link)
            && !connection.busy
            && let Some(request) = connection.queue.pop_front()
        {
            connection.busy = true;
            self.handle(link, request, now, out);
        }
    }

    /// Hands a request to its owner.
    fn handle(&mut self, link: LinkId, request: Request, now: Now, out: &mut Out<Self>) {
        let correlation_id = request.correlation_id;
        let waiter = Waiter::Connection {
            link,
            correlation_id,
        };
        let RequestBody::Data(request) = request.body else {
            // No other API is served on this listener: Kafka closes the connection.
            self.close(link, out);
            return;
        };
        let response = match request {
            DataRequest::Produce(request) => {
                let produced = self.with_env(now, out, |replicas, env| {
                    replicas.produce(&request, waiter, env)
                });
                match produced {
                    Produced::Now(response) => Some(response),
                    Produced::Later => None,
                    Produced::NoAnswer => {
                        self.next(link, now, out);
                        None
                    }
                    Produced::CloseConnection => {
                        self.close(link, out);
                        None
                    }
                }
            }
            DataRequest::Fetch(request) => self.with_env(now, out, |replicas, env| {
                replicas.fetch(request, waiter, env)
            }),
            DataRequest::ListOffsets(request) => self.with_env(now, out, |replicas, env| {
                Some(replicas.list_offsets(&request, env))
            }),
            DataRequest::OffsetForLeaderEpoch(request) => {
                self.with_env(now, out, |replicas, env| {
                    Some(replicas.end_of_epochs(&request, env))
                })
            }
            DataRequest::Metadata(request) => Some(metadata_answer::answer(&request, &self.image)),
        };
        if let Some(response) = response {
            self.reply((waiter, response), now, out);
        }
    }

    /// Sends an answer, and goes on with the connection's next request.
    fn reply(&mut self, (waiter, response): Answer, now: Now, out: &mut Out<Self>) {
        let Waiter::Connection {
            link,
            correlation_id,
        } = waiter
        else {
            return;
        };
        if self.connections.contains_key(&link) {
            let response = Response {
                correlation_id,
                body: ResponseBody::Data(response),
            };
            out.send(link, Message::Response(response));
            self.next(link, now, out);
        }
    }

    /// The request being served is done.
    fn next(&mut self, link: LinkId, now: Now, out: &mut Out<Self>) {
        if let Some(connection) = self.connections.get_mut(&link) {
            connection.busy = false;
            self.serve(link, now, out);
        }
    }

    fn close(&mut self, link: LinkId, out: &mut Out<Self>) {
        self.connections.remove(&link);
        out.close(link);
    }

    fn fired(&mut self, timer: Timer, now: Now, out: &mut Out<Self>) {
        let answer = self.with_env(now, out, |replicas, env| {
            match timer {
                Timer::HighWatermarkCheckpoint => replicas.checkpoint_high_watermarks(env),
                Timer::IsrCheck => replicas.check_isr(env),
                Timer::Delayed(number) => return replicas.expire(number, env),
                Timer::FetchBackoff(leader) => replicas.resume_fetching(leader, env),
                Timer::FetchTimeout(leader) => replicas.fetch_timed_out(leader, env),
            }
            None
        });
        if let Some(answer) = answer {
            self.reply(answer, now, out);
        }
    }

    /// Writes everything down and ends.
    fn stop(&mut self, now: Now, out: &mut Out<Self>) {
        self.with_env(now, out, |replicas, env| {
            replicas.checkpoint_high_watermarks(env);
        });
        for file in self.replicas.log_files() {
            out.sync(file);
        }
        out.exit();
    }

    /// Answers the requests that what happened in this step has woken.
    fn settle(&mut self, now: Now, out: &mut Out<Self>) {
        loop {
            let answers = self.with_env(now, out, |replicas, env| replicas.settle(env));
            if answers.is_empty() {
                return;
            }
            for answer in answers {
                self.reply(answer, now, out);
            }
        }
    }

    /// Lends a part of the broker its surroundings.
    fn with_env<R>(
        &mut self,
        now: Now,
        out: &mut Out<Self>,
        act: impl FnOnce(&mut ReplicaManager, &mut Env<'_>) -> R,
    ) -> R {
        let mut env = Env {
            id: self.setup.id,
            node: self.setup.node,
            broker_epoch: self.broker_epoch,
            now,
            config: &self.setup.config,
            image: &self.image,
            out,
            todo: &mut self.todo,
        };
        act(&mut self.replicas, &mut env)
    }
}

/// Whether records speak of a partition.
fn touches(records: &[MetadataRecord], topic: TopicId, id: &TopicPartition) -> bool {
    records.iter().any(|record| match record {
        MetadataRecord::Partition {
            topic_id,
            partition,
            ..
        }
        | MetadataRecord::PartitionChange {
            topic_id,
            partition,
            ..
        } => *topic_id == topic && *partition == id.partition,
        _ => false,
    })
}
