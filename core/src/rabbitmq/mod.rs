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

pub mod broker;
pub mod connection;
pub mod channel;
mod basic;
pub mod confirm;
mod declare;

pub mod vhost;
pub mod exchange;
pub mod binding;
pub mod headers;
pub mod topic;

pub mod queue;
pub mod classic_queue;
pub mod queue_store;
pub mod delivery;
pub mod consumer;
pub mod prefetch;

pub mod definitions;
pub mod error;
pub mod fact;
pub mod record;
pub mod view;
