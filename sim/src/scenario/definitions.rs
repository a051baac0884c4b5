//! RabbitMQ's definitions, exactly in the layout of `rabbitmqctl export_definitions`
//! (`rabbit_definitions` and `rabbit_mgmt_wm_definitions` in rabbitmq-server).

use glassmq_core::shared::SortedMap;
use serde_json::Value;

use super::record::{Fields, Record};

/// A field table: arguments of a queue, an exchange, a binding; a policy's definition.
pub type Arguments = SortedMap<String, Value>;

/// A whole export.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions {
    /// What the export says of its origin; kept, without effect.
    pub origin: SortedMap<String, String>,
    /// Users.
    pub users: Vec<User>,
    /// Virtual hosts; `/` is there without being named.
    pub vhosts: Vec<Vhost>,
    /// Who may do what.
    pub permissions: Vec<Permission>,
    /// Who may publish and bind with which routing keys.
    pub topic_permissions: Vec<TopicPermission>,
    /// Runtime parameters of a virtual host.
    pub parameters: Vec<Parameter>,
    /// Runtime parameters of the cluster.
    pub global_parameters: Vec<GlobalParameter>,
    /// Policies.
    pub policies: Vec<Policy>,
    /// Queues.
    pub queues: Vec<Queue>,
    /// Exchanges; the predeclared ones are there without being named.
    pub exchanges: Vec<Exchange>,
    /// Bindings.
    pub bindings: Vec<Binding>,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Salt and hash, in base64.
    pub password_hash: String,
    /// The module that hashed it.
    pub hashing_algorithm: String,
    /// `administrator`, `monitoring`, ...
    pub tags: Vec<String>,
    /// `max-connections`, `max-channels`.
    pub limits: Arguments,
}

/// A virtual host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vhost {
    /// Its name.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// Words for people.
    pub tags: Vec<String>,
    /// `max-connections`, `max-queues`.
    pub limits: Arguments,
    /// Description, tags, default queue type.
    pub metadata: Arguments,
}

/// What a user may do in a virtual host, as regular expressions over names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permission {
    /// Who.
    pub user: String,
    /// Where.
    pub vhost: String,
    /// What may be declared and deleted.
    pub configure: String,
    /// What may be published to.
    pub write: String,
    /// What may be consumed from.
    pub read: String,
}

/// Which routing keys a user may use with an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicPermission {
    /// Who.
    pub user: String,
    /// Where.
    pub vhost: String,
    /// With which exchange.
    pub exchange: String,
    /// To publish.
    pub write: String,
    /// To bind.
    pub read: String,
}

/// A runtime parameter of a virtual host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameter {
    /// Whose: `federation-upstream`, `operator_policy`, ...
    pub component: String,
    /// Where.
    pub vhost: String,
    /// Its name.
    pub name: String,
    /// Its value, as the component has it.
    pub value: Value,
}

/// A runtime parameter of the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GlobalParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
}

/// A policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Where.
    pub vhost: String,
    /// Its name.
    pub name: String,
    /// A regular expression over names.
    pub pattern: String,
    /// `all`, `queues`, `exchanges`, ...
    pub apply_to: String,
    /// The highest one wins.
    pub priority: i32,
    /// What it sets.
    pub definition: Arguments,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Where.
    pub vhost: String,
    /// `classic`, `quorum`, `stream`: as newer versions export it beside `x-queue-type`.
    pub kind: String,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes with its last consumer.
    pub auto_delete: bool,
    /// Its arguments.
    pub arguments: Arguments,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// Where.
    pub vhost: String,
    /// `direct`, `fanout`, `topic`, `headers`.
    pub kind: String,
    /// Whether it survives a restart.
    pub durable: bool,
    /// Whether it goes with its last binding.
    pub auto_delete: bool,
    /// Whether only exchanges may publish to it.
    pub internal: bool,
    /// Its arguments.
    pub arguments: Arguments,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The exchange it comes from.
    pub source: String,
    /// Where.
    pub vhost: String,
    /// The queue or exchange it leads to.
    pub destination: String,
    /// `queue` or `exchange`.
    pub destination_type: String,
    /// The binding key.
    pub routing_key: String,
    /// Its arguments.
    pub arguments: Arguments,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            name: String::new(),
            vhost: "/".to_string(),
            kind: "classic".to_string(),
            durable: true,
            auto_delete: false,
            arguments: Arguments::new(),
        }
    }
}

