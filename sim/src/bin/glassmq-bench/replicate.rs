//! Three brokers, three partitions: each broker leads one and pulls the other two. A record is
//! acknowledged once the smallest log end among its replicas has passed it.

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

const BROKERS: usize = 3;
const PRODUCER: u32 = 3;

#[derive(Clone, Debug, Fingerprint)]
enum Message {
    Produce {
        partition: u32,
        payload: Payload,
    },
    Ack,
    Fetch {
        partition: u32,
        follower: u32,
        from: u32,
    },
    Records {
        partition: u32,
        base: u32,
        high_watermark: u32,
        records: Vec<Payload>,
    },
}

impl Parcel for Message {
    fn bytes(&self) -> u64 {
        match self {
            Message::Produce { .. } => 80,
            Message::Records { records, .. } => 24 + 64 * records.len() as u64,
            _ => 16,
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Message::Produce { .. } => "produce",
            Message::Ack => "ack",
            Message::Fetch { .. } => "fetch",
            Message::Records { .. } => "records",
        }
    }
}

#[derive(Clone, Debug, Default, Fingerprint)]
struct Replica {
    log: Vec<Payload>,
    high_watermark: u32,
    /// Leader only: the known log ends.
    ends: [u32; BROKERS],
    /// Leader only: where a follower's fetch waits, and on which connection.
    parked: [Option<(u32, LinkId)>; BROKERS],
}

#[derive(Clone, Debug, Fingerprint)]
enum Node {
    Broker {
        me: u32,
        replicas: Box<[Replica; BROKERS]>,
        producer: Option<LinkId>,
        leaders: Vec<LinkId>,
    },
    Producer {
        links: Vec<LinkId>,
        connected: u32,
        next: u32,
        acked: u32,
        total: u32,
        window: u32,
    },
}

#[derive(Clone, Debug)]
enum Role {
    Broker,
    Producer { total: u32, window: u32 },
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
        let others = (0..BROKERS as u32).filter(|broker| broker != me);
        let links = others.map(|broker| out.connect(NodeId(broker))).collect();
        match *role {
            Role::Broker => Node::Broker {
                me: *me,
                replicas: Default::default(),
                producer: None,
                leaders: links,
            },
            Role::Producer { total, window } => Node::Producer {
                links,
                connected: 0,
                next: 0,
                acked: 0,
                total,
                window,
            },
        }
    }

    #[inline]
    fn step(&mut self, input: Input<Self>, _: Now, _: &mut Chance<'_>, out: &mut Out<Self>) {
        match input {
            Input::Message { link, message } => self.receive(link, message, out),
            Input::Connected { link } => match self {
                Node::Broker { me, leaders, .. } => {
                    let nth = leaders.iter().position(|leader| *leader == link);
                    let mut others = (0..BROKERS as u32).filter(|broker| broker != me);
                    let partition = others.nth(nth.expect("it asked for it")).expect("a broker");
                    out.send(
                        link,
                        Message::Fetch {
                            partition,
                            follower: *me,
                            from: 0,
                        },
                    );
                }
                Node::Producer {
                    connected, window, ..
                } => {
                    *connected += 1;
                    if *connected == BROKERS as u32 {
                        for _ in 0..*window {
                            self.produce(out);
                        }
                    }
                }
            },
            Input::Accepted {
                link,
                from: NodeId(PRODUCER),
            } => {
                if let Node::Broker { producer, .. } = self {
                    *producer = Some(link);
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
            links, next, total, ..
        } = self
        else {
            unreachable!()
        };
        if next < total {
            let partition = *next % BROKERS as u32;
            let payload = payload(PRODUCER, *next);
            *next += 1;
            out.send(
                links[partition as usize],
                Message::Produce { partition, payload },
            );
        }
    }

    #[inline]
    fn receive(&mut self, link: LinkId, message: Message, out: &mut Out<Self>) {
        let Node::Broker {
            me,
            replicas,
            producer,
            ..
        } = self
        else {
            if let Node::Producer { acked, .. } = self {
                *acked += 1;
            }
            return self.produce(out);
        };
        match message {
            Message::Produce { partition, payload } => {
                let replica = &mut replicas[partition as usize];
                replica.log.push(payload);
                replica.ends[*me as usize] = replica.log.len() as u32;
                for follower in 0..BROKERS {
                    if let Some((from, link)) = replica.parked[follower].take() {
                        replica.answer(partition, from, link, out);
                    }
                }
            }
            Message::Fetch {
                partition,
                follower,
                from,
            } => {
                let replica = &mut replicas[partition as usize];
                replica.ends[follower as usize] = from;
                let committed = replica.ends.into_iter().min().unwrap_or(0);
                while replica.high_watermark < committed {
                    replica.high_watermark += 1;
                    out.send(producer.expect("it produced"), Message::Ack);
                }
                if (from as usize) < replica.log.len() {
                    replica.answer(partition, from, link, out);
                } else {
                    replica.parked[follower as usize] = Some((from, link));
                }
            }
            Message::Records {
                partition,
                base,
                high_watermark,
                records,
            } => {
                let replica = &mut replicas[partition as usize];
                assert_eq!(
                    base as usize,
                    replica.log.len(),
                    "a follower reads in order"
                );
                replica.log.extend_from_slice(&records);
                replica.high_watermark = high_watermark;
                let from = replica.log.len() as u32;
                out.send(
                    link,
                    Message::Fetch {
                        partition,
                        follower: *me,
                        from,
                    },
                );
            }
            Message::Ack => unreachable!("not for a broker"),
        }
    }
}

impl Replica {
    fn answer(&self, partition: u32, from: u32, to: LinkId, out: &mut Out<Node>) {
        let records = self.log[from as usize..].to_vec();
        let high_watermark = self.high_watermark;
        out.send(
            to,
            Message::Records {
                partition,
                base: from,
                high_watermark,
                records,
            },
        );
    }
}

pub fn run(args: &Args) -> Run {
    let mut watch = Watch::begin();
    let mut world: World<Node> = World::new(args.seed, 0, pace());
    for n in 0..=BROKERS as u32 {
        let role = match n {
            PRODUCER => Role::Producer {
                total: args.messages,
                window: args.window,
            },
            _ => Role::Broker,
        };
        world.add(Spec {
            name: format!("node-{n}").into(),
            setup: (n, role),
            disk: DiskPace::default(),
            service: ServicePace::default(),
            starts: 0,
        });
    }
    let mut scratch = Scratch::default();
    let mut recorder = Recorder::default();
    watch.start();
    let mut events = 0;
    while !done(&world) && world.step(&mut scratch, &mut recorder) {
        events += 1;
    }
    let (setup, wall, cpu) = watch.stop();
    black_box(recorder.digests.behaviour());
    assert!(done(&world), "every record is acknowledged");
    let mut sum = 0u64;
    for (n, process) in world.nodes().take(BROKERS) {
        if let Some(Node::Broker { replicas, .. }) = process.machine() {
            sum = sum.wrapping_add(digest(&replicas[n.0 as usize].log));
        }
    }
    let records = u64::from(args.messages);
    Run {
        events,
        records,
        virtual_us: world.now(),
        setup,
        wall,
        cpu,
        digest: sum,
    }
}

fn done(world: &World<Node>) -> bool {
    let producer = world.node(NodeId(PRODUCER)).machine();
    matches!(producer, Some(Node::Producer { acked, total, .. }) if acked == total)
}
