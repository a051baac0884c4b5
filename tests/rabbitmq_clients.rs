//! RabbitMQ's applications in a world: what they do, and what they do when their connection ends.

use std::rc::Rc;

use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::rabbitmq::broker;
use glassmq_core::rabbitmq::client::call::{Call, Step};
use glassmq_core::rabbitmq::client::session::Parameters;
use glassmq_core::rabbitmq::client::{self, Role, publisher, subscriber};
use glassmq_core::rabbitmq::definitions::{Definitions, Queue};
use glassmq_core::rabbitmq::fact::Fact;
use glassmq_core::rabbitmq::method::{Method, QueueDeclare};
use glassmq_core::time::Span;
use glassmq_sim::cast::{self, Cast, Setup, Stage};
use glassmq_sim::disk::DiskPace;
use glassmq_sim::event::{Event, EventId, Sink, What};
use glassmq_sim::fault::{Fault, Lose};

use glassmq_sim::NetworkPace;
use glassmq_sim::process::ServicePace;
use glassmq_sim::world::{Scratch, Spec};

const BROKER: NodeId = NodeId(0);

#[derive(Default)]
struct Facts(Vec<(NodeId, Fact)>);

impl Sink<Cast> for Facts {
    fn event(&mut self, event: &Event<'_, Cast>) {
        if let What::Fact {
            fact: cast::Fact::Rabbitmq(fact),
        } = &event.what
        {
            self.0.push((event.node, fact.clone()));
        }
    }
}

impl Facts {
    fn of(&self, node: u32, name: &str) -> Vec<&Fact> {
        let of = self
            .0
            .iter()
            .filter(|(at, fact)| *at == NodeId(node) && fact.name() == name);
        of.map(|(_, fact)| fact).collect()
    }

    fn messages(&self, node: u32, name: &str) -> Vec<u32> {
        let messages = self.of(node, name).into_iter().filter_map(Fact::message);
        messages.map(|message: MessageId| message.n).collect()
    }
}

/// A broker with the durable queue `q`, and these clients.
fn world(roles: Vec<Role>) -> Stage {
    let mut world = Stage::new(7, 0, NetworkPace::default());
    let mut broker = broker::Setup::new(BROKER);
    broker.definitions = Definitions {
        queues: vec![Queue {
            name: "q".into(),
            vhost: "/".into(),
            durable: true,
            ..Queue::default()
        }],
        ..Definitions::default()
    };
    add(&mut world, "rabbit-1", Setup::RabbitmqNode(broker));
    for (n, role) in (1u32..).zip(roles) {
        let setup = client::Setup {
            node: NodeId(n),
            parameters: Parameters::new(BROKER),
            role,
        };
        add(
            &mut world,
            &format!("client-{n}"),
            Setup::RabbitmqClient(setup),
        );
    }
    world
}

fn add(world: &mut Stage, name: &str, setup: Setup) {
    world.add(Spec {
        name: name.into(),
        setup,
        disk: DiskPace::default(),
        service: ServicePace::default(),
        starts: 0,
    });
}

fn played(world: &mut Stage, until_ms: u64, facts: &mut Facts) {
    world.run_until(until_ms * 1000, &mut Scratch::default(), facts);
}

fn publisher(count: u32) -> Role {
    Role::Publisher(publisher::Setup {
        exchange: "".into(),
        routing_keys: vec!["q".into()],
        confirm: true,
        mandatory: false,
        delivery_mode: 2,
        every: Span::ms(10),
        count: Some(count),
        size: 10,
    })
}

fn subscriber(ack: subscriber::Ack) -> Role {
    Role::Subscriber(subscriber::Setup {
        queue: "q".into(),
        prefetch: 1,
        work: Span::ms(20),
        ack,
    })
}

fn program(calls: Vec<Call>) -> Role {
    let lines = (1..).zip(calls);
    let steps: Vec<Step> = lines.map(|(line, call)| Step { line, call }).collect();
    Role::Program(steps.into())
}

fn connect() -> Vec<Call> {
    vec![
        Call::BlockingConnection(Parameters::new(BROKER)),
        Call::Channel,
    ]
}

