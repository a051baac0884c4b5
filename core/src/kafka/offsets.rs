//! What groups have committed, in one partition of `__consumer_offsets`.
//!
//! Source: OffsetMetadataManager, without expiry (`offsets.retention.minutes` is seven days).

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::topic::TopicPartition;
use crate::names::Name;
use crate::shared::SortedMap;

/// The committed offsets of groups: each the next one to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Offsets {
    groups: SortedMap<Name, SortedMap<TopicPartition, u64>>,
}

impl Offsets {
    /// A commit counts from now on. A later one of the same partition takes its place, be it
    /// further back.
    pub fn commit(&mut self, group: &Name, partition: TopicPartition, offset: u64) {
        let of_group = self.groups.entry(group.clone()).or_default();
        of_group.insert(partition, offset);
    }

    /// What a group has committed in these partitions.
    #[must_use]
    pub fn fetch(
        &self,
        group: &Name,
        partitions: &[TopicPartition],
    ) -> SortedMap<TopicPartition, Option<u64>> {
        let of_group = self.groups.get(group);
        let fetch = |partition: &TopicPartition| {
            let offset = of_group.and_then(|of_group| of_group.get(partition));
            (partition.clone(), offset.copied())
        };
        partitions.iter().map(fetch).collect()
    }

    /// All that a group has committed.
    #[must_use]
    pub fn of(&self, group: &Name) -> Vec<(TopicPartition, u64)> {
        let of_group = self.groups.get(group).into_iter().flatten();
        of_group
            .map(|(partition, &offset)| (partition.clone(), offset))
            .collect()
    }
}
