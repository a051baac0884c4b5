//! What a consumer is configured with.

use alloc::string::ToString;

use super::{Configured, Key, NOT_MODELLED, flag, int, ms};
use crate::fingerprint::Fingerprint;

/// Where a consumer begins that has no committed offset, or none that is still there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub enum AutoOffsetReset {
    /// At the first record.
    Earliest,
    /// Behind the last record.
    #[default]
    Latest,
    /// Nowhere: the application gets an exception.
    None,
}

/// A consumer's configuration, as far as it is modelled. Times are milliseconds, sizes bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
#[allow(
    missing_docs,
    reason = "each field is the key of the same name in KEYS"
)]
pub struct ConsumerConfig {
    pub auto_offset_reset: AutoOffsetReset,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: u32,
    pub fetch_min_bytes: u32,
    pub fetch_max_bytes: u32,
    pub fetch_max_wait_ms: u32,
    pub max_partition_fetch_bytes: u32,
    pub max_poll_records: u32,
    pub max_poll_interval_ms: u32,
    pub session_timeout_ms: u32,
    pub heartbeat_interval_ms: u32,
    pub request_timeout_ms: u32,
    pub retry_backoff_ms: u32,
    pub retry_backoff_max_ms: u32,
    pub metadata_max_age_ms: u32,
    pub reconnect_backoff_ms: u32,
    pub reconnect_backoff_max_ms: u32,
}

const INT: i64 = i32::MAX as i64;

const KEYS: &[Key<ConsumerConfig>] = &[
    Key {
        name: "auto.offset.reset",
        default: "latest",
        about: "Where to begin without a committed offset.",
        set: |c, v| {
            c.auto_offset_reset = match v {
                "earliest" => AutoOffsetReset::Earliest,
                "latest" => AutoOffsetReset::Latest,
                "none" => AutoOffsetReset::None,
                _ if v.starts_with("by_duration:") => {
                    return Err([NOT_MODELLED, "set it to earliest, latest or none"].concat());
                }
                _ => return Err("must be earliest, latest or none".to_string()),
            };
            Ok(())
        },
    },
    Key {
        name: "enable.auto.commit",
        default: "true",
        about: "Whether poll commits what earlier polls returned.",
        set: |c, v| flag(v, &mut c.enable_auto_commit),
    },
    Key {
        name: "auto.commit.interval.ms",
        default: "5000",
        about: "How often poll does so.",
        set: |c, v| ms(v, &mut c.auto_commit_interval_ms),
    },
    Key {
        name: "fetch.min.bytes",
        default: "1",
        about: "How much data ends a fetch's wait at the broker.",
        set: |c, v| int(v, 0, INT, &mut c.fetch_min_bytes),
    },
    Key {
        name: "fetch.max.bytes",
        default: "52428800",
        about: "How much a fetch asks for.",
        set: |c, v| int(v, 0, INT, &mut c.fetch_max_bytes),
    },
    Key {
        name: "fetch.max.wait.ms",
        default: "500",
        about: "How long a fetch waits at the broker.",
        set: |c, v| ms(v, &mut c.fetch_max_wait_ms),
    },
    Key {
        name: "max.partition.fetch.bytes",
        default: "1048576",
        about: "How much a fetch asks for of one partition.",
        set: |c, v| int(v, 0, INT, &mut c.max_partition_fetch_bytes),
    },
    Key {
        name: "max.poll.records",
        default: "500",
        about: "How many records one poll returns.",
        set: |c, v| int(v, 1, INT, &mut c.max_poll_records),
    },
    Key {
        name: "max.poll.interval.ms",
        default: "300000",
        about: "How long the application may go without poll before the consumer leaves the group.",
        set: |c, v| int(v, 1, INT, &mut c.max_poll_interval_ms),
    },
    Key {
        name: "session.timeout.ms",
        default: "45000",
        about: "How long the coordinator waits for a heartbeat before it removes the member.",
        set: |c, v| ms(v, &mut c.session_timeout_ms),
    },
    Key {
        name: "heartbeat.interval.ms",
        default: "3000",
        about: "How often a member tells the coordinator that it lives.",
        set: |c, v| ms(v, &mut c.heartbeat_interval_ms),
    },
    Key {
        name: "partition.assignment.strategy",
        default: "range",
        about: "How the group's leader shares out the partitions; here always range.",
        set: |_, v| match v {
            "range" | "org.apache.kafka.clients.consumer.RangeAssignor" => Ok(()),
            _ => Err([NOT_MODELLED, "set it to range"].concat()),
        },
    },
    Key {
        name: "request.timeout.ms",
        default: "30000",
        about: "How long an answer may take before the connection is given up.",
        set: |c, v| ms(v, &mut c.request_timeout_ms),
    },
    Key {
        name: "retry.backoff.ms",
        default: "100",
        about: "How long to wait before a request is tried again; doubled each time.",
        set: |c, v| ms(v, &mut c.retry_backoff_ms),
    },
    Key {
        name: "retry.backoff.max.ms",
        default: "1000",
        about: "How long to wait at most before a request is tried again.",
        set: |c, v| ms(v, &mut c.retry_backoff_max_ms),
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
];

const OTHERS: &[&str] = &[
    "allow.auto.create.topics",
    "check.crcs",
    "client.id",
    "client.rack",
    "connections.max.idle.ms",
    "default.api.timeout.ms",
    "exclude.internal.topics",
    "group.instance.id",
    "group.protocol",
    "group.remote.assignor",
    "interceptor.classes",
    "isolation.level",
    "receive.buffer.bytes",
    "security.protocol",
    "send.buffer.bytes",
];

impl Configured for ConsumerConfig {
    fn keys() -> &'static [Key<Self>] {
        KEYS
    }

    fn not_modelled() -> &'static [&'static str] {
        OTHERS
    }
}
