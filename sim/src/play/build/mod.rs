//! From a scenario to a stage: each process with its setup, in the order of the scenario's names.

pub(super) mod kafka;
mod rabbitmq;

use glassmq_core::names::{Name, NodeId};
use glassmq_core::time::Span;

use super::names::Names;
use crate::NetworkPace;
use crate::cast::{Setup, Stage};
use crate::disk::DiskPace;
use crate::process::ServicePace;
use crate::scenario::Scenario;
use crate::scenario::client::{Client, Kind};
use crate::scenario::order::ADMINISTRATOR;
use crate::scenario::problem::{Place, Problem};
use crate::scenario::program::{Call, Program};
use crate::scenario::record::Choice as _;
use crate::scenario::who::{Role, Who};
use crate::scenario::world::Service;
use crate::world::Spec;

/// What the parts of a scenario are built with.
struct Site<'a> {
    scenario: &'a Scenario,
    names: &'a Names,
    problems: Vec<Problem>,
}

/// Builds the stage of a scenario.
pub(super) fn stage(scenario: &Scenario, seed: u64) -> Result<(Stage, Names), Vec<Problem>> {
    let clients = scenario.clients.iter().map(|client| client.name.clone());
    let administrator = (!scenario.orders.is_empty()).then(|| ADMINISTRATOR.to_string());
    let all = scenario.world.names().into_iter();
    let all = all.chain(clients).chain(administrator);
    let names = Names::new(all.map(Name::from));
    let mut site = Site {
        scenario,
        names: &names,
        problems: Vec::new(),
    };
    let network = &scenario.world.network;
    let pace = NetworkPace {
        latency: network.latency,
        bandwidth: network.bandwidth.map(|rate| rate.0),
        buffer: network.buffer.0,
        ..NetworkPace::default()
    };
    let mut stage = Stage::new(seed, scenario.world.epoch.0 * 1_000_000, pace);
    for order in &scenario.orders {
        if kafka::request(&order.what).is_none() {
            site.refuse(&format!("not modelled: {}", order.what.word()));
        }
    }
    if scenario.chaos.is_some() {
        site.refuse("not modelled: chaos");
    }
    for spec in site.specs() {
        stage.add(spec);
    }
    if site.problems.is_empty() {
        Ok((stage, names))
    } else {
        Err(site.problems)
    }
}

impl Site<'_> {
    fn specs(&mut self) -> Vec<Spec<crate::cast::Cast>> {
        let mut specs = Vec::new();
        let world = &self.scenario.world;
        if let Some(cluster) = &world.rabbitmq {
            for setup in rabbitmq::nodes(self, cluster) {
                specs.push(self.spec(specs.len(), setup, service(cluster.service), 0));
            }
        }
        if let Some(cluster) = &world.kafka {
            for setup in kafka::nodes(self, cluster) {
                specs.push(self.spec(specs.len(), setup, service(cluster.service), 0));
            }
        }
        for client in &self.scenario.clients {
            let node = NodeId(specs.len() as u32);
            if let Some(setup) = self.client(node, client) {
                let instant = ServicePace::default();
                specs.push(self.spec(specs.len(), setup, instant, client.start.0));
            }
        }
        if !self.scenario.orders.is_empty() {
            let setup = kafka::administrator(self, NodeId(specs.len() as u32));
            specs.push(self.spec(specs.len(), setup, ServicePace::default(), 0));
        }
        specs
    }

    fn client(&mut self, node: NodeId, client: &Client) -> Option<Setup> {
        match &client.is {
            Kind::RabbitmqPublisher(it) => rabbitmq::publisher(self, node, it),
            Kind::RabbitmqConsumer(it) => rabbitmq::consumer(self, node, it),
            Kind::KafkaProducer(it) => kafka::producer(self, node, client, it),
            Kind::KafkaConsumer(it) => kafka::consumer(self, node, client, it),
            Kind::Program(program) if speaks_kafka(program) => {
                kafka::program(self, node, client, program)
            }
            Kind::Program(program) => rabbitmq::program(self, node, program),
        }
    }

    fn spec(
        &self,
        at: usize,
        setup: Setup,
        service: ServicePace,
        starts: u64,
    ) -> Spec<crate::cast::Cast> {
        let disk = &self.scenario.world.disk;
        let per_kib = disk
            .throughput
            .map_or(0, |rate| 1024 * 1_000_000 / rate.0.max(1));
        Spec {
            name: self.names.of(NodeId(at as u32)).into(),
            setup,
            disk: DiskPace {
                sync: disk.sync,
                per_kib,
                writeback: disk.writeback,
            },
            service,
            starts,
        }
    }

    /// The node a client is told to connect to; without a word, the first whose name starts so.
    fn broker(&mut self, to: Option<&Who>, first: &str) -> Option<NodeId> {
        let name = match to {
            None => format!("{first}-1"),
            Some(Who::Named(name)) => name.clone(),
            Some(Who::Role(role)) => {
                self.refuse(&format!("a client connects by name, not to {}", word(role)));
                return None;
            }
        };
        let found = self.names.find(&name);
        if found.is_none() {
            self.refuse(&format!("there is no {name} to connect to"));
        }
        found
    }

    /// Notes what cannot be built. The reader has checked what has a place in the file.
    fn refuse(&mut self, what: &str) {
        self.problems.push(Problem {
            at: Place { line: 1, column: 1 },
            what: what.to_string(),
            remedy: "see `glassmq explain`, or leave it out".to_string(),
        });
    }
}

fn word(role: &Role) -> String {
    use crate::scenario::form::Word;
    Who::Role(role.clone()).print()
}

fn service(service: Service) -> ServicePace {
    ServicePace {
        each: longest(service.each),
        per_kib: longest(service.per_kib),
    }
}

/// A service time is a number, not a choice.
fn longest(span: Span) -> u64 {
    span.most
}

fn speaks_kafka(program: &Program) -> bool {
    fn any(steps: &[crate::scenario::program::Step]) -> bool {
        steps
            .iter()
            .any(|step| matches!(step.call, Call::KafkaPython(_)) || any(step.inner().1))
    }
    any(&program.steps)
}
