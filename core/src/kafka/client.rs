//! A client process: an application, and the producer or consumer that it uses.

use alloc::rc::Rc;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::admin::Admin;
use crate::kafka::api::control;
use crate::kafka::api::data::Response as DataResponse;
use crate::kafka::api::{Message, Response, ResponseBody};
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::consumer::{Consumer, Reads};
use crate::kafka::entry::Entry;
use crate::kafka::fact::Fact;
use crate::kafka::fact::client::{ClientFact, ClientWhat};
use crate::kafka::producer::{Delivery, Producer, ToSend};
use crate::kafka::program::{Program, Step};
use crate::kafka::reader::{Reader, Work};
use crate::kafka::record::Bytes;
use crate::kafka::view::{ClientView, Lens};
use crate::machine::{Chance, Input, Kept, Machine, Out};
use crate::names::{LinkId, MessageId, Name, NodeId};
use crate::time::{Now, Span};

/// A client process.
#[derive(Clone, Debug, Fingerprint)]
pub struct Client {
    setup: Setup,
    /// What it uses.
    pub(super) tools: Tools,
    /// How many records of its workload it has sent.
    worked: u32,
    reader: Option<Reader>,
    program: Option<Program>,
}

/// The producer, the consumer or the administrator's client of an application.
#[derive(Clone, Debug, Fingerprint)]
pub struct Tools {
    node: NodeId,
    client_id: Name,
    bootstrap: Vec<NodeId>,
    /// If it sends.
    pub producer: Option<Producer>,
    /// If it reads.
    pub consumer: Option<Consumer>,
    /// If it administers.
    pub admin: Option<Admin>,
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
        config: Rc<ProducerConfig>,
        /// What it sends by itself; more may come by command.
        workload: Option<Workload>,
    },
    /// Reads.
    Consumer {
        /// Its consumer's configuration.
        config: Rc<ConsumerConfig>,
        /// `group.id`.
        group: Option<Name>,
        /// What it reads.
        reads: Reads,
        /// What it does with each record.
        work: Work,
    },
    /// Asks for what it is commanded to.
    Admin,
    /// Follows a listing.
    Program {
        /// Its lines.
        steps: Rc<[Step]>,
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
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Send a record.
    Send(ToSend),
    /// Send all that is buffered now.
    Flush,
    /// Ask for something as an administrator.
    Ask {
        /// Which broker; `None`: any.
        on: Option<NodeId>,
        /// For what.
        request: control::Request,
    },
}

/// A client's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Timer {
    /// The workload's next record is due.
    Workload,
    /// The application's work on a record is done.
    Work,
    /// The program has slept, or waited, long enough.
    Program,
    /// Something that the producer waits for is due.
    Producer,
    /// Something that the consumer waits for is due.
    Consumer,
    /// Something that the administrator waits for is due.
    Admin,
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
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        let mut client = Client {
            setup: setup.clone(),
            tools: Tools {
                node: setup.node,
                client_id: setup.client_id.clone(),
                bootstrap: setup.bootstrap.clone(),
                producer: None,
                consumer: None,
                admin: None,
                sent: 0,
            },
            worked: 0,
            reader: None,
            program: None,
        };
        match &setup.app {
            App::Producer { config, workload } => {
                client.tools.produce_with(config.clone());
                if let Some(workload) = workload {
                    out.arm(Timer::Workload, workload.every);
                }
            }
            App::Consumer {
                config,
                group,
                reads,
                work,
            } => {
                let (config, group) = (config.clone(), group.clone());
                client.tools.consume_with(config, group, reads, out);
                client.reader = Some(Reader::new(*work));
            }
            App::Admin => client.tools.administer(),
            App::Program { steps } => client.program = Some(Program::new(steps.clone())),
        }
        client.drive(now, chance, out);
        client
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Command(Command::Send(what)) => {
                self.tools.send(what, now, out);
            }
            Input::Command(Command::Flush) => {
                if let Some(producer) = &mut self.tools.producer {
                    producer.flush();
                }
            }
            Input::Command(Command::Ask { on, request }) => {
                if let Some(admin) = &mut self.tools.admin {
                    admin.ask(on, request, now);
                }
            }
            Input::Connected { link } => self.tools.connected(link),
            Input::Refused { link, .. } | Input::Disconnected { link, .. } => {
                self.tools.disconnected(link, now, chance, out);
            }
            Input::Message {
                link,
                message: Message::Response(response),
            } => self.tools.answered(link, response, now, chance, out),
            Input::Timer(Timer::Workload) => self.work(now, out),
            Input::Timer(Timer::Work) => {
                if let Some(reader) = &mut self.reader {
                    reader.worked(&mut self.tools, out);
                }
            }
            Input::Timer(Timer::Program) => {
                if let Some(program) = &mut self.program {
                    program.wake();
                }
            }
            Input::Stop => {
                self.tools.close(now, out);
                out.exit();
                return;
            }
            Input::Timer(Timer::Producer | Timer::Consumer | Timer::Admin)
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
        ClientView::of(&self.tools)
    }
}

