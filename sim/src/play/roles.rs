//! Who plays a role at this moment: of the live claimants, the one of the highest epoch; of equal
//! ones, the first by name.

use glassmq_core::kafka;
use glassmq_core::machine::Machine as _;
use glassmq_core::names::NodeId;

use super::names::Names;
use crate::cast::{Lens, Stage, View};
use crate::process::Life;
use crate::scenario::who::{Role, Side, Who};

/// The processes that a scenario's words mean now. Nobody, if nobody claims the role.
#[must_use]
pub fn resolve(who: &Who, stage: &Stage, names: &Names) -> Vec<NodeId> {
    match who {
        Who::Named(name) => names.find(name).into_iter().collect(),
        Who::Role(role) => play(role, stage, names),
    }
}

/// The processes that one side of a fault means; `rest` is everyone the other side is not.
#[must_use]
pub fn resolve_side(side: &Side, other: &Side, stage: &Stage, names: &Names) -> Vec<NodeId> {
    let mut nodes = Vec::new();
    for who in &side.0 {
        match who {
            Who::Role(Role::Rest) => {
                let named = resolve_side(other, &Side::default(), stage, names);
                nodes.extend(names.nodes().filter(|node| !named.contains(node)));
            }
            who => nodes.extend(resolve(who, stage, names)),
        }
    }
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

fn play(role: &Role, stage: &Stage, names: &Names) -> Vec<NodeId> {
    match role {
        Role::LeaderOf(of) => leader(of, stage).into_iter().collect(),
        Role::FollowersOf(of) => {
            let leader = leader(of, stage);
            let holders = live(stage).filter(|(_, view)| holds(view, of));
            let others = holders.map(|(node, _)| node);
            others.filter(|node| Some(*node) != leader).collect()
        }
        Role::CoordinatorOf(group) => {
            let count = offsets_partitions(stage);
            let partition = kafka::group_coordinator::partition_for(group, count.max(1));
            let led = format!("__consumer_offsets-{partition}");
            leader(&led, stage).into_iter().collect()
        }
        Role::Controller => highest(live(stage).filter_map(|(node, view)| match view {
            View::KafkaController(view) if view.state == "leader" => Some((view.epoch, node)),
            _ => None,
        })),
        Role::Minority => split(names).1,
        Role::Majority => split(names).0,
        // Only the other side of a fault says who is left.
        Role::Rest => Vec::new(),
    }
}

/// The leader of a partition, or the node that a queue is on.
fn leader(of: &str, stage: &Stage) -> Option<NodeId> {
    let claims = live(stage).filter_map(|(node, view)| match view {
        View::KafkaBroker(view) => {
            let led = |replica: &&kafka::view::ReplicaView| {
                replica.leader && replica.partition.to_string() == of
            };
            view.replicas
                .iter()
                .find(led)
                .map(|replica| (replica.leader_epoch, node))
        }
        View::RabbitmqNode(view) => {
            let there = view.queues.iter().any(|queue| *queue.name == *of);
            there.then_some((0, node))
        }
        _ => None,
    });
    highest(claims).into_iter().next()
}

/// How many partitions `__consumer_offsets` has.
fn offsets_partitions(stage: &Stage) -> u32 {
    let partitions = |view: &View| match view {
        View::KafkaBroker(view) => {
            let named = |replica: &&kafka::view::ReplicaView| {
                *replica.partition.topic == *"__consumer_offsets"
            };
            let highest = view.replicas.iter().filter(named);
            highest.map(|replica| replica.partition.partition + 1).max()
        }
        _ => None,
    };
    live(stage)
        .filter_map(|(_, view)| partitions(&view))
        .max()
        .unwrap_or(0)
}

fn holds(view: &View, of: &str) -> bool {
    match view {
        View::KafkaBroker(view) => {
            let mut replicas = view.replicas.iter();
            replicas.any(|replica| replica.partition.to_string() == of)
        }
        View::RabbitmqNode(view) => view.queues.iter().any(|queue| *queue.name == *of),
        _ => false,
    }
}

fn live(stage: &Stage) -> impl Iterator<Item = (NodeId, View)> + '_ {
    let lens = Lens::counts();
    stage.nodes().filter_map(move |(node, process)| {
        let lives = !matches!(process.life(), Life::Down { .. });
        let machine = process.machine().filter(|_| lives)?;
        Some((node, machine.view(&lens)))
    })
}

fn highest(claims: impl Iterator<Item = (u32, NodeId)>) -> Vec<NodeId> {
    let best = claims.reduce(|best, claim| if claim.0 > best.0 { claim } else { best });
    best.map(|(_, node)| node).into_iter().collect()
}

/// The brokers: a majority, the first by name, and the others.
fn split(names: &Names) -> (Vec<NodeId>, Vec<NodeId>) {
    let is_broker = |name: &str| name.starts_with("kafka-") || name.starts_with("rabbit-");
    let brokers: Vec<NodeId> = names
        .nodes()
        .filter(|node| is_broker(names.of(*node)))
        .collect();
    let majority = brokers.len() / 2 + 1;
    let (many, few) = brokers.split_at(majority.min(brokers.len()));
    (many.to_vec(), few.to_vec())
}