impl Default for Exchange {
    fn default() -> Self {
        Exchange {
            name: String::new(),
            vhost: "/".to_string(),
            kind: String::new(),
            durable: true,
            auto_delete: false,
            internal: false,
            arguments: Arguments::new(),
        }
    }
}

impl Default for Binding {
    fn default() -> Self {
        Binding {
            source: String::new(),
            vhost: "/".to_string(),
            destination: String::new(),
            destination_type: "queue".to_string(),
            routing_key: String::new(),
            arguments: Arguments::new(),
        }
    }
}

impl Record for Definitions {
    const NAME: &'static str = "definitions";
    const ABOUT: &'static str =
        "What is declared from the start, in the layout of `rabbitmqctl export_definitions`.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        let origin = [
            "rabbit_version",
            "rabbitmq_version",
            "product_name",
            "product_version",
            "rabbitmq_definition_format",
            "original_cluster_name",
            "original_vhost_name",
            "explanation",
        ];
        for key in origin {
            let mut value = self.origin.get(key).cloned();
            f.may(
                key,
                "Where the export comes from; without effect.",
                &mut value,
            );
            self.origin
                .extend(value.map(|value| (key.to_string(), value)));
        }
        f.may("users", "Users.", &mut self.users);
        f.may(
            "vhosts",
            "Virtual hosts; / is there without being named.",
            &mut self.vhosts,
        );
        f.may("permissions", "Who may do what.", &mut self.permissions);
        f.may(
            "topic_permissions",
            "Who may use which routing keys.",
            &mut self.topic_permissions,
        );
        f.may(
            "parameters",
            "Runtime parameters of a virtual host.",
            &mut self.parameters,
        );
        f.may(
            "global_parameters",
            "Runtime parameters of the cluster.",
            &mut self.global_parameters,
        );
        f.may("policies", "Policies.", &mut self.policies);
        f.may("queues", "Queues.", &mut self.queues);
        f.may(
            "exchanges",
            "Exchanges; the predeclared ones are there without being named.",
            &mut self.exchanges,
        );
        f.may("bindings", "Bindings.", &mut self.bindings);
    }
}

impl Record for User {
    const NAME: &'static str = "user";
    const ABOUT: &'static str = "A user of RabbitMQ.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.may(
            "password_hash",
            "Salt and hash, in base64.",
            &mut self.password_hash,
        );
        f.may(
            "hashing_algorithm",
            "The module that hashed it.",
            &mut self.hashing_algorithm,
        );
        f.may("tags", "administrator, monitoring, ...", &mut self.tags);
        f.may("limits", "max-connections, max-channels.", &mut self.limits);
    }
}

impl Record for Vhost {
    const NAME: &'static str = "vhost";
    const ABOUT: &'static str = "A virtual host of RabbitMQ.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.may(
            "description",
            "A sentence for people.",
            &mut self.description,
        );
        f.may("tags", "Words for people.", &mut self.tags);
        f.may("limits", "max-connections, max-queues.", &mut self.limits);
        f.may(
            "metadata",
            "Description, tags, default queue type.",
            &mut self.metadata,
        );
    }
}

