//! What the active controller refuses, and whom: asked directly, with metadata that a test made.

use alloc::vec;
use alloc::vec::Vec;

use crate::kafka::api::control::{AlterPartition, AlterPartitionRequest, Response};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::controller::{Controller, ControllerConfig, Decision};
use crate::kafka::error::ErrorCode;
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::partition_change::PartitionRegistration;
use crate::kafka::session::Wishes;
use crate::kafka::topic::{BrokerId, Endpoint, LeaderRecoveryState, TopicId, TopicPartition};
use crate::names::NodeId;
use crate::time::Now;

const NOW: Now = Now { wall: 0, mono: 0 };

/// Brokers 1 and 2 with the epochs 11 and 12, and `orders-0` on both: led by 1 in its leader epoch
/// 3, its partition epoch 7.
fn controller(fenced: bool) -> Controller {
    let mut image = Image::default();
    for id in [1, 2] {
        image.replay(&MetadataRecord::RegisterBroker {
            broker: Endpoint {
                id: BrokerId(id),
                node: NodeId(id),
            },
            incarnation_id: 1,
            broker_epoch: 10 + u64::from(id),
            fenced,
            in_controlled_shutdown: false,
        });
    }
    let topic_id = TopicId(1);
    image.replay(&MetadataRecord::Topic {
        name: "orders".into(),
        topic_id,
    });
    let both = Vec::from([1, 2].map(BrokerId));
    let mut registration = PartitionRegistration::created(both.clone(), both);
    (
        registration.state.leader_epoch,
        registration.state.partition_epoch,
    ) = (3, 7);
    image.replay(&MetadataRecord::Partition {
        topic_id,
        partition: 0,
        registration,
    });
    let config = BrokerConfig::parse([]).unwrap();
    Controller::claim(ControllerConfig::from(&config), image, NOW)
}

/// What broker 1 is told when it wants to be in sync alone.
fn altered(leader_epoch: u32, partition_epoch: u32, broker_epoch: u64) -> ErrorCode {
    let asked = AlterPartition {
        partition: TopicPartition::new(&"orders".into(), 0),
        leader_epoch,
        partition_epoch,
        new_isr: vec![(BrokerId(1), Some(11))],
        recovery: LeaderRecoveryState::Recovered,
    };
    let decision = controller(false).alter_partition(&AlterPartitionRequest {
        broker: BrokerId(1),
        broker_epoch,
        partitions: vec![asked],
    });
    let Response::AlterPartition(answer) = decision.response else {
        panic!("another answer: {:?}", decision.response);
    };
    let changes = decision.records.len();
    let error = answer
        .partitions
        .first()
        .map_or(answer.error, |it| it.error);
    assert_eq!(changes, usize::from(error.is_none()), "{error:?}");
    error
}

#[test]
fn a_change_of_the_isr_has_to_build_on_the_present_epochs() {
    let cases = [
        ((3, 7, 11), ErrorCode::None),
        ((2, 7, 11), ErrorCode::FencedLeaderEpoch),
        ((4, 7, 11), ErrorCode::NotController),
        ((3, 6, 11), ErrorCode::InvalidUpdateVersion),
        ((3, 8, 11), ErrorCode::NotController),
        // An old leader epoch says more than an old partition epoch.
        ((2, 6, 11), ErrorCode::FencedLeaderEpoch),
        // A former life of the broker asks.
        ((3, 7, 10), ErrorCode::StaleBrokerEpoch),
    ];
    for ((leader_epoch, partition_epoch, broker_epoch), error) in cases {
        let answer = altered(leader_epoch, partition_epoch, broker_epoch);
        assert_eq!(
            answer, error,
            "{leader_epoch}, {partition_epoch}, {broker_epoch}"
        );
    }
}

/// What broker 2 is told when it beats: the error, and whether it is fenced.
fn beats(
    controller: &mut Controller,
    broker_epoch: u64,
    metadata_offset: u64,
) -> (ErrorCode, bool) {
    let wishes = Wishes {
        metadata_offset,
        fence: false,
        shut_down: false,
    };
    let later = Now {
        wall: 8_000_000,
        mono: 8_000_000,
    };
    let Decision { response, .. } = controller.heartbeat(BrokerId(2), broker_epoch, wishes, later);
    match response {
        Response::BrokerHeartbeat {
            error, is_fenced, ..
        } => (error, is_fenced),
        other => panic!("another answer: {other:?}"),
    }
}

#[test]
fn a_heartbeat_of_a_former_life_keeps_no_session() {
    let mut controller = controller(false);
    assert_eq!(
        beats(&mut controller, 10, 20),
        (ErrorCode::StaleBrokerEpoch, true)
    );
    // Broker 1 was silent for as long: of the two it is fenced first, then broker 2.
    let late = Now {
        wall: 9_000_001,
        mono: 9_000_001,
    };
    assert!(controller.fence_stale(late).is_some());
    assert!(controller.fence_stale(late).is_some());
    assert!(controller.fence_stale(late).is_none());
}

#[test]
fn a_heartbeat_keeps_a_session() {
    let mut controller = controller(false);
    assert_eq!(beats(&mut controller, 12, 20), (ErrorCode::None, false));
    let late = Now {
        wall: 9_000_001,
        mono: 9_000_001,
    };
    assert!(controller.fence_stale(late).is_some(), "broker 1");
    assert!(controller.fence_stale(late).is_none());
}

#[test]
fn a_broker_serves_once_it_has_read_its_own_registration() {
    let mut controller = controller(true);
    assert_eq!(beats(&mut controller, 12, 12), (ErrorCode::None, true));
    assert_eq!(beats(&mut controller, 12, 13), (ErrorCode::None, false));
}
