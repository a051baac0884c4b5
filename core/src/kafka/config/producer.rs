//! What a producer is configured with.

use alloc::string::ToString;

use super::{ConfigError, Configured, Key, NOT_MODELLED, flag, int, ms};
use crate::fingerprint::Fingerprint;
use crate::kafka::api::data::Acks;

/// A producer's configuration, as far as it is modelled. Times are milliseconds, sizes bytes.
///
/// `enable.idempotence` is false here unless Kafka's own default, true, is modelled one day: a
/// producer of this version never asks for a producer id, and may write duplicates and reorder
/// batches when it tries again, as any producer before 3.0 did by default.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
#[allow(
    missing_docs,
    reason = "each field is the key of the same name in KEYS"
)]
pub struct ProducerConfig {
    pub acks: Acks,
    pub batch_size: u32,
    pub linger_ms: u32,
    pub buffer_memory: u64,
    pub max_block_ms: u32,
    pub max_request_size: u32,
    pub max_in_flight_requests_per_connection: u32,
    pub retries: u32,
    pub retry_backoff_ms: u32,
    pub retry_backoff_max_ms: u32,
    pub request_timeout_ms: u32,
    pub delivery_timeout_ms: u32,
    pub metadata_max_age_ms: u32,
    pub reconnect_backoff_ms: u32,
    pub reconnect_backoff_max_ms: u32,
    pub partitioner_ignore_keys: bool,
}

impl Default for ProducerConfig {
    fn default() -> Self {
        ProducerConfig {
            acks: Acks::All,
            batch_size: 0,
            linger_ms: 0,
            buffer_memory: 0,
            max_block_ms: 0,
            max_request_size: 0,
            max_in_flight_requests_per_connection: 0,
            retries: 0,
            retry_backoff_ms: 0,
            retry_backoff_max_ms: 0,
            request_timeout_ms: 0,
            delivery_timeout_ms: 0,
            metadata_max_age_ms: 0,
            reconnect_backoff_ms: 0,
            reconnect_backoff_max_ms: 0,
            partitioner_ignore_keys: false,
        }
    }
}

const INT: i64 = i32::MAX as i64;

const KEYS: &[Key<ProducerConfig>] = &[
    Key {
        name: "acks",
        default: "all",
        about: "How many replicas must have a batch before the leader answers.",
        set: |c, v| {
            c.acks = match v {
                "all" | "-1" => Acks::All,
                "1" => Acks::Leader,
                "0" => Acks::None,
                _ => return Err("must be all, -1, 0 or 1".to_string()),
            };
            Ok(())
        },
    },
    Key {
        name: "batch.size",
        default: "16384",
        about: "A batch of this size is sent at once.",
        set: |c, v| int(v, 0, INT, &mut c.batch_size),
    },
    Key {
        name: "linger.ms",
        default: "5",
        about: "How long a smaller batch waits for more records.",
        set: |c, v| ms(v, &mut c.linger_ms),
    },
    Key {
        name: "buffer.memory",
        default: "33554432",
        about: "How much may wait to be sent before send blocks.",
        set: |c, v| int(v, 0, i64::MAX, &mut c.buffer_memory),
    },
    Key {
        name: "max.block.ms",
        default: "60000",
        about: "How long send blocks for metadata or memory before it fails.",
        set: |c, v| ms(v, &mut c.max_block_ms),
    },
    Key {
        name: "max.request.size",
        default: "1048576",
        about: "A larger record is refused by send.",
        set: |c, v| int(v, 0, INT, &mut c.max_request_size),
    },
    Key {
        name: "max.in.flight.requests.per.connection",
        default: "5",
        about: "How many Produce requests may wait for an answer at one broker.",
        set: |c, v| int(v, 1, INT, &mut c.max_in_flight_requests_per_connection),
    },
    Key {
        name: "retries",
        default: "2147483647",
        about: "How often a batch is tried again.",
        set: |c, v| int(v, 0, INT, &mut c.retries),
    },
    Key {
        name: "retry.backoff.ms",
        default: "100",
        about: "How long a batch waits before its first retry; doubled each time.",
        set: |c, v| ms(v, &mut c.retry_backoff_ms),
    },
    Key {
        name: "retry.backoff.max.ms",
        default: "1000",
        about: "How long a batch waits at most before a retry.",
        set: |c, v| ms(v, &mut c.retry_backoff_max_ms),
    },
    Key {
        name: "request.timeout.ms",
        default: "30000",
        about: "How long an answer may take before the connection is given up.",
        set: |c, v| ms(v, &mut c.request_timeout_ms),
    },
    Key {
        name: "delivery.timeout.ms",
        default: "120000",
        about: "How long after send a record is given up.",
        set: |c, v| ms(v, &mut c.delivery_timeout_ms),
    },
    Key {
        name: "metadata.max.age.ms",
        default: "300000",
        about: "How long metadata is believed without asking again.",
        set: |c, v| ms(v, &mut c.metadata_max_age_ms),
    },
    Key {
        name: "reconnect.backoff.ms",
        default: "50",
        about: "How long to wait before connecting to a broker again; doubled each time.",
        set: |c, v| ms(v, &mut c.reconnect_backoff_ms),
    },
    Key {
        name: "reconnect.backoff.max.ms",
        default: "1000",
        about: "How long to wait at most before connecting to a broker again.",
        set: |c, v| ms(v, &mut c.reconnect_backoff_max_ms),
    },
    Key {
        name: "partitioner.ignore.keys",
        default: "false",
        about: "Whether records with a key go to the sticky partition too.",
        set: |c, v| flag(v, &mut c.partitioner_ignore_keys),
    },
    Key {
        name: "enable.idempotence",
        default: "false",
        about: "Kafka's default is true since 3.0; here it must be false.",
        set: |_, v| match v {
            "false" => Ok(()),
            "true" => Err([NOT_MODELLED, "set it to false"].concat()),
            _ => Err("must be true or false".to_string()),
        },
    },
];

const OTHERS: &[&str] = &[
    "client.id",
    "compression.type",
    "connections.max.idle.ms",
    "interceptor.classes",
    "metadata.max.idle.ms",
    "metadata.recovery.strategy",
    "partitioner.adaptive.partitioning.enable",
    "partitioner.availability.timeout.ms",
    "partitioner.class",
    "receive.buffer.bytes",
    "security.protocol",
    "send.buffer.bytes",
    "socket.connection.setup.timeout.ms",
    "transaction.timeout.ms",
    "transactional.id",
];

impl Configured for ProducerConfig {
    fn keys() -> &'static [Key<Self>] {
        KEYS
    }

    fn not_modelled() -> &'static [&'static str] {
        OTHERS
    }

    /// `KafkaProducer.configureDeliveryTimeout`.
    fn check(&self) -> Result<(), ConfigError> {
        let least = u64::from(self.linger_ms) + u64::from(self.request_timeout_ms);
        if u64::from(self.delivery_timeout_ms) >= least {
            return Ok(());
        }
        Err(ConfigError::Invalid {
            key: "delivery.timeout.ms".to_string(),
            value: self.delivery_timeout_ms.to_string(),
            must: "must be at least linger.ms + request.timeout.ms".to_string(),
        })
    }
}
