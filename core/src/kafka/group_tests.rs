//! A group coordinator with a log that replicates at once, driven by scripts.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::kafka::api::group::{Assignment, JoinGroup, Member, Request, Response};
use crate::kafka::assignor::{Assignor, Subscriber};
use crate::kafka::config::Configured;
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::error::ErrorCode;
use crate::kafka::group_coordinator::{
    GroupCoordinator, OFFSETS_TOPIC, Surroundings, find, partition_for,
};
use crate::kafka::group_env::{Caller, GroupEffect, GroupTimer};
use crate::kafka::metadata::{Image, MetadataRecord};
use crate::kafka::partition_change::PartitionRegistration;
use crate::kafka::record::Record;
use crate::kafka::topic::{BrokerId, Endpoint, TopicId, TopicPartition};
use crate::machine::{Chance, Oracle};
use crate::names::{LinkId, Name, NodeId};
use crate::shared::SortedMap;
use crate::time::Now;

/// Counts, so that every member id is another and every run the same.
struct Counter(u64);

impl Oracle for Counter {
    fn below(&mut self, n: u64, _: &'static str) -> u64 {
        self.0 += 1;
        self.0 % n
    }
}

/// What a member knows.
#[derive(Clone, Default)]
struct Known {
    id: Name,
    generation: Option<u32>,
    before: Option<u32>,
    protocol: Name,
    members: Vec<Subscriber>,
}

struct Stand {
    config: BrokerConfig,
    image: Image,
    coordinator: GroupCoordinator,
    log: Vec<Record>,
    timers: SortedMap<GroupTimer, u64>,
    now: u64,
    ids: Counter,
    callers: Vec<String>,
    known: SortedMap<String, Known>,
    /// Whether appends fail.
    broken: bool,
    said: Vec<String>,
}

/// One partition of `__consumer_offsets` and three of `orders`, all led by broker 1.
fn image() -> Image {
    let mut image = Image::default();
    image.replay(&MetadataRecord::RegisterBroker {
        broker: Endpoint {
            id: BrokerId(1),
            node: NodeId(0),
        },
        incarnation_id: 1,
        broker_epoch: 1,
        fenced: false,
        in_controlled_shutdown: false,
    });
    for (id, (name, partitions)) in (1..).zip([(OFFSETS_TOPIC, 1), ("orders", 3)]) {
        let topic_id = TopicId(id);
        let name = name.into();
        image.replay(&MetadataRecord::Topic { name, topic_id });
        for partition in 0..partitions {
            let replicas = Vec::from([BrokerId(1)]);
            image.replay(&MetadataRecord::Partition {
                topic_id,
                partition,
                registration: PartitionRegistration::created(replicas.clone(), replicas),
            });
        }
    }
    image
}

impl Stand {
    fn new() -> Self {
        let mut stand = Stand {
            config: BrokerConfig::parse([]).unwrap(),
            image: image(),
            coordinator: GroupCoordinator::default(),
            log: Vec::new(),
            timers: SortedMap::new(),
            now: 0,
            ids: Counter(0),
            callers: Vec::new(),
            known: SortedMap::new(),
            broken: false,
            said: Vec::new(),
        };
        stand.act(|coordinator, around| coordinator.elected(0, [], around));
        stand
    }

    /// Lets the coordinator act, and each append it asks for end at once.
    fn act(&mut self, act: impl FnOnce(&mut GroupCoordinator, Surroundings<'_, '_>)) {
        let mut tickets = self.step(act);
        while let Some((ticket, error)) = tickets.pop() {
            tickets.extend(self.step(|coordinator, around| {
                coordinator.written(ticket, error, around);
            }));
        }
    }

