//! The closed union of machines that may share a world.
//!
//! One world holds RabbitMQ nodes, Kafka brokers, controllers and all their clients. Each is a
//! machine of its own; here their inputs and effects are put into one vocabulary and back. The
//! kernel is generic; [`Stage`] is its one instance, and outside the kernel nothing has a type
//! parameter.

mod member;
mod words;

pub use member::Seat;
pub use words::{Command, Fact, Lens, Record, Setup, Timer, View, Wire};

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::kafka;
use glassmq_core::machine::{Chance, Input, Kept, Machine, Out};
use glassmq_core::rabbitmq;
use glassmq_core::time::Now;

use crate::world::World;

/// The world that scenarios are played in.
pub type Stage = World<Cast>;

/// Any process of a scenario. Boxed, so that all are small.
#[derive(Clone, Debug, Fingerprint)]
pub enum Cast {
    /// A RabbitMQ node.
    RabbitmqNode(Box<Seat<rabbitmq::broker::Broker>>),
    /// A publisher, a consumer or a program of RabbitMQ's.
    RabbitmqClient(Box<Seat<rabbitmq::client::Client>>),
    /// A Kafka broker.
    KafkaBroker(Box<Seat<kafka::broker::Broker>>),
    /// A Kafka controller.
    KafkaController(Box<Seat<kafka::controller_node::ControllerNode>>),
    /// A producer, a consumer or a program of Kafka's.
    KafkaClient(Box<Seat<kafka::client::Client>>),
}

impl Machine for Cast {
    type Setup = Setup;
    type Command = Command;
    type Message = Wire;
    type Timer = Timer;
    type Record = Record;
    type Fact = Fact;
    type View = View;
    type Lens = Lens;

    fn boot(
        setup: &Setup,
        kept: &Kept<Record>,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        match setup {
            Setup::RabbitmqNode(setup) => {
                Cast::RabbitmqNode(member::boot(setup, kept, now, chance, out))
            }
            Setup::RabbitmqClient(setup) => {
                Cast::RabbitmqClient(member::boot(setup, kept, now, chance, out))
            }
            Setup::KafkaBroker(setup) => {
                Cast::KafkaBroker(member::boot(setup, kept, now, chance, out))
            }
            Setup::KafkaController(setup) => {
                Cast::KafkaController(member::boot(setup, kept, now, chance, out))
            }
            Setup::KafkaClient(setup) => {
                Cast::KafkaClient(member::boot(setup, kept, now, chance, out))
            }
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match self {
            Cast::RabbitmqNode(seat) => member::step(seat, input, now, chance, out),
            Cast::RabbitmqClient(seat) => member::step(seat, input, now, chance, out),
            Cast::KafkaBroker(seat) => member::step(seat, input, now, chance, out),
            Cast::KafkaController(seat) => member::step(seat, input, now, chance, out),
            Cast::KafkaClient(seat) => member::step(seat, input, now, chance, out),
        }
    }

    fn view(&self, lens: &Lens) -> View {
        match self {
            Cast::RabbitmqNode(machine) => View::RabbitmqNode(machine.view(&lens.rabbitmq)),
            Cast::RabbitmqClient(machine) => View::RabbitmqClient(machine.view(&())),
            Cast::KafkaBroker(machine) => View::KafkaBroker(machine.view(&lens.kafka)),
            Cast::KafkaController(machine) => View::KafkaController(Box::new(machine.view(&()))),
            Cast::KafkaClient(machine) => View::KafkaClient(machine.view(&lens.kafka)),
        }
    }
}
