//! What becomes of one partition when its replicas change: the in-sync replicas, the leader, the
//! epochs. A pure function of its registration and a wish; the controller decides with it, and
//! whoever replays the metadata log applies the answer.
//!
//! Source: PartitionChangeBuilder and PartitionRegistration; held to Kafka's own class by
//! `tests/conformance/kafka/partition_election.json`. Reassignment is not modelled.

use alloc::vec;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::kafka::topic::{BrokerId, LeaderRecoveryState, PartitionState};
use crate::shared::SortedSet;

/// A partition as the metadata log has it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct PartitionRegistration {
    /// What brokers act on.
    pub state: PartitionState,
    /// The eligible leader replicas (KIP-966): out of the ISR, yet with everything committed.
    pub elr: Vec<BrokerId>,
    /// The last known leader of a partition that lost its last in-sync replica (KIP-966); never
    /// more than one.
    pub last_known_elr: Vec<BrokerId>,
}

/// The fields of a `PartitionChangeRecord`: what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct PartitionChange {
    /// The new in-sync replicas.
    pub isr: Option<Vec<BrokerId>>,
    /// The new eligible leader replicas.
    pub elr: Option<Vec<BrokerId>>,
    /// The new last known leader.
    pub last_known_elr: Option<Vec<BrokerId>>,
    /// The new leader, or that there is none; either raises the leader epoch.
    pub leader: Option<Option<BrokerId>>,
    /// The new recovery state.
    pub recovery: Option<LeaderRecoveryState>,
}

impl PartitionRegistration {
    /// A new partition, in its first epochs, led by the first replica that is in sync.
    #[must_use]
    pub fn created(replicas: Vec<BrokerId>, isr: Vec<BrokerId>) -> PartitionRegistration {
        PartitionRegistration {
            state: PartitionState {
                leader: isr.first().copied(),
                leader_epoch: 0,
                isr,
                replicas,
                partition_epoch: 0,
                recovery: LeaderRecoveryState::Recovered,
            },
            elr: Vec::new(),
            last_known_elr: Vec::new(),
        }
    }

    /// Applies a change. Any change raises the partition epoch.
    pub fn merge(&mut self, change: &PartitionChange) {
        let set = |to: &mut Vec<BrokerId>, new: &Option<Vec<BrokerId>>| {
            if let Some(new) = new {
                to.clone_from(new);
            }
        };
        set(&mut self.state.isr, &change.isr);
        set(&mut self.elr, &change.elr);
        set(&mut self.last_known_elr, &change.last_known_elr);
        if let Some(leader) = change.leader {
            self.state.leader = leader;
            self.state.leader_epoch += 1;
        }
        if let Some(recovery) = change.recovery {
            self.state.recovery = recovery;
        }
        self.state.partition_epoch += 1;
    }
}

/// How far an election may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Election {
    /// The preferred replica if it is valid, else as `Online`.
    Preferred,
    /// A valid replica, or none.
    Online,
    /// A valid replica, else any that is acceptable: what the others alone have is lost.
    Unclean,
}

/// A wish to change a partition.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The ISR asked for; the election may change it once more.
    pub isr: Vec<BrokerId>,
    /// Replicas that came back without their log's end being sure: they lose eligibility.
    pub unclean_shutdown: &'a [BrokerId],
    /// How far the election may go.
    pub election: Election,
    /// What a leader that finished its recovery reports.
    pub recovery: Option<LeaderRecoveryState>,
    /// `eligible.leader.replicas.version` 1 (KIP-966).
    pub elr_enabled: bool,
    /// `min.insync.replicas` of the topic.
    pub min_isr: u32,
}

/// What a wish comes to, or `None` if nothing changes. `acceptable` tells the replicas that may
/// lead: registered, not fenced, not shutting down.
#[must_use]
pub fn change(
    partition: &PartitionRegistration,
    wish: Wish<'_>,
    acceptable: &dyn Fn(BrokerId) -> bool,
) -> Option<PartitionChange> {
    let mut target = Target {
        partition,
        acceptable,
        elr: eligible_leaders(partition, &wish),
        wish,
    };
    let mut change = PartitionChange::default();
    target.elect(&mut change);

    // An unclean election, the only thing that has set the ISR by now, ends all eligibility.
    if change.isr.is_some() || !target.wish.elr_enabled {
        target.elr.clear();
    }
    if target.elr != partition.elr {
        change.elr = Some(target.elr.clone());
    }
    // Without ELR the ISR never becomes empty.
    let isr = &target.wish.isr;
    if change.isr.is_none()
        && (!isr.is_empty() || target.wish.elr_enabled)
        && *isr != partition.state.isr
    {
        change.isr = Some(isr.clone());
    }
    if target.wish.elr_enabled {
        keep_last_known_leader(partition, &mut change);
    }
    if let Some(state) = target.wish.recovery
        && state != partition.state.recovery
    {
        change.recovery = Some(state);
    }
    (change != PartitionChange::default()).then_some(change)
}

