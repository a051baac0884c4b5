//! What a broker tells clients of the cluster: the Metadata API, from the metadata that this broker
//! has applied, which may be behind.
//!
//! Source: `KafkaApis.handleTopicMetadataRequest`, `KRaftMetadataCache`.

use alloc::vec::Vec;

use crate::kafka::api::data::{
    LeaderAndEpoch, MetadataRequest, MetadataResponse, PartitionMetadata, Response, TopicMetadata,
};
use crate::kafka::error::ErrorCode;
use crate::kafka::metadata::{Image, TopicImage};
use crate::kafka::partition_change::PartitionRegistration;
use crate::kafka::topic::BrokerId;
use crate::names::Name;

/// The answer to a Metadata request.
#[must_use]
pub fn answer(request: &MetadataRequest, image: &Image) -> Response {
    let all = || image.topics.keys().cloned().collect();
    let topics: Vec<Name> = request.topics.clone().unwrap_or_else(all);
    let alive = image.brokers.values().filter(|broker| !broker.fenced);
    let brokers: Vec<_> = alive.map(|broker| broker.endpoint).collect();
    Response::Metadata(MetadataResponse {
        // Any broker will do: it forwards to the controller. Kafka picks one at random.
        controller: brokers.first().map(|endpoint| endpoint.id),
        brokers,
        topics: topics.iter().map(|name| of_topic(name, image)).collect(),
    })
}

/// The topics of a request that do not exist.
pub fn missing<'a>(
    request: &'a MetadataRequest,
    image: &'a Image,
) -> impl Iterator<Item = &'a Name> {
    let asked = request.topics.iter().flatten();
    asked.filter(|name| !image.topics.contains_key(*name))
}

fn of_topic(name: &Name, image: &Image) -> TopicMetadata {
    let topic: Option<&TopicImage> = image.topics.get(name);
    let partitions = topic.into_iter().flat_map(|topic| &topic.partitions);
    TopicMetadata {
        error: match topic {
            Some(_) => ErrorCode::None,
            None => ErrorCode::UnknownTopicOrPartition,
        },
        name: name.clone(),
        topic_id: topic.map(|topic| topic.id),
        partitions: partitions
            .map(|(number, partition)| of_partition(*number, partition, image))
            .collect(),
    }
}

fn of_partition(
    number: u32,
    partition: &PartitionRegistration,
    image: &Image,
) -> PartitionMetadata {
    let state = &partition.state;
    let leader = state.leader.filter(|id| image.brokers.contains_key(id));
    let offline = |id: &&BrokerId| image.brokers.get(*id).is_none_or(|broker| broker.fenced);
    PartitionMetadata {
        error: match leader {
            Some(_) => ErrorCode::None,
            None => ErrorCode::LeaderNotAvailable,
        },
        partition: number,
        leader: LeaderAndEpoch {
            leader,
            epoch: state.leader_epoch,
        },
        replicas: state.replicas.clone(),
        isr: state.isr.clone(),
        offline: state.replicas.iter().filter(offline).copied().collect(),
    }
}