    fn step(
        &mut self,
        act: impl FnOnce(&mut GroupCoordinator, Surroundings<'_, '_>),
    ) -> Vec<(u64, ErrorCode)> {
        let (mut effects, mut tickets) = (Vec::new(), Vec::new());
        let around = Surroundings {
            config: &self.config,
            image: &self.image,
            chance: &mut Chance::new(&mut self.ids),
            out: &mut effects,
        };
        act(&mut self.coordinator, around);
        for effect in effects {
            match effect {
                GroupEffect::Reply(caller, response) => self.replied(caller, response),
                GroupEffect::Append {
                    ticket, records, ..
                } => {
                    if self.broken {
                        tickets.push((ticket, ErrorCode::NotEnoughReplicas));
                        continue;
                    }
                    let now = Now { wall: 0, mono: 0 };
                    self.log
                        .extend(records.iter().map(|record| record.encode(now)));
                    tickets.push((ticket, ErrorCode::None));
                }
                GroupEffect::Arm(timer, after) => {
                    self.timers.insert(timer, self.now + after.least / 1000);
                }
                GroupEffect::Disarm(timer) => {
                    self.timers.remove(&timer);
                }
                GroupEffect::Tell(fact) => self.said.push(format!("* {fact}")),
            }
        }
        tickets
    }

    fn replied(&mut self, caller: Caller, response: Response) {
        let name = self.callers[caller.correlation_id as usize].clone();
        let known = self.known.entry(name.clone()).or_default();
        let said = match response {
            Response::JoinGroup(Err(refused)) => {
                known.id = refused.member_id;
                format!("JoinGroup: {}", refused.error)
            }
            Response::JoinGroup(Ok(joined)) => {
                known.before = known.generation;
                known.generation = Some(joined.generation_id);
                known.protocol.clone_from(&joined.protocol);
                let subscriber = |member: &crate::kafka::api::group::JoinedMember| Subscriber {
                    member_id: member.member_id.clone(),
                    group_instance_id: None,
                    topics: member.subscription.clone(),
                };
                known.members = joined.members.iter().map(subscriber).collect();
                let leads = if joined.leader == joined.member_id {
                    format!(", leads {}", joined.members.len())
                } else {
                    String::new()
                };
                format!(
                    "JoinGroup: generation {}, {}{leads}",
                    joined.generation_id, joined.protocol
                )
            }
            Response::SyncGroup(Ok(assignment)) => format!("SyncGroup: {assignment:?}"),
            Response::SyncGroup(Err(error)) => format!("SyncGroup: {error}"),
            Response::Heartbeat(error) => format!("Heartbeat: {error}"),
            Response::LeaveGroup(error) => format!("LeaveGroup: {error}"),
            Response::OffsetCommit(all) => {
                let all = all
                    .iter()
                    .map(|(partition, error)| format!(" {partition} {error}"));
                format!("OffsetCommit:{}", all.collect::<String>())
            }
            Response::OffsetFetch(Ok(all)) => {
                let all = all
                    .iter()
                    .map(|(partition, offset)| format!(" {partition} {offset:?}"));
                format!("OffsetFetch:{}", all.collect::<String>())
            }
            other => format!("{other:?}"),
        };
        self.said.push(format!("{name} <- {said}"));
    }

    fn ask(&mut self, name: &str, request: Request) {
        let caller = Caller {
            link: LinkId {
                opener: NodeId(9),
                ordinal: 0,
            },
            correlation_id: self.callers.len() as u32,
        };
        self.callers.push(name.to_string());
        self.act(|coordinator, around| coordinator.handle(request, caller, name, around));
    }

    fn member(&self, name: &str) -> Member {
        let known = self.known.get(name).cloned().unwrap_or_default();
        Member {
            group_id: "billing".into(),
            generation_id: known.generation,
            member_id: known.id,
            group_instance_id: None,
        }
    }

    fn join(&mut self, name: &str, topic: &str, session_timeout_ms: u32) {
        let member_id = self.member(name).member_id;
        let join = JoinGroup {
            group_id: "billing".into(),
            session_timeout_ms,
            rebalance_timeout_ms: 300_000,
            member_id,
            group_instance_id: None,
            protocols: ["range".into()].into(),
            subscription: [topic.into()].into(),
        };
        self.ask(name, Request::JoinGroup(join));
    }

