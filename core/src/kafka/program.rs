//! A program as people first write it with kafka-python: its calls one after the other, each with
//! its line in the listing.
//!
//! What blocks there blocks here: `send` until the topic's metadata is known, `future.get` until
//! the record is acknowledged or failed, `flush` until nothing is left, the loop over a consumer
//! until there is a record. At its end the process exits, and what it has not flushed is lost, as
//! with kafka-python, which closes the producer with a timeout of 0 then.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::client::{Client, Timer, Tools};
use crate::kafka::config::consumer::ConsumerConfig;
use crate::kafka::config::producer::ProducerConfig;
use crate::kafka::consumer::{Polled, Reads};
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::client::ClientWhat;
use crate::kafka::producer::{Delivery, ToSend};
use crate::kafka::reader::{commit, delivered};
use crate::machine::Out;
use crate::names::{MessageId, Name};
use crate::shared::Deque;
use crate::time::{Now, Span};

/// Where kafka-python's producer has other defaults than Java's.
pub const PYTHON_PRODUCER: &[(&str, &str)] =
    &[("linger.ms", "0"), ("reconnect.backoff.max.ms", "30000")];

/// Where kafka-python's consumer has other defaults than Java's.
pub const PYTHON_CONSUMER: &[(&str, &str)] = &[("reconnect.backoff.max.ms", "30000")];

/// One call of a program.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Step {
    /// Its line in the listing, counted from 1.
    pub line: u32,
    /// What it calls.
    pub call: Call,
}

/// What a line calls.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Call {
    /// `producer = KafkaProducer(...)`.
    KafkaProducer(Rc<ProducerConfig>),
    /// `future = producer.send(...)`.
    Send(ToSend),
    /// `future.get(timeout=...)` on the last future.
    Get {
        /// `timeout`.
        timeout: Option<Span>,
    },
    /// `producer.flush()`.
    Flush,
    /// `producer.close()`: flushes first.
    CloseProducer,
    /// `consumer = KafkaConsumer(...)`.
    KafkaConsumer {
        /// Its configuration.
        config: Rc<ConsumerConfig>,
        /// `group_id`.
        group: Option<Name>,
        /// What it reads.
        reads: Reads,
    },
    /// `for record in consumer:`.
    ForRecord {
        /// The lines inside.
        body: Rc<[Step]>,
        /// How often at most; `None` for ever.
        times: Option<u32>,
    },
    /// `consumer.commit()`.
    Commit,
    /// `print(...)` of a text.
    Print(Name),
    /// `print(record.offset, record.value)`, or the metadata that `get` returned.
    PrintRecord,
    /// `time.sleep(...)`.
    Sleep(Span),
    /// `for _ in range(...):`.
    Repeat {
        /// The lines inside.
        body: Rc<[Step]>,
        /// How often.
        times: u32,
    },
}

/// A running program.
#[derive(Clone, Debug, Fingerprint)]
pub struct Program {
    frames: Vec<Frame>,
    waiting: Option<Waiting>,
    future: Option<MessageId>,
    delivery: Option<Delivery>,
    record: Option<Polled>,
    polled: Deque<Polled>,
}

/// The program itself, or a loop's body.
#[derive(Clone, Debug, Fingerprint)]
struct Frame {
    steps: Rc<[Step]>,
    next: u32,
    again: Again,
}

#[derive(Clone, Debug, Fingerprint)]
enum Again {
    No,
    Times { left: u32, line: u32 },
    Records { left: Option<u32>, line: u32 },
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
enum Waiting {
    SendReturned,
    Future,
    Flushed,
    Closed,
    Committed,
    Record,
    Timer,
}

impl Program {
    /// At its first line.
    #[must_use]
    pub fn new(steps: Rc<[Step]>) -> Self {
        Program {
            frames: alloc::vec![Frame {
                steps,
                next: 0,
                again: Again::No,
            }],
            waiting: None,
            future: None,
            delivery: None,
            record: None,
            polled: Deque::new(),
        }
    }

    /// Notes what became of the last future.
    pub fn take_deliveries(&mut self, deliveries: Vec<Delivery>) {
        let last = deliveries
            .into_iter()
            .find(|d| Some(d.message) == self.future);
        if last.is_some() {
            self.delivery = last;
        }
    }

    /// It has slept long enough, or `get` has waited long enough.
    pub fn wake(&mut self) {
        match self.waiting {
            Some(Waiting::Timer) => self.waiting = None,
            Some(Waiting::Future) => {
                self.delivery = self.future.map(|message| Delivery {
                    message,
                    result: Err(ErrorCode::RequestTimedOut),
                });
            }
            _ => {}
        }
    }

    /// Goes on as far as it can. Says whether it has ended.
    pub fn run(&mut self, tools: &mut Tools, now: Now, out: &mut Out<Client>) -> bool {
        let raised = |tools: &Tools| {
            tools
                .consumer
                .as_ref()
                .is_some_and(|c| c.raised().is_some())
        };
        loop {
            if raised(tools) {
                return true;
            }
            if let Some(waiting) = self.waiting {
                match self.check(waiting, tools, now, out) {
                    Check::Wait => return false,
                    Check::GoOn => self.waiting = None,
                    Check::Raise(exception) => {
                        tools.tell(ClientWhat::Raised { exception }, out);
                        return true;
                    }
                }
            }
            match self.next_step(tools, out) {
                Some(step) => {
                    tools.tell(ClientWhat::Line { line: step.line }, out);
                    self.call(&step, tools, now, out);
                }
                None if self.waiting.is_some() => {}
                None => return true,
            }
        }
    }