impl Client {
    /// Sends the workload's next record.
    fn work(&mut self, now: Now, out: &mut Out<Self>) {
        let App::Producer {
            workload: Some(workload),
            ..
        } = &self.setup.app
        else {
            return;
        };
        let n = self.worked;
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
        self.worked += 1;
        self.tools.send(what, now, out);
    }

    /// Lets everyone do what they can, and wakes them when there is more to do.
    fn drive(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        self.tools.drive(now, chance, out);
        if let Some(reader) = &mut self.reader {
            reader.drive(&mut self.tools, now, out);
        }
        if let Some(program) = &mut self.program {
            program.take_deliveries(self.tools.take_delivered());
            if program.run(&mut self.tools, now, out) {
                self.tools.close(now, out);
                out.exit();
                return;
            }
        } else {
            self.tools.forget_delivered();
        }
        // What the application did may be something to do for its producer or consumer.
        self.tools.drive(now, chance, out);
        self.tools.arm(now, out);
    }
}

impl Tools {
    /// Makes a producer.
    pub fn produce_with(&mut self, config: Rc<ProducerConfig>) {
        self.producer = Some(Producer::new(
            self.node,
            self.client_id.clone(),
            self.bootstrap.clone(),
            config,
        ));
    }

    /// Makes a consumer.
    pub fn consume_with(
        &mut self,
        config: Rc<ConsumerConfig>,
        group: Option<Name>,
        reads: &Reads,
        out: &mut Out<Client>,
    ) {
        self.consumer = Some(Consumer::new(
            self.node,
            self.client_id.clone(),
            self.bootstrap.clone(),
            config,
            group,
            reads,
            out,
        ));
    }

    /// Makes an administrator's client.
    pub fn administer(&mut self) {
        self.admin = Some(Admin::new(self.client_id.clone(), self.bootstrap.clone()));
    }

    /// Sends one record, and gives it its identity.
    pub fn send(&mut self, what: ToSend, now: Now, out: &mut Out<Client>) -> MessageId {
        let message = MessageId {
            client: self.node,
            n: self.sent,
        };
        self.sent += 1;
        if let Some(producer) = &mut self.producer {
            producer.send(message, what, now, out);
        }
        message
    }

    /// How many messages it sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// Tells onlookers what happened here.
    pub fn tell(&self, what: ClientWhat, out: &mut Out<Client>) {
        out.tell(Fact::Client(ClientFact {
            client: self.node,
            what,
        }));
    }

    fn take_delivered(&mut self) -> Vec<Delivery> {
        let producer = self.producer.as_mut();
        producer.map(Producer::take_delivered).unwrap_or_default()
    }

    /// Nobody asks for what became of messages.
    fn forget_delivered(&mut self) {
        if let Some(producer) = &mut self.producer {
            producer.forget_delivered();
        }
    }

