//! A client process: an application, and the producer or consumer that it uses.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::Response as DataResponse;
use crate::kafka::api::{Message, Response, ResponseBody};
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::entry::Entry;
use crate::kafka::fact::Fact;
use crate::kafka::producer::{Producer, ToSend};
use crate::kafka::record::Bytes;
use crate::kafka::view::{ClientView, Lens};
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::{LinkId, MessageId, Name, NodeId};
use crate::time::{Now, Span};

/// A client process.
#[derive(Clone, Debug, Fingerprint)]
pub struct Client {
    setup: Setup,
    producer: Option<Producer>,
    sent: u32,
}

/// What a restart keeps.
#[derive(Clone, Debug, Fingerprint)]
pub struct Setup {
    /// The process.
    pub node: NodeId,
    /// `client.id`.
    pub client_id: Name,
    /// `bootstrap.servers`.
    pub bootstrap: Vec<NodeId>,
    /// What the application does.
    pub app: App,
}

/// What an application does.
#[derive(Clone, Debug, Fingerprint)]
pub enum App {
    /// Sends.
    Producer {
        /// Its producer's configuration.
        config: Arc<ProducerConfig>,
        /// What it sends by itself; more may come by command.
        workload: Option<Workload>,
    },
}

/// Records that an application sends by itself, one after the other.
#[derive(Clone, Debug, Fingerprint)]
pub struct Workload {
    /// To which topic.
    pub topic: Name,
    /// How long to wait before each.
    pub every: Span,
    /// How many; `None` for no end.
    pub count: Option<u32>,
    /// Keys, used in turn; without any, records have none.
    pub keys: Vec<Bytes>,
    /// The size of each value, in bytes, at least; the value is the record's number.
    pub value_bytes: u32,
}

/// What an application may be asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Command {
    /// Send a record.
    Send(ToSend),
    /// Send all that is buffered now.
    Flush,
}

/// A client's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub enum Timer {
    /// The workload's next record is due.
    Workload,
    /// Something that the producer waits for is due.
    Producer,
}

impl Machine for Client {
    type Setup = Setup;
    type Command = Command;
    type Message = Message;
    type Timer = Timer;
    type Record = Entry;
    type Fact = Fact;
    type View = ClientView;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        _kept: &Kept<Entry>,
        _now: Now,
        _chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let App::Producer { config, workload } = &setup.app;
        if let Some(workload) = workload {
            out.arm(Timer::Workload, workload.every);
        }
        Client {
            producer: Some(Producer::new(
                setup.node,
                setup.client_id.clone(),
                setup.bootstrap.clone(),
                config.clone(),
            )),
            setup: setup.clone(),
            sent: 0,
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Command(Command::Send(what)) => self.send(what, now, out),
            Input::Command(Command::Flush) => {
                if let Some(producer) = &mut self.producer {
                    producer.flush();
                }
            }
            Input::Connected { link } => {
                if let Some(producer) = &mut self.producer {
                    producer.network.connected(link);
                }
            }
            Input::Refused { link, .. } | Input::Disconnected { link, .. } => {
                self.disconnected(link, now, chance, out);
            }
            Input::Message {
                link,
                message: Message::Response(response),
            } => self.answered(link, response, now, chance, out),
            Input::Timer(Timer::Workload) => self.work(now, out),
            Input::Stop => {
                self.stop(out);
                return;
            }
            Input::Timer(Timer::Producer)
            | Input::Message { .. }
            | Input::Accepted { .. }
            | Input::Synced { .. }
            | Input::WriteFailed { .. }
            | Input::DiskFree { .. }
            | Input::Memory { .. } => {}
        }
        self.drive(now, chance, out);
    }

    fn view(&self, _lens: &Lens) -> ClientView {
        ClientView {
            backlog: self.producer.as_ref().map(Producer::backlog),
            sent: self.sent,
        }
    }
}

impl Client {
    /// Sends one record, and gives it its identity.
    fn send(&mut self, what: ToSend, now: Now, out: &mut Out<Self>) {
        let message = MessageId {
            client: self.setup.node,
            n: self.sent,
        };
        self.sent += 1;
        if let Some(producer) = &mut self.producer {
            producer.send(message, what, now, out);
        }
    }

    /// Sends the workload's next record.
    fn work(&mut self, now: Now, out: &mut Out<Self>) {
        let App::Producer {
            workload: Some(workload),
            ..
        } = &self.setup.app
        else {
            return;
        };
        let n = self.sent;
        if workload.count.is_some_and(|count| n >= count) {
            return;
        }
        let key = match workload.keys.len() {
            0 => None,
            keys => Some(workload.keys[n as usize % keys].clone()),
        };
        let what = ToSend {
            topic: workload.topic.clone(),
            partition: None,
            key,
            value: Some(workload.value(n)),
        };
        if workload.count.is_none_or(|count| n + 1 < count) {
            out.arm(Timer::Workload, workload.every);
        }
        self.send(what, now, out);
    }

    fn disconnected(
        &mut self,
        link: LinkId,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        if let Some(producer) = &mut self.producer {
            let lost = producer.network.disconnected(link, now, chance);
            producer.lost(lost, now, chance, out);
        }
    }

    fn answered(
        &mut self,
        link: LinkId,
        response: Response,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) {
        let Some(producer) = &mut self.producer else {
            return;
        };
        let Some((_, purpose)) = producer.network.answered(link, response.correlation_id) else {
            return;
        };
        match (purpose, response.body) {
            (None, ResponseBody::Data(DataResponse::Metadata(metadata))) => {
                producer.network.learn(&metadata, now, chance);
            }
            (Some(numbers), ResponseBody::Data(response)) => {
                producer.answered(&numbers, response, now, chance, out);
            }
            (purpose, body) => panic!("{} does not answer {purpose:?}", body.label()),
        }
    }

    /// Lets the producer do what it can, and wakes it when there is more to do.
    fn drive(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        if let Some(producer) = &mut self.producer {
            producer.drive(now, chance, out);
            match producer.next_deadline(now) {
                Some(at) => out.arm(
                    Timer::Producer,
                    Span::us(at.saturating_sub(now.mono).max(1)),
                ),
                None => out.disarm(Timer::Producer),
            }
            producer.take_delivered();
        }
    }

    fn stop(&mut self, out: &mut Out<Self>) {
        if let Some(producer) = &mut self.producer {
            producer.network.close(out);
        }
        out.exit();
    }
}

impl Workload {
    /// The value of the `n`th record: its number, filled up with dots.
    fn value(&self, n: u32) -> Bytes {
        let number = alloc::format!("{n}");
        let width = self.value_bytes as usize;
        alloc::format!("{number:.<width$}").into_bytes().into()
    }
}
