//! RabbitMQ, in the order of a message's life: a client publishes on a channel of a connection;
//! the exchange routes by its bindings; queues keep the message until a consumer acknowledges it.
//!
//! The model follows RabbitMQ 3.10 on one node. What it does not have (quorum queues, streams,
//! dead letters, transactions, policies, permissions) is refused as "not modelled", never
//! approximated.

pub mod field_value;
mod json;
pub mod message;
pub mod method;
mod method_fields;

pub mod alarm;
mod basic;
pub mod broker;
pub mod channel;
pub mod confirm;
pub mod connection;
mod declare;

pub mod binding;
pub mod exchange;
pub mod headers;
pub mod topic;
pub mod vhost;

pub mod classic_queue;
pub mod consumer;
pub mod delivery;
pub mod prefetch;
pub mod queue;
pub mod queue_store;

pub mod client;
pub mod definitions;
pub mod error;
pub mod fact;
mod fact_words;
pub mod record;
pub mod view;

#[cfg(test)]
mod rig;
#[cfg(test)]
mod tests;
