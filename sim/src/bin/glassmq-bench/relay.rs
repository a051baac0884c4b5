//! Producers send to one broker, which acknowledges and pushes to one consumer, which commits.
//! Four messages for each record.

use std::convert::Infallible;
use std::hint::black_box;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Chance, Input, Kept, Machine, Out, Parcel};
use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::time::Now;
use glassmq_sim::disk::DiskPace;
use glassmq_sim::process::ServicePace;
use glassmq_sim::trace::Recorder;
use glassmq_sim::world::{Scratch, Spec, World};

use crate::args::Args;
use crate::report::{Run, Watch};
use crate::{Payload, digest, pace, payload};

const BROKER: NodeId = NodeId(0);

#[derive(Clone, Debug, Fingerprint)]
enum Message {
    Produce {
        producer: u32,
        n: u32,
        payload: Payload,
    },
    Ack {
        n: u32,
    },
    Subscribe,
    Deliver {
        offset: u32,
        payload: Payload,
    },
    Commit {
        offset: u32,
    },
}

impl Parcel for Message {
    fn bytes(&self) -> u64 {
        match self {
            Message::Produce { .. } | Message::Deliver { .. } => 80,
            _ => 16,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Message::Produce { .. } => "produce",
            Message::Ack { .. } => "ack",
            Message::Subscribe => "subscribe",
            Message::Deliver { .. } => "deliver",
            Message::Commit { .. } => "commit",
        }
    }
}

#[derive(Clone, Debug)]
enum Role {
    Broker,
    Consumer,
    Producer { total: u32, window: u32 },
}

#[derive(Clone, Debug, Fingerprint)]
enum Node {
    Broker {
        log: Vec<Payload>,
        consumer: Option<LinkId>,
        commits: u32,
    },
    Consumer {
        link: LinkId,
        received: u32,
    },
    Producer {
        me: u32,
        link: LinkId,
        next: u32,
        total: u32,
        window: u32,
    },
}

impl Machine for Node {
    type Setup = (u32, Role);
    type Command = Infallible;
    type Message = Message;
    type Timer = Infallible;
    type Record = Infallible;
    type Fact = Infallible;
    type View = ();
    type Lens = ();

    fn boot(
        (me, role): &(u32, Role),
        _: &Kept<Infallible>,
        _: Now,
        _: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match *role {
            Role::Broker => Node::Broker {
                log: Vec::new(),
                consumer: None,
                commits: 0,
            },
            Role::Consumer => Node::Consumer {
                link: out.connect(BROKER),
                received: 0,
            },
            Role::Producer { total, window } => {
                let link = out.connect(BROKER);
                Node::Producer {
                    me: *me,
                    link,
                    next: 0,
                    total,
                    window,
                }
            }
        }
    }

    #[inline]
    fn step(&mut self, input: Input<Self>, _: Now, _: &mut Chance<'_>, out: &mut Out<Self>) {
        match (self, input) {
            (
                Node::Broker {
                    log,
                    consumer,
                    commits,
                },
                Input::Message { link, message },
            ) => match message {
                Message::Produce { n, payload, .. } => {
                    let offset = log.len() as u32;
                    log.push(payload);
                    out.send(link, Message::Ack { n });
                    let consumer = consumer.expect("the consumer came first");
                    out.send(consumer, Message::Deliver { offset, payload });
                }
                Message::Subscribe => *consumer = Some(link),
                _ => *commits += 1,
            },
            (Node::Consumer { received, .. }, Input::Message { link, message }) => {
                let Message::Deliver { offset, .. } = message else {
                    unreachable!()
                };
                *received += 1;
                out.send(link, Message::Commit { offset });
            }
            (Node::Consumer { link, .. }, Input::Connected { .. }) => {
                out.send(*link, Message::Subscribe);
            }
            (producer @ Node::Producer { .. }, Input::Message { .. }) => producer.produce(out),
            (producer @ Node::Producer { .. }, Input::Connected { .. }) => {
                let Node::Producer { window, .. } = *producer else {
                    unreachable!()
                };
                for _ in 0..window {
                    producer.produce(out);
                }
            }
            _ => {}
        }
    }

    fn view(&self, (): &()) {}
}

impl Node {
    fn produce(&mut self, out: &mut Out<Self>) {
        let Node::Producer {
            me,
            link,
            next,
            total,
            ..
        } = self
        else {
            unreachable!()
        };
        if next < total {
            let (producer, n) = (*me, *next);
            *next += 1;
            out.send(
                *link,
                Message::Produce {
                    producer,
                    n,
                    payload: payload(producer, n),
                },
            );
        }
    }
}

pub fn run(args: &Args) -> Run {
    let mut watch = Watch::begin();
    let mut world: World<Node> = World::new(args.seed, 0, pace());
    let mut add = |n: u32, role: Role, starts: u64| {
        world.add(Spec {
            name: format!("{role:?}-{n}").into(),
            setup: (n, role),
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts,
        })
    };
    add(0, Role::Broker, 0);
    add(1, Role::Consumer, 0);
    for n in 0..args.producers {
        let role = Role::Producer {
            total: args.messages,
            window: args.window,
        };
        // After the consumer has subscribed.
        add(2 + n, role, 20_000);
    }
    let mut scratch = Scratch::default();
    let mut recorder = Recorder::default();
    watch.start();
    while world.step(&mut scratch, &mut recorder) {}
    let (setup, wall, cpu) = watch.stop();
    black_box(recorder.digests.behaviour());
    let Some(Node::Broker { log, commits, .. }) = world.node(BROKER).machine() else {
        unreachable!()
    };
    let records = u64::from(*commits);
    assert_eq!(
        records,
        u64::from(args.producers) * u64::from(args.messages)
    );
    let virtual_us = world.now();
    Run {
        events: 4 * records,
        records,
        virtual_us,
        setup,
        wall,
        cpu,
        digest: digest(log),
    }
}
