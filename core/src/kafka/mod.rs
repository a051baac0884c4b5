//! Kafka, in the order of a record's life: a producer puts records into batches, the leader of
//! their partition appends a batch to its log, followers fetch it, the high watermark passes it,
//! and consumers read it.
//!
//! All machines of this folder speak [`api::Message`] and keep [`entry::Entry`]s on disk.

pub mod topic;

pub mod api;
pub mod error;
pub mod record;

pub mod admin;
pub mod client;
pub mod cluster_view;
pub mod consumer;
pub mod consumer_coordinator;
pub mod consumer_fetcher;
pub mod consumer_offsets;
pub mod network_client;
pub mod partitioner;
pub mod producer;
pub mod program;
pub mod reader;
pub mod record_accumulator;
pub mod subscription_state;

pub mod isr;
pub mod leader_epoch;
pub mod log;
pub mod partition;
pub mod purgatory;
pub mod replica_fetcher;
pub mod replica_manager;

pub mod broker;
pub mod connections;
pub mod controller_link;
pub mod env;
pub mod group_host;
pub mod metadata_answer;
pub mod view;

pub mod controller;
pub mod controller_admin;
pub mod controller_node;
pub mod kraft;
pub mod lifecycle;
pub mod metadata;
pub mod partition_change;
pub mod peer;
pub mod placement;
pub mod session;

pub mod assignor;
pub mod classic_group;
pub mod group_coordinator;
pub mod group_env;
pub mod group_record;
pub mod offsets;

pub mod config;
pub mod entry;
pub mod fact;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod cluster;
#[cfg(test)]
mod controller_tests;
#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod partition_tests;
#[cfg(test)]
mod pump;
#[cfg(test)]
mod replication_tests;
#[cfg(test)]
mod whole_tests;
