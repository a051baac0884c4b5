//! The clients: their names, what they use, and the lines of their programs.

use glassmq_core::kafka::config::consumer::ConsumerConfig;
use glassmq_core::kafka::config::producer::ProducerConfig;

use super::{Check, Path};
use crate::scenario::Scenario;
use crate::scenario::client::{Client, KafkaConsumer, Kind, RabbitmqPublisher};
use crate::scenario::kafka_python::KafkaPython;
use crate::scenario::order::ADMINISTRATOR;
use crate::scenario::pika::Pika;
use crate::scenario::program::{Call, Program, Step};
use crate::scenario::time::Time;
use crate::scenario::who::{Who, is_name};

impl Check<'_> {
    pub(super) fn clients(&mut self, scenario: &Scenario, root: &Path) {
        for (i, client) in scenario.clients.iter().enumerate() {
            let at = root.key("clients").index(i);
            let administered = !scenario.orders.is_empty();
            self.name(
                &at.key("name"),
                client,
                &scenario.clients[..i],
                administered,
            );
            if client.start >= scenario.until && client.start > Time(0) {
                let what = "this is after the end of the run";
                self.problem(
                    &at.key("start"),
                    what,
                    "choose an earlier time, or a later \"until\"",
                );
            }
            match &client.is {
                Kind::RabbitmqPublisher(it) => self.publisher(&at, it),
                Kind::RabbitmqConsumer(it) => {
                    self.rabbitmq(&at, it.to.as_ref());
                    let known = self.known;
                    let queues = known.queues.iter().map(String::as_str);
                    self.known_name(&at.key("queue"), "queue", &it.queue, queues);
                }
                Kind::KafkaProducer(it) => {
                    self.kafka_topic(&at.key("topic"), &it.topic, scenario);
                    let partitions = self.known.topics.get(&it.topic).copied();
                    if let (Some(n), Some(count)) = (it.partition, partitions) {
                        self.partition_number(&at.key("partition"), &it.topic, n, count);
                    }
                    self.config::<ProducerConfig>(&at.key("config"), &it.config);
                }
                Kind::KafkaConsumer(it) => self.consumer(&at, it, scenario),
                Kind::Program(it) => self.program(&at, it),
            }
        }
    }

    fn name(&mut self, at: &Path, client: &Client, before: &[Client], administered: bool) {
        let name = &client.name;
        if !is_name(name) {
            let what = format!("{name:?} is not a name");
            let remedy =
                "begin with a letter; use letters, digits, '.', '_' and '-'; no role's name";
            self.problem(at, what, remedy);
        } else if self.known.brokers.contains(name) || before.iter().any(|it| it.name == *name) {
            let what = format!("the name {name:?} is taken");
            self.problem(at, what, "give each process another name");
        } else if administered && name == ADMINISTRATOR {
            let what = format!("{name:?} is the name of who gives the orders");
            self.problem(at, what, "give this client another name");
        }
    }

    fn rabbitmq(&mut self, at: &Path, to: Option<&Who>) {
        if !self.known.rabbitmq {
            let what = "this client needs RabbitMQ";
            self.problem(&at.key("is"), what, "add \"rabbitmq\" to the world");
        }
        if let Some(to) = to {
            self.who(&at.key("to"), to);
        }
    }

    fn publisher(&mut self, at: &Path, it: &RabbitmqPublisher) {
        self.rabbitmq(at, it.to.as_ref());
        let known = self.known;
        let exchanges = known.exchanges.iter().map(String::as_str);
        self.known_name(&at.key("exchange"), "exchange", &it.exchange, exchanges);
        if !(1..=2).contains(&it.delivery_mode) {
            let what = format!("there is no delivery mode {}", it.delivery_mode);
            self.problem(
                &at.key("delivery_mode"),
                what,
                "1 is transient, 2 is persistent",
            );
        }
    }

    fn consumer(&mut self, at: &Path, it: &KafkaConsumer, scenario: &Scenario) {
        if it.topics.is_empty() == it.partitions.is_empty() {
            let what = "a consumer subscribes to topics or is assigned partitions";
            self.problem(at, what, "give it either \"topics\" or \"partitions\"");
        }
        if !it.topics.is_empty() && it.group.is_none() {
            let what = "to subscribe, a consumer needs a group";
            self.problem(at, what, "add \"group\", or assign \"partitions\" by hand");
        }
        for (i, topic) in it.topics.iter().enumerate() {
            self.kafka_topic(&at.key("topics").index(i), topic, scenario);
        }
        for (i, partition) in it.partitions.iter().enumerate() {
            self.partition(&at.key("partitions").index(i), partition);
        }
        self.config::<ConsumerConfig>(&at.key("config"), &it.config);
    }

    /// A topic that is there, or that the scenario says may come into being when asked for:
    /// Kafka's own default would turn every slip of the finger into a new topic.
    fn kafka_topic(&mut self, at: &Path, name: &str, scenario: &Scenario) {
        let config = scenario.world.kafka.as_ref().map(|kafka| &kafka.config);
        let auto = config.and_then(|config| config.get("auto.create.topics.enable"));
        if auto.is_none_or(|it| it != "true") {
            self.topic(at, name);
        }
    }

    fn program(&mut self, at: &Path, program: &Program) {
        self.steps(&at.key("steps"), &program.steps, program);
    }

    fn steps(&mut self, at: &Path, steps: &[Step], program: &Program) {
        for (i, step) in steps.iter().enumerate() {
            let at = at.index(i);
            self.lines(&at, step, program);
            self.call(&at, &step.call);
            let (key, inner) = step.inner();
            self.steps(&at.key(key), inner, program);
        }
    }

    /// The lines of a step are in the listing, and its call stands on them.
    fn lines(&mut self, at: &Path, step: &Step, program: &Program) {
        let (first, last) = (step.line.get() as usize, step.last_line().get() as usize);
        let Some(lines) = program.listing.get(first - 1..last.max(first)) else {
            let what = format!("{} has no line {}", program.file, first.max(last));
            let remedy = format!("its listing has {} lines", program.listing.len());
            return self.problem(&at.key("line"), what, remedy);
        };
        if last < first {
            let what = format!("line {last} is before line {first}");
            return self.problem(&at.key("through"), what, "give the last line of the call");
        }
        let called = step.called();
        if !lines.iter().any(|line| line.contains(called)) {
            let what = format!(
                "{called} does not stand on line {first} of {}",
                program.file
            );
            let on = program
                .listing
                .iter()
                .position(|line| line.contains(called));
            let remedy = match on {
                Some(line) => format!("it stands on line {}", line + 1),
                None => "correct the listing or the call".to_string(),
            };
            self.problem(&at.key("line"), what, remedy);
        }
    }

    fn call(&mut self, at: &Path, call: &Call) {
        match call {
            Call::Pika(Pika::BlockingConnection { host }) => self.broker(&at.key("host"), host),
            Call::KafkaPython(KafkaPython::Producer {
                bootstrap_servers,
                config,
            }) => {
                self.servers(at, bootstrap_servers);
                self.config::<ProducerConfig>(&at.key("config"), config);
            }
            Call::KafkaPython(KafkaPython::Consumer {
                bootstrap_servers,
                config,
                ..
            }) => {
                self.servers(at, bootstrap_servers);
                self.config::<ConsumerConfig>(&at.key("config"), config);
            }
            _ => {}
        }
    }

    fn servers(&mut self, at: &Path, servers: &[String]) {
        for (i, server) in servers.iter().enumerate() {
            self.broker(&at.key("bootstrap_servers").index(i), server);
        }
    }
}
