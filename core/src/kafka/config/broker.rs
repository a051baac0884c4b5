//! What a broker or a controller is told in `server.properties`, and a topic by its creator.

use alloc::string::String;

use super::{Configured, Key, flag, int, ms};
use crate::fingerprint::Fingerprint;

/// How a follower finds out which end of its log the leader does not have. Each is what Kafka did
/// at some time; the earlier ones lose or fork data (ANOMALIES of KIP-101, KIP-279).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub enum Truncation {
    /// Before 0.11: drop all above the follower's own high watermark.
    HighWatermark,
    /// 0.11 (KIP-101): ask the leader where the follower's latest epoch ends.
    Kip101,
    /// 2.0 (KIP-279): the leader also says which epoch its answer is about, and the follower asks
    /// again where it does not know that one.
    Kip279,
    /// 2.7: every fetch carries the epoch of the record before it, and the leader's answer tells
    /// where the logs part (KIP-320, KIP-595).
    #[default]
    Kip320,
}

/// Rules of Kafka that changed between versions and that a scenario may turn back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Rules {
    /// How followers truncate.
    pub truncation: Truncation,
    /// 3.7 (KIP-966): the high watermark does not move while fewer than `min.insync.replicas`
    /// are in sync, whatever the producers' acks.
    pub strict_min_isr: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            truncation: Truncation::Kip320,
            strict_min_isr: true,
        }
    }
}

/// `server.properties`, as far as it is modelled. Times are milliseconds, sizes bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
#[allow(
    missing_docs,
    reason = "each field is the key of the same name in KEYS"
)]
pub struct BrokerConfig {
    pub min_insync_replicas: u32,
    pub unclean_leader_election_enable: bool,
    pub message_max_bytes: u32,
    pub replica_lag_time_max_ms: u32,
    pub replica_fetch_wait_max_ms: u32,
    pub replica_fetch_min_bytes: u32,
    pub replica_fetch_max_bytes: u32,
    pub replica_fetch_response_max_bytes: u32,
    pub replica_fetch_backoff_ms: u32,
    pub replica_socket_timeout_ms: u32,
    pub replica_high_watermark_checkpoint_interval_ms: u32,
    pub default_replication_factor: u32,
    pub num_partitions: u32,
    pub auto_create_topics_enable: bool,
    pub broker_heartbeat_interval_ms: u32,
    pub broker_session_timeout_ms: u32,
    pub initial_broker_registration_timeout_ms: u32,
    pub controller_quorum_election_timeout_ms: u32,
    pub controller_quorum_election_backoff_max_ms: u32,
    pub controller_quorum_fetch_timeout_ms: u32,
    pub controller_quorum_request_timeout_ms: u32,
    pub controller_quorum_retry_backoff_ms: u32,
    pub offsets_topic_num_partitions: u32,
    pub offsets_topic_replication_factor: u32,
    pub offsets_commit_timeout_ms: u32,
    pub group_initial_rebalance_delay_ms: u32,
    pub group_min_session_timeout_ms: u32,
    pub group_max_session_timeout_ms: u32,
    pub group_max_size: u32,
    /// Not a key of Kafka's: see [`Rules`].
    pub rules: Rules,
}

