//! Resource alarms: while the disk or the memory of a node is short, connections that publish are
//! blocked, and those that only consume go on.
//!
//! Source: `rabbit_disk_monitor`, `vm_memory_monitor`, `rabbit_alarm`, the throttle of
//! `rabbit_reader`; docs, "Memory and Disk Alarms". A blocked connection is not read from: what
//! comes on it lies in the socket until the last alarm is cleared. Simplified: that its client is
//! gone is noticed at once.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::broker::{Config, Step};
use super::connection::State;
use super::fact::Fact;
use super::method::{Blocked, Frame, Method};
use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, Name};
use crate::shared::{Deque, SortedSet};

/// What can run short.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// Less is free than `disk_free_limit`.
    Disk,
    /// More is used than `vm_memory_high_watermark`.
    Memory,
}

/// The alarms of a node that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Alarms(SortedSet<Resource>);

/// Whether a connection is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Throttle {
    /// It published while an alarm was set.
    pub blocked: bool,
    /// What lies unread in its socket.
    unread: Deque<Frame>,
}

impl Resource {
    /// As `connection.blocked` names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Resource::Disk => "disk",
            Resource::Memory => "memory",
        }
    }
}

impl Alarms {
    /// Why connections are blocked: `low on disk & memory`.
    fn reason(&self) -> Name {
        let names: Vec<&str> = self.0.iter().map(|resource| resource.name()).collect();
        alloc::format!("low on {}", names.join(" & ")).into()
    }
}

impl Config {
    /// Whether so many free bytes are too few.
    fn is_short_of_disk(&self, free: u64) -> bool {
        free < self.disk_free_limit
    }

    /// Whether so many used bytes are too many.
    fn is_short_of_memory(&self, used: u64) -> bool {
        used > self.vm_memory_high_watermark
    }
}

impl Step<'_, '_> {
    /// The disk monitor looked: so many bytes are free.
    pub fn disk_free(&mut self, bytes: u64) {
        let short = self.broker.config.is_short_of_disk(bytes);
        self.set_alarm(Resource::Disk, short);
    }

    /// The memory monitor looked: so many bytes are used.
    pub fn memory_used(&mut self, bytes: u64) {
        let short = self.broker.config.is_short_of_memory(bytes);
        self.set_alarm(Resource::Memory, short);
    }

    fn set_alarm(&mut self, resource: Resource, set: bool) {
        let (node, alarms) = (self.broker.node, &mut self.broker.alarms.0);
        if set && alarms.insert(resource) {
            self.out.tell(Fact::AlarmSet { node, resource });
        } else if !set && alarms.remove(&resource) {
            self.out.tell(Fact::AlarmCleared { node, resource });
            if self.broker.alarms.0.is_empty() {
                self.unblock_all();
            }
        }
    }

    /// A frame that may be read now: none while its connection is blocked. A connection is blocked
    /// when it publishes and an alarm is set, at the header of the message: its body stays unread.
    pub fn unless_blocked(&mut self, link: LinkId, frame: Frame) -> Option<Frame> {
        let Some(connection) = self.broker.connections.get_mut(&link) else {
            return Some(frame);
        };
        if connection.throttle.blocked {
            connection.throttle.unread.push_back(frame);
            return None;
        }
        let Frame::Method {
            method: Method::BasicPublish(publish),
            ..
        } = &frame
        else {
            return Some(frame);
        };
        if self.broker.alarms.0.is_empty() || connection.state != State::Running {
            return Some(frame);
        }
        connection.throttle.blocked = true;
        let read = publish
            .content
            .body
            .bytes()
            .is_empty()
            .then(|| frame.clone());
        if read.is_none() {
            connection.throttle.unread.push_back(frame);
        }
        let reason = self.broker.alarms.reason();
        let blocked = Blocked {
            reason: reason.clone(),
        };
        self.out.tell(Fact::ConnectionBlocked { link, reason });
        self.send_frame(link, Frame::new(0, Method::ConnectionBlocked(blocked)));
        read
    }

    /// The last alarm is cleared: what lay unread is read, connection by connection.
    fn unblock_all(&mut self) {
        let connections = self.broker.connections.iter();
        let blocked = connections.filter(|(_, connection)| connection.throttle.blocked);
        let links: Vec<LinkId> = blocked.map(|(link, _)| *link).collect();
        for link in links {
            let Some(connection) = self.broker.connections.get_mut(&link) else {
                continue;
            };
            let unread = core::mem::take(&mut connection.throttle).unread;
            self.out.tell(Fact::ConnectionUnblocked { link });
            self.send_frame(link, Frame::new(0, Method::ConnectionUnblocked));
            for frame in unread.iter() {
                self.frame(link, frame.clone());
            }
        }
    }
}