    fn sync(&mut self, name: &str) {
        let known = self.known.get(name).cloned().unwrap_or_default();
        let assignor = Assignor::named(&known.protocol);
        let partitions = SortedMap::from([("orders".into(), 3)]);
        let assignments: SortedMap<Name, Assignment> = match assignor {
            Some(assignor) if !known.members.is_empty() => {
                assignor.assign(&partitions, &known.members)
            }
            _ => SortedMap::new(),
        };
        let member = self.member(name);
        self.ask(
            name,
            Request::SyncGroup {
                member,
                assignments,
            },
        );
    }

    fn commit(&mut self, name: &str, member: Member, partition: &str, offset: &str) {
        let offsets = SortedMap::from([(parse(partition), offset.parse().unwrap())]);
        self.ask(name, Request::OffsetCommit { member, offsets });
    }

    fn wait(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some((timer, &due)) = self.timers.iter().min_by_key(|(_, due)| **due) {
            if due > end {
                break;
            }
            let timer = timer.clone();
            self.now = due;
            self.timers.remove(&timer);
            self.act(|coordinator, around| coordinator.timer(&timer, around));
        }
        self.now = end;
    }

    fn failover(&mut self) {
        self.act(|coordinator, around| coordinator.resigned(0, around));
        self.coordinator = GroupCoordinator::default();
        self.timers.clear();
        let log = self.log.clone();
        self.act(|coordinator, around| coordinator.elected(0, &log, around));
    }

    /// Does one line of a script and says what came of it.
    fn line(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["join", name, topic] => self.join(name, topic, 45_000),
            ["sync", name] => self.sync(name),
            ["heartbeat", name] => {
                let member = self.member(name);
                self.ask(name, Request::Heartbeat { member });
            }
            ["late-heartbeat", name] => {
                let mut member = self.member(name);
                member.generation_id = self.known[name].before;
                self.ask(name, Request::Heartbeat { member });
            }
            ["leave", name] => {
                let Member {
                    group_id,
                    member_id,
                    ..
                } = self.member(name);
                self.known.remove(name);
                self.ask(
                    name,
                    Request::LeaveGroup {
                        group_id,
                        member_id,
                    },
                );
            }
            ["commit", name, partition, offset] => {
                self.commit(name, self.member(name), partition, offset);
            }
            ["late-commit", name, partition, offset] => {
                let mut member = self.member(name);
                member.generation_id = self.known[name].before;
                self.commit(name, member, partition, offset);
            }
            ["free-commit", partition, offset] => {
                self.commit("nobody", self.member("nobody"), partition, offset);
            }
            ["fetch", ..] => {
                let partitions = words[1..].iter().map(|name| parse(name)).collect();
                let group_id = "billing".into();
                self.ask(
                    "anybody",
                    Request::OffsetFetch {
                        group_id,
                        partitions,
                    },
                );
            }
            ["wait", ms] => self.wait(ms.parse().unwrap()),
            ["failover"] => self.failover(),
            _ => panic!("no such command: {line}"),
        }
        core::mem::take(&mut self.said)
    }
}

fn parse(partition: &str) -> TopicPartition {
    let (topic, number) = partition.rsplit_once('-').expect("topic-number");
    TopicPartition::new(&topic.into(), number.parse().unwrap())
}