/// The eligible leader replicas before the election: none while the ISR has its minimum, else
/// those that were eligible or in sync and are not any more.
fn eligible_leaders(partition: &PartitionRegistration, wish: &Wish<'_>) -> Vec<BrokerId> {
    if !wish.elr_enabled {
        return partition.elr.clone();
    }
    if wish.isr.len() as u64 >= u64::from(wish.min_isr) {
        return Vec::new();
    }
    let candidates: SortedSet<BrokerId> = partition
        .elr
        .iter()
        .chain(&partition.state.isr)
        .copied()
        .collect();
    let eligible = |id: &BrokerId| !wish.isr.contains(id) && !wish.unclean_shutdown.contains(id);
    candidates.into_iter().filter(eligible).collect()
}

/// A partition on its way to a new leader.
struct Target<'a> {
    partition: &'a PartitionRegistration,
    acceptable: &'a dyn Fn(BrokerId) -> bool,
    elr: Vec<BrokerId>,
    wish: Wish<'a>,
}

impl Target<'_> {
    fn elect(&mut self, change: &mut PartitionChange) {
        let (leader, unclean) = match self.clean_leader() {
            Some(leader) => (Some(leader), false),
            None => match self.last_known_leader().or_else(|| self.unclean_leader()) {
                Some(leader) => (Some(leader), true),
                None => (None, false),
            },
        };
        if leader == self.partition.state.leader {
            return;
        }
        change.leader = Some(leader);
        let Some(leader) = leader else {
            return;
        };
        if self.elr.contains(&leader) {
            self.wish.isr = vec![leader];
            self.elr.retain(|&id| id != leader);
        }
        if unclean {
            change.isr = Some(vec![leader]);
            if self.partition.state.recovery == LeaderRecoveryState::Recovered {
                change.recovery = Some(LeaderRecoveryState::Recovering);
            }
        }
    }

    /// A preferred replica where asked for, else the one that leads, else the first in order.
    fn clean_leader(&self) -> Option<BrokerId> {
        let replicas = &self.partition.state.replicas;
        let preferred = match self.wish.election {
            Election::Preferred => replicas.first().copied(),
            Election::Online | Election::Unclean => None,
        };
        preferred
            .into_iter()
            .chain(self.partition.state.leader)
            .chain(replicas.iter().copied())
            .find(|&id| self.valid(id))
    }

    /// In sync, or eligible when nobody is in sync; and acceptable.
    fn valid(&self, id: BrokerId) -> bool {
        let isr = &self.wish.isr;
        (isr.contains(&id) || isr.is_empty() && self.elr.contains(&id)) && (self.acceptable)(id)
    }

    /// Who led last, when nobody is in sync or eligible: the balanced recovery of KIP-966.
    fn last_known_leader(&self) -> Option<BrokerId> {
        let nobody_else = self.wish.isr.is_empty() && self.elr.is_empty();
        match self.partition.last_known_elr[..] {
            [leader] if self.wish.elr_enabled && nobody_else && (self.acceptable)(leader) => {
                Some(leader)
            }
            _ => None,
        }
    }

    fn unclean_leader(&self) -> Option<BrokerId> {
        match self.wish.election {
            Election::Unclean => {
                let mut replicas = self.partition.state.replicas.iter().copied();
                replicas.find(|&id| (self.acceptable)(id))
            }
            Election::Preferred | Election::Online => None,
        }
    }
}

/// Remembers the leader when the ISR becomes empty, forgets it once there is one again.
fn keep_last_known_leader(partition: &PartitionRegistration, change: &mut PartitionChange) {
    let led = change.leader.unwrap_or(partition.state.leader).is_some();
    let empties = change.isr.as_ref().is_some_and(Vec::is_empty);
    if let (true, Some(leader)) = (empties, partition.state.leader) {
        if partition.last_known_elr != [leader] {
            change.last_known_elr = Some(vec![leader]);
        }
    } else if led && !partition.last_known_elr.is_empty() {
        change.last_known_elr = Some(Vec::new());
    }
}
