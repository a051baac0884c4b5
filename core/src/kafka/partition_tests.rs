//! The rules of one replica, asked one by one: who may fetch what, who is fenced, who counts.

use alloc::vec::Vec;

use crate::kafka::api::data::{
    Acks, EpochPartition, FetchPartition, FetchRequest, FetchedPartition, ListOffsetsPartition,
    OffsetAt, ReplicaState, Response,
};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::env::{Env, Todo};
use crate::kafka::error::ErrorCode;
use crate::kafka::log::PartitionLog;
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::partition::{Partition, Role};
use crate::kafka::purgatory::Waiter;
use crate::kafka::record::{Batch, Record};
use crate::kafka::replica_manager::ReplicaManager;
use crate::kafka::topic::{
    BrokerId, Endpoint, LeaderRecoveryState, PartitionState, TopicId, TopicPartition,
};
use crate::machine::Out;
use crate::names::{FileId, LinkId, NodeId};
use crate::time::Now;

/// Broker 1 with a replica of `orders-0`, beside brokers 2 and 3 in their second lives.
struct Stand {
    config: BrokerConfig,
    image: Image,
    out: Out<crate::kafka::broker::Broker>,
    todo: Todo,
    now_ms: u64,
    replica: Option<Partition>,
}

fn orders() -> TopicPartition {
    TopicPartition::new(&"orders".into(), 0)
}

fn state(leader: u32, leader_epoch: u32, isr: &[u32], partition_epoch: u32) -> PartitionState {
    PartitionState {
        leader: Some(BrokerId(leader)),
        leader_epoch,
        replicas: Vec::from([1, 2, 3].map(BrokerId)),
        isr: isr.iter().map(|id| BrokerId(*id)).collect(),
        partition_epoch,
        recovery: LeaderRecoveryState::Recovered,
    }
}

fn batch(records: usize) -> Batch {
    let record = Record {
        key: None,
        value: Some(b"0123456789".as_slice().into()),
        timestamp: 0,
        message: None,
    };
    Batch::of(alloc::vec![record; records])
}

fn fetch(offset: u64, epoch: Option<u32>) -> FetchPartition {
    FetchPartition {
        partition: orders(),
        current_leader_epoch: epoch,
        fetch_offset: offset,
        last_fetched_epoch: None,
        log_start_offset: None,
        partition_max_bytes: 1 << 20,
    }
}

fn life(id: u32, epoch: u64) -> Option<ReplicaState> {
    let (id, epoch) = (BrokerId(id), Some(epoch));
    Some(ReplicaState { id, epoch })
}

impl Stand {
    /// Leads, or follows, as `state` says.
    fn new(state: &PartitionState) -> Self {
        let mut image = Image::default();
        for id in 1..=3 {
            image.replay(&MetadataRecord::RegisterBroker {
                broker: Endpoint {
                    id: BrokerId(id),
                    node: NodeId(id - 1),
                },
                incarnation_id: 2,
                broker_epoch: 20 + u64::from(id),
                fenced: false,
                in_controlled_shutdown: false,
            });
        }
        let mut stand = Stand {
            config: BrokerConfig::parse([]).unwrap(),
            image,
            out: Out::new(NodeId(0), 0),
            todo: Todo::default(),
            now_ms: 1000,
            replica: None,
        };
        let opened = stand.with(|env| {
            let log = PartitionLog::create(FileId(1));
            let mut replica = Partition::open(orders(), log, 0, env);
            replica.apply(state, env);
            replica
        });
        stand.replica = Some(opened);
        stand
    }

