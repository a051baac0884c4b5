//! Kafka's error codes, with the numbers, names and texts of its protocol guide.
//!
//! Source: `org.apache.kafka.common.protocol.Errors`; which of them a client tries again, and which
//! make it ask for metadata first, is the class of the exception that each code stands for
//! (`RetriableException`, `InvalidMetadataException`).

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::fingerprint::{Digest, Fingerprint};

/// What a response says about one topic, partition, group or request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(i16)]
pub enum ErrorCode {
    /// The server experienced an unexpected error when processing the request.
    UnknownServerError = -1,
    /// No error.
    None = 0,
    /// The requested offset is not within the range of offsets maintained by the server.
    OffsetOutOfRange = 1,
    /// This server does not host this topic-partition.
    UnknownTopicOrPartition = 3,
    /// There is no leader for this topic-partition as we are in the middle of a leadership election.
    LeaderNotAvailable = 5,
    /// For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.
    NotLeaderOrFollower = 6,
    /// The request timed out.
    RequestTimedOut = 7,
    /// The broker is not available.
    BrokerNotAvailable = 8,
    /// The request included a message larger than the max message size the server will accept.
    MessageTooLarge = 10,
    /// The server disconnected before a response was received.
    NetworkException = 13,
    /// The coordinator is loading and hence can't process requests.
    CoordinatorLoadInProgress = 14,
    /// The coordinator is not available.
    CoordinatorNotAvailable = 15,
    /// This is not the correct coordinator.
    NotCoordinator = 16,
    /// The request attempted to perform an operation on an invalid topic.
    InvalidTopicException = 17,
    /// Messages are rejected since there are fewer in-sync replicas than required.
    NotEnoughReplicas = 19,
    /// Messages are written to the log, but to fewer in-sync replicas than required.
    NotEnoughReplicasAfterAppend = 20,
    /// Produce request specified an invalid value for required acks.
    InvalidRequiredAcks = 21,
    /// Specified group generation id is not valid.
    IllegalGeneration = 22,
    /// The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list.
    InconsistentGroupProtocol = 23,
    /// The configured groupId is invalid.
    InvalidGroupId = 24,
    /// The coordinator is not aware of this member.
    UnknownMemberId = 25,
    /// The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).
    InvalidSessionTimeout = 26,
    /// The group is rebalancing, so a rejoin is needed.
    RebalanceInProgress = 27,
    /// Topic with this name already exists.
    TopicAlreadyExists = 36,
    /// Number of partitions is below 1.
    InvalidPartitions = 37,
    /// Replication factor is below 1 or larger than the number of available brokers.
    InvalidReplicationFactor = 38,
    /// Configuration is invalid.
    InvalidConfig = 40,
    /// This is not the correct controller for this cluster.
    NotController = 41,
    /// This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.
    InvalidRequest = 42,
    /// Disk error when trying to access log file on the disk.
    KafkaStorageError = 56,
    /// The leader epoch in the request is older than the epoch on the broker.
    FencedLeaderEpoch = 74,
    /// The leader epoch in the request is newer than the epoch on the broker.
    UnknownLeaderEpoch = 75,
    /// Broker epoch has changed.
    StaleBrokerEpoch = 77,
    /// The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.
    OffsetNotAvailable = 78,
    /// The group member needs to have a valid member id before actually entering a consumer group.
    MemberIdRequired = 79,
    /// The preferred leader was not available.
    PreferredLeaderNotAvailable = 80,
    /// The consumer group has reached its max size.
    GroupMaxSizeReached = 81,
    /// The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.
    FencedInstanceId = 82,
    /// Leader election not needed for topic partition.
    ElectionNotNeeded = 84,
    /// Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters.
    InconsistentVoterSet = 94,
    /// The given update version was invalid.
    InvalidUpdateVersion = 95,
    /// This server does not host this topic ID.
    UnknownTopicId = 100,
    /// This broker ID is already in use.
    DuplicateBrokerRegistration = 101,
    /// The given broker ID was not registered.
    BrokerIdNotRegistered = 102,
    /// The log's topic ID did not match the topic ID in the request.
    InconsistentTopicId = 103,
    /// The new ISR contains at least one ineligible replica.
    IneligibleReplica = 107,
    /// The AlterPartition request successfully updated the partition state but the leader has changed.
    NewLeaderElected = 108,
    /// The controller has considered the broker registration to be invalid.
    InvalidRegistration = 119,
}

impl ErrorCode {
    /// The number on the wire.
    #[must_use]
    pub fn code(self) -> i16 {
        self as i16
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == ErrorCode::None
    }

    /// Whether a client tries again by itself: the exception is a `RetriableException`.
    #[must_use]
    pub fn is_retriable(self) -> bool {
        use ErrorCode::{
            CoordinatorLoadInProgress, CoordinatorNotAvailable, NotController, NotCoordinator,
            NotEnoughReplicas, NotEnoughReplicasAfterAppend, OffsetNotAvailable, RequestTimedOut,
            UnknownLeaderEpoch,
        };
        self.invalidates_metadata()
            || matches!(
                self,
                RequestTimedOut
                    | CoordinatorLoadInProgress
                    | CoordinatorNotAvailable
                    | NotCoordinator
                    | NotEnoughReplicas
                    | NotEnoughReplicasAfterAppend
                    | NotController
                    | UnknownLeaderEpoch
                    | OffsetNotAvailable
            )
    }