    /// The next line. A loop's head comes again after its body.
    fn next_step(&mut self, tools: &Tools, out: &mut Out<Client>) -> Option<Step> {
        loop {
            let frame = self.frames.last_mut()?;
            if let Some(step) = frame.steps.get(frame.next as usize) {
                frame.next += 1;
                return Some(step.clone());
            }
            match &mut frame.again {
                Again::Times { left, line } if *left > 1 => {
                    *left -= 1;
                    frame.next = 0;
                    tools.tell(ClientWhat::Line { line: *line }, out);
                }
                Again::Records { left, line } if *left != Some(1) => {
                    *left = left.map(|left| left - 1);
                    frame.next = 0;
                    tools.tell(ClientWhat::Line { line: *line }, out);
                    self.waiting = Some(Waiting::Record);
                    return None;
                }
                _ => {
                    self.frames.pop();
                }
            }
        }
    }

    fn call(&mut self, step: &Step, tools: &mut Tools, now: Now, out: &mut Out<Client>) {
        match &step.call {
            Call::KafkaProducer(config) => tools.produce_with(config.clone()),
            Call::Send(what) => {
                self.delivery = None;
                self.future = Some(tools.send(what.clone(), now, out));
                self.waiting = Some(Waiting::SendReturned);
            }
            Call::Get { timeout } => {
                if let Some(timeout) = timeout {
                    out.arm(Timer::Program, *timeout);
                }
                self.waiting = Some(Waiting::Future);
            }
            Call::Flush => self.flush(Waiting::Flushed, tools),
            Call::CloseProducer => self.flush(Waiting::Closed, tools),
            Call::KafkaConsumer {
                config,
                group,
                reads,
            } => tools.consume_with(config.clone(), group.clone(), reads, out),
            Call::ForRecord { body, times } => {
                self.waiting = Some(Waiting::Record);
                self.enter(
                    body,
                    Again::Records {
                        left: *times,
                        line: step.line,
                    },
                );
            }
            Call::Repeat { body, times } => self.enter(
                body,
                Again::Times {
                    left: *times,
                    line: step.line,
                },
            ),
            Call::Commit => {
                if let Some(record) = &self.record {
                    commit(record, tools);
                    self.waiting = Some(Waiting::Committed);
                }
            }
            Call::Print(text) => tools.tell(ClientWhat::Printed { text: text.clone() }, out),
            Call::PrintRecord => tools.tell(
                ClientWhat::Printed {
                    text: self.printed().into(),
                },
                out,
            ),
            Call::Sleep(span) => {
                out.arm(Timer::Program, *span);
                self.waiting = Some(Waiting::Timer);
            }
        }
    }

    fn enter(&mut self, body: &Rc<[Step]>, again: Again) {
        self.frames.push(Frame {
            steps: body.clone(),
            next: 0,
            again,
        });
    }

    fn flush(&mut self, waiting: Waiting, tools: &mut Tools) {
        if let Some(producer) = &mut tools.producer {
            producer.flush();
            self.waiting = Some(waiting);
        }
    }

    /// Whether what a call waits for is there.
    fn check(
        &mut self,
        waiting: Waiting,
        tools: &mut Tools,
        now: Now,
        out: &mut Out<Client>,
    ) -> Check {
        let done = match waiting {
            Waiting::Timer => false,
            Waiting::SendReturned => tools.producer.as_ref().is_none_or(|p| p.backlog().0 == 0),
            Waiting::Future => {
                return match &self.delivery {
                    None => Check::Wait,
                    Some(Delivery { result: Ok(_), .. }) => {
                        out.disarm(Timer::Program);
                        Check::GoOn
                    }
                    Some(Delivery {
                        result: Err(error), ..
                    }) => Check::Raise(exception(*error)),
                };
            }
            Waiting::Flushed => tools.producer.as_ref().is_none_or(|p| p.is_flushed()),
            Waiting::Closed => {
                let flushed = tools.producer.as_ref().is_none_or(|p| p.is_flushed());
                if flushed && let Some(mut producer) = tools.producer.take() {
                    producer.abort(out);
                }
                flushed
            }
            Waiting::Committed => {
                let consumer = tools.consumer.as_mut();
                let Some(error) = consumer.and_then(|consumer| consumer.take_committed()) else {
                    return Check::Wait;
                };
                if !error.is_none() {
                    return Check::Raise("kafka.errors.CommitFailedError".into());
                }
                true
            }
            Waiting::Record => {
                if self.polled.is_empty()
                    && let Some(consumer) = &mut tools.consumer
                {
                    self.polled.extend(consumer.poll(now, out));
                }
                match self.polled.pop_front() {
                    None => false,
                    Some(record) => {
                        tools.tell(delivered(&record, tools), out);
                        self.record = Some(record);
                        true
                    }
                }
            }
        };
        if done { Check::GoOn } else { Check::Wait }
    }

    /// What `print` shows: of a record its offset and value, of a future its partition and offset.
    fn printed(&self) -> String {
        if let Some(polled) = &self.record {
            let value = polled.record.value.as_deref().unwrap_or_default();
            return format!("{} b'{}'", polled.offset, String::from_utf8_lossy(value));
        }
        match self.delivery.as_ref().map(|delivery| &delivery.result) {
            Some(Ok((partition, offset))) => {
                let offset = offset.map_or(-1, |offset| offset as i64);
                format!("{} {offset}", partition.partition)
            }
            _ => String::from("None"),
        }
    }
}

/// How it stands with a call that waits.
enum Check {
    Wait,
    GoOn,
    Raise(Name),
}

/// The exception that kafka-python has for an error.
fn exception(error: ErrorCode) -> Name {
    match error {
        ErrorCode::RequestTimedOut => "kafka.errors.KafkaTimeoutError".into(),
        other => format!("kafka.errors.{other:?}Error").into(),
    }
}