const KEYS: &[Key<BrokerConfig>] = &[
    Key {
        name: "min.insync.replicas",
        default: "1",
        about: "acks=all is refused while fewer replicas are in sync.",
        set: |c, v| int(v, 1, 1000, &mut c.min_insync_replicas),
    },
    Key {
        name: "unclean.leader.election.enable",
        default: "false",
        about: "Whether a replica that is not in sync may lead when no other is left.",
        set: |c, v| flag(v, &mut c.unclean_leader_election_enable),
    },
    Key {
        name: "message.max.bytes",
        default: "1048588",
        about: "A larger batch is answered with MESSAGE_TOO_LARGE.",
        set: |c, v| int(v, 0, i64::from(i32::MAX), &mut c.message_max_bytes),
    },
    Key {
        name: "replica.lag.time.max.ms",
        default: "30000",
        about: "A follower that has not caught up for longer leaves the ISR.",
        set: |c, v| ms(v, &mut c.replica_lag_time_max_ms),
    },
    Key {
        name: "replica.fetch.wait.max.ms",
        default: "500",
        about: "How long a leader keeps a follower's fetch waiting for data.",
        set: |c, v| ms(v, &mut c.replica_fetch_wait_max_ms),
    },
    Key {
        name: "replica.fetch.min.bytes",
        default: "1",
        about: "How much data ends a follower's wait.",
        set: |c, v| int(v, 0, i64::from(i32::MAX), &mut c.replica_fetch_min_bytes),
    },
    Key {
        name: "replica.fetch.max.bytes",
        default: "1048576",
        about: "How much a follower asks for of one partition.",
        set: |c, v| int(v, 0, i64::from(i32::MAX), &mut c.replica_fetch_max_bytes),
    },
    Key {
        name: "replica.fetch.response.max.bytes",
        default: "10485760",
        about: "How much a follower asks for at once.",
        set: |c, v| {
            int(
                v,
                0,
                i64::from(i32::MAX),
                &mut c.replica_fetch_response_max_bytes,
            )
        },
    },
    Key {
        name: "replica.fetch.backoff.ms",
        default: "1000",
        about: "How long a follower waits after an error before it fetches again.",
        set: |c, v| ms(v, &mut c.replica_fetch_backoff_ms),
    },
    Key {
        name: "replica.socket.timeout.ms",
        default: "30000",
        about: "How long a follower waits for an answer before it reconnects.",
        set: |c, v| ms(v, &mut c.replica_socket_timeout_ms),
    },
    Key {
        name: "replica.high.watermark.checkpoint.interval.ms",
        default: "5000",
        about: "How often the high watermarks are written to disk.",
        set: |c, v| ms(v, &mut c.replica_high_watermark_checkpoint_interval_ms),
    },
    Key {
        name: "default.replication.factor",
        default: "1",
        about: "Replicas of a topic that is created without a number of them.",
        set: |c, v| int(v, 1, 1000, &mut c.default_replication_factor),
    },
    Key {
        name: "num.partitions",
        default: "1",
        about: "Partitions of a topic that is created without a number of them.",
        set: |c, v| int(v, 1, 1_000_000, &mut c.num_partitions),
    },
    Key {
        name: "auto.create.topics.enable",
        default: "true",
        about: "Whether a client's request for metadata creates a missing topic.",
        set: |c, v| flag(v, &mut c.auto_create_topics_enable),
    },
    Key {
        name: "broker.heartbeat.interval.ms",
        default: "2000",
        about: "How often a broker tells the controller that it lives.",
        set: |c, v| ms(v, &mut c.broker_heartbeat_interval_ms),
    },
    Key {
        name: "broker.session.timeout.ms",
        default: "9000",
        about: "How long the controller waits for a heartbeat before it fences a broker.",
        set: |c, v| ms(v, &mut c.broker_session_timeout_ms),
    },
    Key {
        name: "initial.broker.registration.timeout.ms",
        default: "60000",
        about: "How long a starting broker tries to register before it gives up.",
        set: |c, v| ms(v, &mut c.initial_broker_registration_timeout_ms),
    },
    Key {
        name: "controller.quorum.election.timeout.ms",
        default: "1000",
        about: "How long a voter waits for votes; drawn up to twice as long.",
        set: |c, v| ms(v, &mut c.controller_quorum_election_timeout_ms),
    },
    Key {
        name: "controller.quorum.election.backoff.max.ms",
        default: "1000",
        about: "How long at most a voter that lost an election waits before the next.",
        set: |c, v| ms(v, &mut c.controller_quorum_election_backoff_max_ms),
    },
    Key {
        name: "controller.quorum.fetch.timeout.ms",
        default: "2000",
        about: "How long a voter goes without a fetch from the leader before it stands itself.",
        set: |c, v| ms(v, &mut c.controller_quorum_fetch_timeout_ms),
    },
    Key {
        name: "controller.quorum.request.timeout.ms",
        default: "2000",
        about: "How long a voter waits for an answer.",
        set: |c, v| ms(v, &mut c.controller_quorum_request_timeout_ms),
    },
    Key {
        name: "controller.quorum.retry.backoff.ms",
        default: "20",
        about: "How long a voter waits before it asks again.",
        set: |c, v| ms(v, &mut c.controller_quorum_retry_backoff_ms),
    },
    Key {
        name: "offsets.topic.num.partitions",
        default: "50",
        about: "Partitions of __consumer_offsets: which broker coordinates which group.",
        set: |c, v| int(v, 1, 1_000_000, &mut c.offsets_topic_num_partitions),
    },
    Key {
        name: "offsets.topic.replication.factor",
        default: "3",
        about: "Replicas of __consumer_offsets.",
        set: |c, v| int(v, 1, 1000, &mut c.offsets_topic_replication_factor),
    },
    Key {
        name: "offsets.commit.timeout.ms",
        default: "5000",
        about: "How long a commit waits for the replicas of __consumer_offsets.",
        set: |c, v| ms(v, &mut c.offsets_commit_timeout_ms),
    },
    Key {
        name: "group.initial.rebalance.delay.ms",
        default: "3000",
        about: "How long the first rebalance of an empty group waits for more members.",
        set: |c, v| ms(v, &mut c.group_initial_rebalance_delay_ms),
    },
    Key {
        name: "group.min.session.timeout.ms",
        default: "6000",
        about: "The shortest session.timeout.ms that a member may ask for.",
        set: |c, v| ms(v, &mut c.group_min_session_timeout_ms),
    },
    Key {
        name: "group.max.session.timeout.ms",
        default: "1800000",
        about: "The longest session.timeout.ms that a member may ask for.",
        set: |c, v| ms(v, &mut c.group_max_session_timeout_ms),
    },
    Key {
        name: "group.max.size",
        default: "2147483647",
        about: "How many members a group may have.",
        set: |c, v| int(v, 1, i64::from(i32::MAX), &mut c.group_max_size),
    },
];