    /// Whether it tells a client that its metadata is stale: the exception is an
    /// `InvalidMetadataException`.
    #[must_use]
    pub fn invalidates_metadata(self) -> bool {
        use ErrorCode::{
            ElectionNotNeeded, FencedLeaderEpoch, InconsistentTopicId, KafkaStorageError,
            LeaderNotAvailable, NetworkException, NotLeaderOrFollower, PreferredLeaderNotAvailable,
            UnknownTopicId, UnknownTopicOrPartition,
        };
        matches!(
            self,
            UnknownTopicOrPartition
                | LeaderNotAvailable
                | NotLeaderOrFollower
                | NetworkException
                | KafkaStorageError
                | FencedLeaderEpoch
                | UnknownTopicId
                | InconsistentTopicId
                | PreferredLeaderNotAvailable
                | ElectionNotNeeded
        )
    }

    /// The name in the protocol guide.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.texts().0
    }

    /// The text that a client's exception carries when the broker sends none of its own.
    #[must_use]
    pub fn message(self) -> &'static str {
        self.texts().1
    }

    /// Name and text.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            ErrorCode::UnknownServerError => (
                "UNKNOWN_SERVER_ERROR",
                "The server experienced an unexpected error when processing the request.",
            ),
            ErrorCode::None => ("NONE", "The request succeeded."),
            ErrorCode::OffsetOutOfRange => (
                "OFFSET_OUT_OF_RANGE",
                "The requested offset is not within the range of offsets maintained by the server.",
            ),
            ErrorCode::UnknownTopicOrPartition => (
                "UNKNOWN_TOPIC_OR_PARTITION",
                "This server does not host this topic-partition.",
            ),
            ErrorCode::LeaderNotAvailable => (
                "LEADER_NOT_AVAILABLE",
                "There is no leader for this topic-partition as we are in the middle of a leadership election.",
            ),
            ErrorCode::NotLeaderOrFollower => (
                "NOT_LEADER_OR_FOLLOWER",
                "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.",
            ),
            ErrorCode::RequestTimedOut => ("REQUEST_TIMED_OUT", "The request timed out."),
            ErrorCode::BrokerNotAvailable => {
                ("BROKER_NOT_AVAILABLE", "The broker is not available.")
            }
            ErrorCode::MessageTooLarge => (
                "MESSAGE_TOO_LARGE",
                "The request included a message larger than the max message size the server will accept.",
            ),
            ErrorCode::NetworkException => (
                "NETWORK_EXCEPTION",
                "The server disconnected before a response was received.",
            ),
            ErrorCode::CoordinatorLoadInProgress => (
                "COORDINATOR_LOAD_IN_PROGRESS",
                "The coordinator is loading and hence can't process requests.",
            ),
            ErrorCode::CoordinatorNotAvailable => (
                "COORDINATOR_NOT_AVAILABLE",
                "The coordinator is not available.",
            ),
            ErrorCode::NotCoordinator => {
                ("NOT_COORDINATOR", "This is not the correct coordinator.")
            }
            ErrorCode::InvalidTopicException => (
                "INVALID_TOPIC_EXCEPTION",
                "The request attempted to perform an operation on an invalid topic.",
            ),
            ErrorCode::NotEnoughReplicas => (
                "NOT_ENOUGH_REPLICAS",
                "Messages are rejected since there are fewer in-sync replicas than required.",
            ),
            ErrorCode::NotEnoughReplicasAfterAppend => (
                "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
                "Messages are written to the log, but to fewer in-sync replicas than required.",
            ),
            ErrorCode::InvalidRequiredAcks => (
                "INVALID_REQUIRED_ACKS",
                "Produce request specified an invalid value for required acks.",
            ),
            ErrorCode::IllegalGeneration => (
                "ILLEGAL_GENERATION",
                "Specified group generation id is not valid.",
            ),
            ErrorCode::InconsistentGroupProtocol => (
                "INCONSISTENT_GROUP_PROTOCOL",
                "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list.",
            ),
            ErrorCode::InvalidGroupId => ("INVALID_GROUP_ID", "The configured groupId is invalid."),
            ErrorCode::UnknownMemberId => (
                "UNKNOWN_MEMBER_ID",
                "The coordinator is not aware of this member.",
            ),
            ErrorCode::InvalidSessionTimeout => (
                "INVALID_SESSION_TIMEOUT",
                "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms).",
            ),
            ErrorCode::RebalanceInProgress => (
                "REBALANCE_IN_PROGRESS",
                "The group is rebalancing, so a rejoin is needed.",
            ),
            ErrorCode::TopicAlreadyExists => (
                "TOPIC_ALREADY_EXISTS",
                "Topic with this name already exists.",
            ),
            ErrorCode::InvalidPartitions => {
                ("INVALID_PARTITIONS", "Number of partitions is below 1.")
            }
            ErrorCode::InvalidReplicationFactor => (
                "INVALID_REPLICATION_FACTOR",
                "Replication factor is below 1 or larger than the number of available brokers.",
            ),
            ErrorCode::InvalidConfig => ("INVALID_CONFIG", "Configuration is invalid."),
            ErrorCode::NotController => (
                "NOT_CONTROLLER",
                "This is not the correct controller for this cluster.",
            ),
            ErrorCode::InvalidRequest => (
                "INVALID_REQUEST",
                "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.",
            ),
            ErrorCode::KafkaStorageError => (
                "KAFKA_STORAGE_ERROR",
                "Disk error when trying to access log file on the disk.",
            ),
            ErrorCode::FencedLeaderEpoch => (
                "FENCED_LEADER_EPOCH",
                "The leader epoch in the request is older than the epoch on the broker.",
            ),
            ErrorCode::UnknownLeaderEpoch => (
                "UNKNOWN_LEADER_EPOCH",
                "The leader epoch in the request is newer than the epoch on the broker.",
            ),
            ErrorCode::StaleBrokerEpoch => ("STALE_BROKER_EPOCH", "Broker epoch has changed."),
            ErrorCode::OffsetNotAvailable => (
                "OFFSET_NOT_AVAILABLE",
                "The leader high watermark has not caught up from a recent leader election so the offsets cannot be guaranteed to be monotonically increasing.",
            ),
            ErrorCode::MemberIdRequired => (
                "MEMBER_ID_REQUIRED",
                "The group member needs to have a valid member id before actually entering a consumer group.",
            ),
            ErrorCode::GroupMaxSizeReached => (
                "GROUP_MAX_SIZE_REACHED",
                "The consumer group has reached its max size.",
            ),
            ErrorCode::PreferredLeaderNotAvailable => (
                "PREFERRED_LEADER_NOT_AVAILABLE",
                "The preferred leader was not available.",
            ),
            ErrorCode::ElectionNotNeeded => (
                "ELECTION_NOT_NEEDED",
                "Leader election not needed for topic partition.",
            ),
            ErrorCode::FencedInstanceId => (
                "FENCED_INSTANCE_ID",
                "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id.",
            ),
            ErrorCode::InconsistentVoterSet => (
                "INCONSISTENT_VOTER_SET",
                "Indicates that the either the sender or recipient of a voter-only request is not one of the expected voters.",
            ),
            ErrorCode::InvalidUpdateVersion => (
                "INVALID_UPDATE_VERSION",
                "The given update version was invalid.",
            ),
            ErrorCode::UnknownTopicId => (
                "UNKNOWN_TOPIC_ID",
                "This server does not host this topic ID.",
            ),
            ErrorCode::DuplicateBrokerRegistration => (
                "DUPLICATE_BROKER_REGISTRATION",
                "This broker ID is already in use.",
            ),
            ErrorCode::BrokerIdNotRegistered => (
                "BROKER_ID_NOT_REGISTERED",
                "The given broker ID was not registered.",
            ),
            ErrorCode::InconsistentTopicId => (
                "INCONSISTENT_TOPIC_ID",
                "The log's topic ID did not match the topic ID in the request.",
            ),
            ErrorCode::IneligibleReplica => (
                "INELIGIBLE_REPLICA",
                "The new ISR contains at least one ineligible replica.",
            ),
            ErrorCode::NewLeaderElected => (
                "NEW_LEADER_ELECTED",
                "The AlterPartition request successfully updated the partition state but the leader has changed.",
            ),
            ErrorCode::InvalidRegistration => (
                "INVALID_REGISTRATION",
                "The controller has considered the broker registration to be invalid.",
            ),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Fingerprint for ErrorCode {
    fn fingerprint(&self, to: &mut Digest) {
        self.code().fingerprint(to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_those_of_the_protocol_guide() {
        for (error, code, name) in [
            (ErrorCode::UnknownServerError, -1, "UNKNOWN_SERVER_ERROR"),
            (ErrorCode::NotLeaderOrFollower, 6, "NOT_LEADER_OR_FOLLOWER"),
            (ErrorCode::NotEnoughReplicas, 19, "NOT_ENOUGH_REPLICAS"),
            (ErrorCode::FencedLeaderEpoch, 74, "FENCED_LEADER_EPOCH"),
            (ErrorCode::NewLeaderElected, 108, "NEW_LEADER_ELECTED"),
        ] {
            assert_eq!((error.code(), error.name()), (code, name));
        }
    }

    #[test]
    fn a_producer_tries_again_after_a_lost_leader_but_not_after_a_too_large_record() {
        assert!(ErrorCode::NotLeaderOrFollower.is_retriable());
        assert!(ErrorCode::NotLeaderOrFollower.invalidates_metadata());
        assert!(ErrorCode::NotEnoughReplicasAfterAppend.is_retriable());
        assert!(!ErrorCode::NotEnoughReplicasAfterAppend.invalidates_metadata());
        assert!(!ErrorCode::MessageTooLarge.is_retriable());
    }
}
