//! RabbitMQ's and Kafka's protocols as pure state machines.
//!
//! A machine takes one input to completion and asks for effects; it has no clock, no dice and no
//! IO of its own, which the missing standard library enforces. [`machine`] is the only boundary:
//! a simulator, a test or a real-protocol gateway stands on its other side.

#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;
// The derives name this crate from inside, too.
extern crate self as glassmq_core;

pub mod fingerprint;
pub mod kafka;
pub mod machine;
pub mod majority;
pub mod names;
pub mod rabbitmq;
pub mod shared;
pub mod subject;
pub mod time;
