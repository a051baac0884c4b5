//! Who of a consumer group gets which partitions: pure functions.
//!
//! In the classic protocol the group's leader, a consumer, computes the assignment; the broker
//! only passes it on. Held to Apache Kafka's own classes by `tests/conformance/kafka/assignors.json`.

use alloc::vec::Vec;

use crate::kafka::api::group::Assignment;
use crate::names::Name;
use crate::shared::{SortedMap, SortedSet};

/// A member as an assignor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// `member.id`, given by the coordinator.
    pub member_id: Name,
    /// `group.instance.id`, of a static member.
    pub group_instance_id: Option<Name>,
    /// The topics it subscribed to.
    pub topics: SortedSet<Name>,
}

/// The strategies of `partition.assignment.strategy`, by the name under which members vote for
/// them in `JoinGroup`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignor {
    /// `range`: topic by topic, a run of partitions for each member. The default with
    /// `cooperative-sticky` behind it. Source: RangeAssignor.
    Range,
    /// `roundrobin`: all partitions of all topics dealt out in turn. Source: RoundRobinAssignor.
    RoundRobin,
}

impl Assignor {
    /// The assignor of that protocol name, if it is modelled.
    #[must_use]
    pub fn named(name: &str) -> Option<Assignor> {
        match name {
            "range" => Some(Assignor::Range),
            "roundrobin" => Some(Assignor::RoundRobin),
            _ => None,
        }
    }

    /// Its protocol name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Assignor::Range => "range",
            Assignor::RoundRobin => "roundrobin",
        }
    }

    /// Gives every partition of every known topic with a subscriber to exactly one subscriber.
    /// `partitions` is the number of partitions of each topic; a topic that is not in it has no
    /// metadata yet and is left out. Every member is in the answer, be it with nothing.
    #[must_use]
    pub fn assign(
        self,
        partitions: &SortedMap<Name, u32>,
        members: &[Subscriber],
    ) -> SortedMap<Name, Assignment> {
        let mut members: Vec<&Subscriber> = members.iter().collect();
        members.sort_by(|a, b| rank(a).cmp(&rank(b)));
        let mut assigned: SortedMap<Name, Assignment> = members
            .iter()
            .map(|member| (member.member_id.clone(), Assignment::new()))
            .collect();
        let mut give = |member: &Subscriber, topic: &Name, partition: u32| {
            let of_member = assigned.entry(member.member_id.clone()).or_default();
            of_member.entry(topic.clone()).or_default().push(partition);
        };
        match self {
            Assignor::Range => range(partitions, &members, &mut give),
            Assignor::RoundRobin => round_robin(partitions, &members, &mut give),
        }
        assigned
    }
}

/// The order of members: static ones first, by instance id, so that a restart under a new member
/// id keeps its place; the others by member id. Source: AbstractPartitionAssignor.MemberInfo.
fn rank(member: &Subscriber) -> (bool, &Name) {
    match &member.group_instance_id {
        Some(instance) => (false, instance),
        None => (true, &member.member_id),
    }
}

fn range(
    partitions: &SortedMap<Name, u32>,
    members: &[&Subscriber],
    give: &mut impl FnMut(&Subscriber, &Name, u32),
) {
    for (topic, &count) in partitions {
        let subscribed: Vec<&Subscriber> = members
            .iter()
            .filter(|member| member.topics.contains(topic))
            .copied()
            .collect();
        let Ok(members @ 1..) = u32::try_from(subscribed.len()) else {
            continue;
        };
        let (each, with_one_more) = (count / members, count % members);
        let mut next = 0;
        for (place, member) in (0..).zip(&subscribed) {
            let run = each + u32::from(place < with_one_more);
            for partition in next..next + run {
                give(member, topic, partition);
            }
            next += run;
        }
    }
}

fn round_robin(
    partitions: &SortedMap<Name, u32>,
    members: &[&Subscriber],
    give: &mut impl FnMut(&Subscriber, &Name, u32),
) {
    let mut turn = members.iter().cycle();
    for (topic, &count) in partitions {
        if !members.iter().any(|member| member.topics.contains(topic)) {
            continue;
        }
        for partition in 0..count {
            // Whoever did not subscribe is passed over and has to wait for a whole round.
            if let Some(member) = turn.find(|member| member.topics.contains(topic)) {
                give(member, topic, partition);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, instance: Option<&str>, topics: &[&str]) -> Subscriber {
        Subscriber {
            member_id: id.into(),
            group_instance_id: instance.map(Name::from),
            topics: topics.iter().map(|&topic| topic.into()).collect(),
        }
    }

    fn shares(assignor: Assignor, topics: &[(&str, u32)], members: &[Subscriber]) -> Vec<u32> {
        let topics = topics.iter().map(|&(t, n)| (t.into(), n)).collect();
        assignor
            .assign(&topics, members)
            .values()
            .map(|of_member| of_member.values().map(|p| p.len() as u32).sum())
            .collect()
    }

    #[test]
    fn range_skews_towards_the_first_members_with_every_topic() {
        let both = [
            member("a", None, &["t", "u", "v"]),
            member("b", None, &["t", "u", "v"]),
        ];
        let topics = [("t", 3), ("u", 3), ("v", 3)];
        assert_eq!(shares(Assignor::Range, &topics, &both), [6, 3]);
        assert_eq!(shares(Assignor::RoundRobin, &topics, &both), [5, 4]);
    }

    #[test]
    fn static_members_come_first() {
        let members = [
            member("a", None, &["t"]),
            member("b", Some("z"), &["t"]),
            member("c", Some("y"), &["t"]),
        ];
        assert_eq!(shares(Assignor::Range, &[("t", 2)], &members), [0, 1, 1]);
    }

    #[test]
    fn a_topic_without_metadata_or_subscribers_is_left_out() {
        let one = [member("a", None, &["unknown"])];
        for assignor in [Assignor::Range, Assignor::RoundRobin] {
            assert_eq!(shares(assignor, &[("t", 2)], &one), [0]);
            assert_eq!(Assignor::named(assignor.name()), Some(assignor));
        }
    }
}