#[test]
fn the_classic_protocol_as_its_script_tells_it() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/kafka/scripts/classic_group.txt"
    );
    let script = include_str!("scripts/classic_group.txt");
    let mut stand = Stand::new();
    let mut told = String::new();
    for block in script.trim_end().split("\n\n") {
        let (head, _) = block.split_once("\n----").unwrap_or((block, ""));
        told += head;
        if let Some(command) = head.lines().find(|line| !line.starts_with('#')) {
            told += "\n----";
            for said in stand.line(command) {
                told += "\n";
                told += &said;
            }
        }
        told += "\n\n";
    }
    let told = format!("{}\n", told.trim_end());
    if std::env::var_os("ACCEPT").is_some() {
        std::fs::write(path, &told).unwrap();
    }
    assert_eq!(
        told, script,
        "run with ACCEPT=1 to accept, then read the difference"
    );
}

#[test]
fn groups_are_spread_as_java_hashes_them() {
    // Values of String.hashCode, modulo 50.
    let cases = [
        ("", 0),
        ("a", 97 % 50),
        ("ab", (97 * 31 + 98) % 50),
        ("test", 3_556_498 % 50),
    ];
    for (group, partition) in cases {
        assert_eq!(partition_for(group, 50), partition, "{group}");
    }
    // hashCode() is the least number there is, which has no absolute value.
    assert_eq!(partition_for("polygenelubricants", 50), 0);
}

#[test]
fn a_coordinator_is_the_leader_of_the_group_s_partition() {
    let found = find(&image(), &"billing".into());
    assert_eq!(
        (found.error, found.coordinator.map(|c| c.id)),
        (ErrorCode::None, Some(BrokerId(1)))
    );
    let none = find(&Image::default(), &"billing".into());
    assert_eq!(
        (none.error, none.coordinator),
        (ErrorCode::CoordinatorNotAvailable, None)
    );
}

#[test]
fn what_cannot_be_replicated_does_not_count() {
    let mut stand = Stand::new();
    for _ in 0..2 {
        stand.line("join a orders");
    }
    stand.line("wait 3000");
    stand.broken = true;
    let said = stand.line("sync a");
    assert!(
        said.contains(&"a <- SyncGroup: COORDINATOR_NOT_AVAILABLE".to_string()),
        "{said:?}"
    );
    assert!(
        said.contains(
            &"* billing: rebalancing after generation 1: assignment not stored".to_string()
        )
    );
    stand.broken = false;
    stand.line("join a orders");
    stand.line("sync a");
    stand.broken = true;
    let said = stand.line("commit a orders-0 4");
    assert_eq!(
        said,
        ["a <- OffsetCommit: orders-0 COORDINATOR_NOT_AVAILABLE"]
    );
    assert_eq!(
        stand.line("fetch orders-0"),
        ["anybody <- OffsetFetch: orders-0 None"]
    );
}

#[test]
fn another_broker_s_group_is_refused() {
    let mut stand = Stand::new();
    stand.act(|coordinator, around| coordinator.resigned(0, around));
    stand.coordinator = GroupCoordinator::default();
    assert_eq!(
        stand.line("join a orders"),
        ["a <- JoinGroup: NOT_COORDINATOR"]
    );
    assert_eq!(
        stand.line("commit a orders-0 1"),
        ["a <- OffsetCommit: orders-0 NOT_COORDINATOR"]
    );
}

#[test]
fn a_join_is_checked_before_it_counts() {
    let mut stand = Stand::new();
    stand.join("a", "orders", 1);
    assert_eq!(
        stand.said.pop().unwrap(),
        "a <- JoinGroup: INVALID_SESSION_TIMEOUT"
    );
    stand.known.entry("b".into()).or_default().id = "made-up".into();
    stand.join("b", "orders", 45_000);
    assert_eq!(
        stand.said.pop().unwrap(),
        "b <- JoinGroup: UNKNOWN_MEMBER_ID"
    );
    let mut full = Stand::new();
    full.config.group_max_size = 1;
    for name in ["a", "a", "b", "b"] {
        full.join(name, "orders", 45_000);
    }
    assert_eq!(
        full.said.pop().unwrap(),
        "b <- JoinGroup: GROUP_MAX_SIZE_REACHED"
    );
}