#[test]
fn hello_goes_from_one_program_to_the_other_line_by_line() {
    let declare = Call::Ask(Method::QueueDeclare(QueueDeclare {
        queue: "hello".into(),
        ..QueueDeclare::default()
    }));
    let mut send = connect();
    send.extend([
        declare.clone(),
        Call::BasicPublish {
            exchange: "".into(),
            routing_key: "hello".into(),
            body: "Hello under glass".into(),
            mandatory: false,
            delivery_mode: None,
        },
        Call::Print("sent".into()),
        Call::Close,
    ]);
    let callback = vec![
        Step {
            line: 10,
            call: Call::Print("".into()),
        },
        Step {
            line: 11,
            call: Call::BasicAck,
        },
    ];
    let mut receive = connect();
    receive.extend([
        declare,
        Call::BasicConsume {
            queue: "hello".into(),
            auto_ack: false,
            on_message: Rc::from(callback),
        },
        Call::StartConsuming,
    ]);
    let mut world = world(vec![program(send), program(receive)]);
    let mut facts = Facts::default();
    played(&mut world, 1000, &mut facts);
    let lines = |node| -> Vec<u32> {
        let line = |fact: &Fact| match fact {
            Fact::Line { line, .. } => Some(*line),
            _ => None,
        };
        facts
            .of(node, "line")
            .into_iter()
            .filter_map(line)
            .collect()
    };
    assert_eq!(lines(1), [1, 2, 3, 4, 5, 6]);
    assert_eq!(lines(2), [1, 2, 3, 4, 5, 10, 11]);
    let printed: Vec<String> = facts
        .of(2, "printed")
        .iter()
        .map(|f| f.to_string())
        .collect();
    assert_eq!(printed, ["printed Hello under glass"]);
    assert_eq!(facts.messages(2, "processed"), [0]);
    assert_eq!(facts.messages(0, "acknowledged"), [0]);
}

#[test]
fn an_exception_ends_a_program_at_the_call_that_raised_it() {
    let mut calls = connect();
    calls.extend([
        Call::BasicGet {
            queue: "nobody".into(),
            auto_ack: true,
        },
        Call::Print("never".into()),
    ]);
    let mut world = world(vec![program(calls)]);
    let mut facts = Facts::default();
    played(&mut world, 1000, &mut facts);
    let raised: Vec<String> = facts
        .of(1, "raised")
        .iter()
        .map(|f| f.to_string())
        .collect();
    let text = "raised ChannelClosedByBroker: \
                (404, \"NOT_FOUND - no queue 'nobody' in vhost '/'\")";
    assert_eq!(raised, [text]);
    assert!(facts.of(1, "printed").is_empty());
}

#[test]
fn a_publisher_sends_again_what_was_not_confirmed_when_its_connection_ended() {
    let mut world = world(vec![publisher(30), subscriber(subscriber::Ack::After)]);
    let mut facts = Facts::default();
    played(&mut world, 100, &mut facts);
    world.fault(
        100_000,
        Fault::Reset {
            a: BROKER,
            b: NodeId(1),
        },
        EventId::ROOT,
    );
    played(&mut world, 5000, &mut facts);
    assert!(!facts.of(1, "publish unknown").is_empty());
    let mut confirmed = facts.messages(1, "publish confirmed");
    confirmed.sort_unstable();
    assert_eq!(confirmed, (0..30).collect::<Vec<u32>>());
    let processed = facts.messages(2, "processed");
    assert!((0..30).all(|n| processed.contains(&n)));
}

#[test]
fn no_confirmed_message_is_lost_when_the_power_fails_and_redeliveries_are_marked() {
    let mut world = world(vec![publisher(40), subscriber(subscriber::Ack::After)]);
    let mut facts = Facts::default();
    played(&mut world, 200, &mut facts);
    let (node, lose) = (BROKER, Lose::Power);
    let crash = Fault::Crash {
        node,
        lose,
        after_effects: None,
    };
    world.fault(200_000, crash, EventId::ROOT);
    world.fault(300_000, Fault::Restart { node }, EventId::ROOT);
    // Nobody tells the clients of a power loss: their heartbeats have to.
    played(&mut world, 400_000, &mut facts);
    let processed = facts.messages(2, "processed");
    assert!((0..40).all(|n| processed.contains(&n)), "{processed:?}");
    let redelivered = facts.of(2, "received").into_iter().any(|fact| {
        matches!(
            fact,
            Fact::Received {
                redelivered: true,
                ..
            }
        )
    });
    assert!(redelivered);
}

#[test]
fn acknowledging_before_the_work_loses_what_was_at_work_and_nobody_is_told() {
    let mut world = world(vec![publisher(5), subscriber(subscriber::Ack::Before)]);
    let mut facts = Facts::default();
    played(&mut world, 60, &mut facts);
    let node = NodeId(2);
    let crash = Fault::Crash {
        node,
        lose: Lose::Process,
        after_effects: None,
    };
    world.fault(60_000, crash, EventId::ROOT);
    world.fault(100_000, Fault::Restart { node }, EventId::ROOT);
    played(&mut world, 3000, &mut facts);
    assert_eq!(facts.messages(0, "acknowledged").len(), 5);
    assert_eq!(facts.messages(2, "processed").len(), 4);
}