const NOT_MODELLED: &[&str] = &[
    "auto.leader.rebalance.enable",
    "compression.type",
    "controlled.shutdown.enable",
    "leader.imbalance.check.interval.seconds",
    "leader.imbalance.per.broker.percentage",
    "log.cleaner.enable",
    "log.cleanup.policy",
    "log.flush.interval.messages",
    "log.flush.interval.ms",
    "log.message.timestamp.type",
    "log.retention.bytes",
    "log.retention.ms",
    "log.roll.ms",
    "log.segment.bytes",
    "num.io.threads",
    "num.network.threads",
    "num.replica.fetchers",
    "offsets.retention.minutes",
    "producer.id.expiration.ms",
    "queued.max.requests",
    "replica.selector.class",
    "transaction.max.timeout.ms",
    "transaction.state.log.min.isr",
    "transaction.state.log.num.partitions",
    "transaction.state.log.replication.factor",
];

impl Configured for BrokerConfig {
    fn keys() -> &'static [Key<Self>] {
        KEYS
    }

    fn not_modelled() -> &'static [&'static str] {
        NOT_MODELLED
    }
}

/// What a topic has of its own; everything else is the broker's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct TopicConfig {
    /// `min.insync.replicas`.
    pub min_insync_replicas: Option<u32>,
    /// `unclean.leader.election.enable`.
    pub unclean_leader_election_enable: Option<bool>,
    /// `max.message.bytes`.
    pub max_message_bytes: Option<u32>,
}

const TOPIC_KEYS: &[Key<TopicConfig>] = &[
    Key {
        name: "min.insync.replicas",
        default: "",
        about: "acks=all is refused while fewer replicas are in sync.",
        set: |c, v| own(v, &mut c.min_insync_replicas, |v, n| int(v, 1, 1000, n)),
    },
    Key {
        name: "unclean.leader.election.enable",
        default: "",
        about: "Whether a replica that is not in sync may lead when no other is left.",
        set: |c, v| own(v, &mut c.unclean_leader_election_enable, flag),
    },
    Key {
        name: "max.message.bytes",
        default: "",
        about: "A larger batch is answered with MESSAGE_TOO_LARGE.",
        set: |c, v| {
            own(v, &mut c.max_message_bytes, |v, n| {
                int(v, 0, i64::from(i32::MAX), n)
            })
        },
    },
];

const TOPIC_NOT_MODELLED: &[&str] = &[
    "cleanup.policy",
    "compression.type",
    "delete.retention.ms",
    "flush.messages",
    "flush.ms",
    "max.compaction.lag.ms",
    "message.timestamp.type",
    "min.cleanable.dirty.ratio",
    "min.compaction.lag.ms",
    "retention.bytes",
    "retention.ms",
    "segment.bytes",
    "segment.ms",
];

impl Configured for TopicConfig {
    fn keys() -> &'static [Key<Self>] {
        TOPIC_KEYS
    }

    fn not_modelled() -> &'static [&'static str] {
        TOPIC_NOT_MODELLED
    }
}

/// Reads a topic's own value; the empty default leaves it to the broker.
fn own<T: Default>(
    value: &str,
    into: &mut Option<T>,
    read: impl FnOnce(&str, &mut T) -> Result<(), String>,
) -> Result<(), String> {
    if value.is_empty() {
        *into = None;
        return Ok(());
    }
    let mut own = T::default();
    read(value, &mut own)?;
    *into = Some(own);
    Ok(())
}