impl Record for Permission {
    const NAME: &'static str = "permission";
    const ABOUT: &'static str =
        "What a user may do in a virtual host: regular expressions over names.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("user", "Who.", &mut self.user);
        f.need("vhost", "Where.", &mut self.vhost);
        f.need(
            "configure",
            "What may be declared and deleted.",
            &mut self.configure,
        );
        f.need("write", "What may be published to.", &mut self.write);
        f.need("read", "What may be consumed from.", &mut self.read);
    }
}

impl Record for TopicPermission {
    const NAME: &'static str = "topic permission";
    const ABOUT: &'static str =
        "Which routing keys a user may use with an exchange: regular expressions.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("user", "Who.", &mut self.user);
        f.need("vhost", "Where.", &mut self.vhost);
        f.need("exchange", "With which exchange.", &mut self.exchange);
        f.need("write", "To publish.", &mut self.write);
        f.need("read", "To bind.", &mut self.read);
    }
}

impl Record for Parameter {
    const NAME: &'static str = "parameter";
    const ABOUT: &'static str = "A runtime parameter of a virtual host.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("component", "Whose.", &mut self.component);
        f.need("vhost", "Where.", &mut self.vhost);
        f.need("name", "Its name.", &mut self.name);
        f.need("value", "As the component has it.", &mut self.value);
    }
}

impl Record for GlobalParameter {
    const NAME: &'static str = "global parameter";
    const ABOUT: &'static str = "A runtime parameter of the cluster.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.need("value", "Its value.", &mut self.value);
    }
}

impl Record for Policy {
    const NAME: &'static str = "policy";
    const ABOUT: &'static str =
        "A policy: settings for all queues and exchanges whose names match.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("vhost", "Where.", &mut self.vhost);
        f.need("name", "Its name.", &mut self.name);
        f.need(
            "pattern",
            "A regular expression over names.",
            &mut self.pattern,
        );
        f.need(
            "apply-to",
            "all, queues, exchanges, ...",
            &mut self.apply_to,
        );
        f.need("definition", "What it sets.", &mut self.definition);
        f.may("priority", "The highest one wins.", &mut self.priority);
    }
}

impl Record for Queue {
    const NAME: &'static str = "queue";
    const ABOUT: &'static str = "A queue of RabbitMQ.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.may("vhost", "Where.", &mut self.vhost);
        f.may(
            "type",
            "classic, quorum, stream: as newer versions export it beside x-queue-type.",
            &mut self.kind,
        );
        f.may(
            "durable",
            "Whether it survives a restart.",
            &mut self.durable,
        );
        f.may(
            "auto_delete",
            "Whether it goes with its last consumer.",
            &mut self.auto_delete,
        );
        f.may("arguments", "Its arguments.", &mut self.arguments);
    }
}

impl Record for Exchange {
    const NAME: &'static str = "exchange";
    const ABOUT: &'static str = "An exchange of RabbitMQ.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("name", "Its name.", &mut self.name);
        f.may("vhost", "Where.", &mut self.vhost);
        f.need("type", "direct, fanout, topic, headers.", &mut self.kind);
        f.may(
            "durable",
            "Whether it survives a restart.",
            &mut self.durable,
        );
        f.may(
            "auto_delete",
            "Whether it goes with its last binding.",
            &mut self.auto_delete,
        );
        f.may(
            "internal",
            "Whether only exchanges may publish to it.",
            &mut self.internal,
        );
        f.may("arguments", "Its arguments.", &mut self.arguments);
    }
}

impl Record for Binding {
    const NAME: &'static str = "binding";
    const ABOUT: &'static str = "A binding of RabbitMQ.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("source", "The exchange it comes from.", &mut self.source);
        f.may("vhost", "Where.", &mut self.vhost);
        f.need(
            "destination",
            "The queue or exchange it leads to.",
            &mut self.destination,
        );
        f.may(
            "destination_type",
            "queue or exchange.",
            &mut self.destination_type,
        );
        f.may("routing_key", "The binding key.", &mut self.routing_key);
        f.may("arguments", "Its arguments.", &mut self.arguments);
    }
}
