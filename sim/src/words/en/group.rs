//! What Kafka's group coordinators tell, in English.

use glassmq_core::kafka::fact::group::{GroupFact, GroupWhat, RebalanceBecause, RemovedBecause};

use super::client::place;
use super::count;
use crate::words::Here;
use crate::words::marks::{bold, mono};

pub(super) fn sentence(fact: &GroupFact, here: &Here<'_>) -> String {
    let (me, group) = (here.me(), bold(&fact.group));
    match &fact.what {
        GroupWhat::Joined { member } => format!("{} joined group {group}", bold(member)),
        GroupWhat::Removed {
            member,
            because: RemovedBecause::Left,
        } => format!("{} left group {group}", bold(member)),
        GroupWhat::Removed { member, because } => {
            let (member, why) = (bold(member), removed(*because));
            format!("{me} removed {member} from group {group}: {why}")
        }
        GroupWhat::PreparingRebalance {
            generation,
            because,
        } => {
            let why = match because {
                RebalanceBecause::MemberJoined => "a member joined",
                RebalanceBecause::MemberGone => "a member is gone",
                RebalanceBecause::LeaderRejoined => "its leader joined again",
                RebalanceBecause::SubscriptionChanged => "a member subscribed to other topics",
                RebalanceBecause::NotStored => "the assignment was not stored",
            };
            format!("{me} ended generation {generation} of group {group} to rebalance: {why}")
        }
        GroupWhat::Generation {
            generation,
            members,
        } => match members.len() {
            0 => format!("{me} left group {group} empty, generation {generation}"),
            n => {
                let members = count(n, "member", "members");
                format!("{me} began generation {generation} of group {group} with {members}")
            }
        },
        GroupWhat::Stable { generation } => {
            format!(
                "{me} stored the assignment of group {group}: generation {generation} is stable"
            )
        }
        GroupWhat::Committed {
            partition, offset, ..
        } => format!(
            "{me} committed offset {offset} of {} for group {group}",
            place(partition)
        ),
        GroupWhat::CommitRefused { member, error } => {
            let who = match &**member {
                "" => "without a member id".to_string(),
                member => format!("of {}", bold(member)),
            };
            format!(
                "{me} refused a commit {who} in group {group}: {}",
                mono(error.name())
            )
        }
        GroupWhat::Loaded { generation } => {
            format!("{me} loaded group {group} from the log, generation {generation}")
        }
        GroupWhat::NotModelled { what } => {
            format!(
                "{me} refused a member of group {group}: not modelled: {}",
                mono(what)
            )
        }
    }
}

fn removed(because: RemovedBecause) -> String {
    match because {
        RemovedBecause::Left => "it left".to_string(),
        RemovedBecause::SessionExpired => {
            format!("no heartbeat for {}", mono("session.timeout.ms"))
        }
        RemovedBecause::DidNotRejoin => {
            format!(
                "it did not join again within {}",
                mono("max.poll.interval.ms")
            )
        }
        RemovedBecause::DidNotSync => {
            format!("it did not sync within {}", mono("max.poll.interval.ms"))
        }
    }
}