    fn drive(&mut self, now: Now, chance: &mut Chance<'_>, out: &mut Out<Client>) {
        if let Some(producer) = &mut self.producer {
            producer.drive(now, chance, out);
        }
        if let Some(consumer) = &mut self.consumer {
            consumer.drive(now, chance, out);
        }
        let admin = self.admin.as_mut();
        let over = admin.map(|admin| admin.drive(now, chance, out));
        for what in over.unwrap_or_default() {
            self.tell(what, out);
        }
    }

    fn arm(&self, now: Now, out: &mut Out<Client>) {
        let producer = self.producer.as_ref();
        let consumer = self.consumer.as_ref();
        let admin = self.admin.as_ref();
        let all = [
            (Timer::Producer, producer.map(|p| p.next_deadline(now))),
            (Timer::Consumer, consumer.map(|c| c.next_deadline(now))),
            (Timer::Admin, admin.map(|a| a.next_deadline(now))),
        ];
        for (timer, deadline) in all {
            match deadline {
                Some(Some(at)) => {
                    assert!(at > now.mono, "{timer:?} waits for what is over");
                    out.arm(timer, Span::us(at - now.mono));
                }
                Some(None) => out.disarm(timer),
                None => {}
            }
        }
    }

    fn connected(&mut self, link: LinkId) {
        if let Some(producer) = &mut self.producer {
            producer.network.connected(link);
        }
        if let Some(consumer) = &mut self.consumer {
            consumer.network.connected(link);
        }
        if let Some(admin) = &mut self.admin {
            admin.network.connected(link);
        }
    }

    fn disconnected(
        &mut self,
        link: LinkId,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        if let Some(producer) = &mut self.producer {
            let lost = producer.network.disconnected(link, now, chance);
            producer.lost(lost, now, chance, out);
        }
        if let Some(consumer) = &mut self.consumer {
            let lost = consumer.network.disconnected(link, now, chance);
            consumer.lost(lost, now);
        }
        if let Some(admin) = &mut self.admin {
            let lost = admin.network.disconnected(link, now, chance);
            admin.lost(&lost, now, chance);
        }
    }

    fn answered(
        &mut self,
        link: LinkId,
        response: Response,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) {
        let number = response.correlation_id;
        if let Some(producer) = &mut self.producer
            && let Some((_, purpose)) = producer.network.answered(link, number)
        {
            match (purpose, response.body) {
                (None, ResponseBody::Data(DataResponse::Metadata(metadata))) => {
                    producer.network.learn(&metadata, now, chance);
                }
                (Some(batches), ResponseBody::Data(response)) => {
                    producer.answered(&batches, response, now, chance, out);
                }
                (purpose, body) => panic!("{} does not answer {purpose:?}", body.label()),
            }
        } else if let Some(consumer) = &mut self.consumer
            && let Some((_, purpose)) = consumer.network.answered(link, number)
        {
            match (purpose, response.body) {
                (None, ResponseBody::Data(DataResponse::Metadata(metadata))) => {
                    consumer.network.learn(&metadata, now, chance);
                }
                (Some(asked), body) => consumer.answered(asked, body, now, out),
                (None, body) => panic!("{} does not answer Metadata", body.label()),
            }
        } else if let Some(admin) = &mut self.admin
            && let Some((_, Some(call))) = admin.network.answered(link, number)
            && let Some(what) = admin.answered(call, &response.body)
        {
            self.tell(what, out);
        }
    }

    /// Hangs up; what is still buffered is lost with the process.
    fn close(&mut self, now: Now, out: &mut Out<Client>) {
        if let Some(producer) = &mut self.producer {
            producer.abort(out);
        }
        if let Some(consumer) = &mut self.consumer {
            consumer.close(now, out);
        }
        if let Some(admin) = &mut self.admin {
            admin.network.close(out);
        }
    }
}

impl Workload {
    /// The value of the `n`th record: its number, filled up with dots.
    fn value(&self, n: u32) -> Bytes {
        let mut bytes = alloc::format!("{n}").into_bytes();
        bytes.resize(bytes.len().max(self.value_bytes as usize), b'.');
        bytes.into()
    }
}