    fn with<R>(&mut self, act: impl FnOnce(&mut Env<'_>) -> R) -> R {
        act(&mut Env {
            id: BrokerId(1),
            node: NodeId(0),
            broker_epoch: Some(21),
            now: Now {
                wall: self.now_ms as i64 * 1000,
                mono: self.now_ms * 1000,
            },
            config: &self.config,
            image: &self.image,
            out: &mut self.out,
            todo: &mut self.todo,
        })
    }

    /// Has the replica do something.
    fn act<R>(&mut self, act: impl FnOnce(&mut Partition, &mut Env<'_>) -> R) -> R {
        let mut replica = self.replica.take().expect("it is opened");
        let result = self.with(|env| act(&mut replica, env));
        self.replica = Some(replica);
        result
    }

    fn append(&mut self, records: usize) {
        let done = self.act(|it, env| it.append_as_leader(&batch(records), Acks::Leader, env));
        assert!(done.is_ok(), "{done:?}");
    }

    /// A follower's fetch, or a consumer's.
    fn fetch(&mut self, asked: &FetchPartition, from: Option<ReplicaState>) -> FetchedPartition {
        self.act(|it, env| it.fetch(asked, from, 1 << 20, true, true, env))
    }

    fn apply(&mut self, state: &PartitionState) {
        self.act(|it, env| it.apply(state, env));
    }

    fn high_watermark(&mut self) -> u64 {
        self.act(|it, _| it.high_watermark())
    }

    /// The in-sync replicas that the leader has asked for, each time.
    fn asked_isr(&self) -> Vec<Vec<u32>> {
        let asked = self.todo.alter.iter();
        asked
            .map(|wish| wish.new_isr.iter().map(|(id, _)| id.0).collect())
            .collect()
    }
}

#[test]
fn whoever_knows_another_leader_epoch_is_told_so() {
    let cases = [
        (Some(4), ErrorCode::FencedLeaderEpoch),
        (Some(5), ErrorCode::None),
        (Some(6), ErrorCode::UnknownLeaderEpoch),
        (None, ErrorCode::None),
    ];
    let mut stand = Stand::new(&state(1, 5, &[1, 2, 3], 9));
    stand.append(1);
    for (epoch, error) in cases {
        let fetched = stand.fetch(&fetch(0, epoch), None);
        assert_eq!(fetched.error, error, "a consumer that knows {epoch:?}");
        let fetched = stand.fetch(&fetch(0, epoch), life(2, 22));
        assert_eq!(fetched.error, error, "a follower that knows {epoch:?}");
        let end = stand.act(|it, _| {
            it.end_of_epoch(&EpochPartition {
                partition: orders(),
                current_leader_epoch: epoch,
                leader_epoch: 5,
            })
        });
        assert_eq!(end.error, error, "OffsetForLeaderEpoch, of {epoch:?}");
    }
}

#[test]
fn metadata_that_comes_late_changes_nothing() {
    let mut stand = Stand::new(&state(1, 5, &[1, 2], 9));
    stand.apply(&state(2, 4, &[2], 8));
    let leads = stand.act(|it, _| matches!(it.role(), Role::Leader(of) if of.isr().len() == 2));
    assert!(leads, "it leads on, with both in sync");
}

#[test]
fn a_fetch_of_a_former_life_does_not_count() {
    let mut stand = Stand::new(&state(1, 5, &[1], 9));
    stand.append(1);
    // KIP-903: broker 2 died and registered again with epoch 22.
    let late = stand.fetch(&fetch(1, Some(5)), life(2, 12));
    assert_eq!(late.error, ErrorCode::NotLeaderOrFollower);
    assert!(stand.asked_isr().is_empty());
    stand.fetch(&fetch(1, Some(5)), life(2, 22));
    assert_eq!(stand.asked_isr(), [[1, 2]]);
}

#[test]
fn a_follower_on_its_way_in_holds_the_high_watermark_back() {
    let mut stand = Stand::new(&state(1, 5, &[1], 9));
    stand.append(1);
    assert_eq!(stand.high_watermark(), 1, "the leader alone is in sync");
    stand.fetch(&fetch(1, Some(5)), life(2, 22));
    stand.append(1);
    assert_eq!(stand.high_watermark(), 1, "2 is asked for, and lacks it");
    stand.fetch(&fetch(2, Some(5)), life(2, 22));
    assert_eq!(stand.high_watermark(), 2);
}

#[test]
fn a_follower_comes_in_once_it_has_what_the_epoch_began_with() {
    // Broker 1 got three records in epoch 4, from a leader that told of a high watermark of 1.
    let mut stand = Stand::new(&state(2, 4, &[1, 2], 8));
    let old = [
        batch(1).placed(0, 4),
        batch(1).placed(1, 4),
        batch(1).placed(2, 4),
    ];
    stand.act(|it, env| it.append_as_follower(old.into(), 1, env));
    stand.apply(&state(1, 5, &[1, 2], 9));
    // Above the high watermark, and below where epoch 5 began.
    stand.fetch(&fetch(2, Some(5)), life(3, 23));
    assert!(stand.asked_isr().is_empty());
    stand.fetch(&fetch(3, Some(5)), life(3, 23));
    assert_eq!(stand.asked_isr(), [[1, 2, 3]]);
}

#[test]
fn a_follower_that_fetches_and_never_catches_up_leaves_the_isr() {
    let mut stand = Stand::new(&state(1, 5, &[1, 2], 9));
    stand.append(1);
    // One record more each second, of which it always lacks two by its next fetch.
    for offset in 0..28 {
        stand.append(2);
        stand.fetch(&fetch(offset, Some(5)), life(2, 22));
        stand.now_ms += 1000;
    }
    stand.act(|it, env| it.shrink_isr(env));
    assert!(
        stand.asked_isr().is_empty(),
        "replica.lag.time.max.ms is 30 s"
    );
    for offset in 28..32 {
        stand.fetch(&fetch(offset, Some(5)), life(2, 22));
        stand.now_ms += 1000;
    }
    stand.act(|it, env| it.shrink_isr(env));
    assert_eq!(stand.asked_isr(), [[1]]);
}

#[test]
fn a_follower_had_caught_up_when_it_asked_for_what_it_now_has() {
    let mut stand = Stand::new(&state(1, 5, &[1, 2], 9));
    stand.append(1);
    stand.fetch(&fetch(0, Some(5)), life(2, 22));
    // 20 s later it has what there was at its last fetch: then it had caught up, not now.
    stand.now_ms += 20_000;
    stand.append(1);
    stand.fetch(&fetch(1, Some(5)), life(2, 22));
    stand.now_ms += 10_000;
    stand.act(|it, env| it.shrink_isr(env));
    assert!(stand.asked_isr().is_empty());
    stand.now_ms += 1;
    stand.act(|it, env| it.shrink_isr(env));
    assert_eq!(stand.asked_isr(), [[1]]);
}

#[test]
fn a_new_leader_does_not_say_where_the_end_is_before_it_knows() {
    // KIP-207: what a predecessor committed may be more than this broker has heard of.
    let mut stand = Stand::new(&state(2, 4, &[1, 2], 8));
    stand.act(|it, env| it.append_as_follower([batch(2).placed(0, 4)].into(), 0, env));
    stand.apply(&state(1, 5, &[1, 2], 9));
    let latest = |stand: &mut Stand| {
        stand.act(|it, _| {
            it.list_offset(&ListOffsetsPartition {
                partition: orders(),
                current_leader_epoch: Some(5),
                at: OffsetAt::Latest,
            })
        })
    };
    assert_eq!(latest(&mut stand).error, ErrorCode::OffsetNotAvailable);
    stand.fetch(&fetch(2, Some(5)), life(2, 22));
    assert_eq!(latest(&mut stand).offset, Some(2));
}

#[test]
fn a_follower_knows_nothing_to_be_committed_that_it_does_not_have() {
    let mut stand = Stand::new(&state(2, 4, &[1, 2], 8));
    stand.act(|it, env| it.append_as_follower([batch(1).placed(0, 4)].into(), 7, env));
    assert_eq!(stand.high_watermark(), 1);
}

/// How many batches a fetch of two partitions gets from each, with this limit for the answer.
fn fetched(max_bytes: u32) -> Vec<usize> {
    let mut stand = Stand::new(&state(1, 5, &[1], 9));
    let (mut manager, topic) = (ReplicaManager::default(), TopicId(1));
    let partitions: Vec<_> = (0..2)
        .map(|n| TopicPartition::new(&"orders".into(), n))
        .collect();
    let asked = |id: &TopicPartition| FetchPartition {
        partition: id.clone(),
        ..fetch(0, Some(5))
    };
    let request = FetchRequest {
        replica: None,
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes,
        partitions: partitions.iter().map(asked).collect(),
    };
    let waiter = Waiter::Connection {
        link: LinkId {
            opener: NodeId(9),
            ordinal: 0,
        },
        correlation_id: 1,
    };
    let answer = stand.with(|env| {
        for id in &partitions {
            manager.apply(topic, id, &state(1, 5, &[1], 9), env);
            for _ in 0..2 {
                let produced = crate::kafka::api::data::ProduceRequest {
                    acks: Acks::Leader,
                    timeout_ms: 1000,
                    partitions: [(id.clone(), batch(1))].into(),
                };
                manager.produce(&produced, waiter, env);
            }
        }
        manager.fetch(request, waiter, env)
    });
    let Some(Response::Fetch(answers)) = answer else {
        panic!("no answer: {answer:?}");
    };
    answers.iter().map(|answer| answer.batches.len()).collect()
}

#[test]
fn a_fetch_takes_no_more_than_its_limit_but_one_batch() {
    let one = batch(1).bytes() as u32;
    let cases = [
        (one * 4, [2, 2]),
        (one * 3, [2, 1]),
        (one * 2, [2, 0]),
        (one, [1, 0]),
        (1, [1, 0]),
    ];
    for (max_bytes, batches) in cases {
        assert_eq!(fetched(max_bytes), batches, "fetch.max.bytes={max_bytes}");
    }
}
