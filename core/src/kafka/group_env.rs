//! What the parts of a group coordinator are given for one step, and what they ask for.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::group::{Assignment, Response};
use crate::kafka::config::broker::BrokerConfig;
use crate::kafka::fact::group::{GroupFact, GroupWhat};
use crate::kafka::group_record::GroupRecord;
use crate::kafka::topic::TopicPartition;
use crate::machine::Chance;
use crate::names::{LinkId, Name};
use crate::shared::SortedMap;
use crate::time::Span;

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct Caller {
    /// The connection.
    pub link: LinkId,
    /// The request on it.
    pub correlation_id: u32,
}

/// A coordinator's timers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupTimer {
    /// The members of a group have had their time to join.
    Join(Name),
    /// The members of a group have had their time to ask for their assignment.
    Sync(Name),
    /// A member of a group has not been heard of for its session timeout.
    Session(Name, Name),
}

/// What a coordinator asks of the broker around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupEffect {
    /// Answer a request.
    Reply(Caller, Response),
    /// Append records to a partition of `__consumer_offsets`, with acks=all; the coordinator is
    /// to hear of the outcome under the ticket.
    Append {
        /// Which partition.
        partition: u32,
        /// Names the outcome.
        ticket: u64,
        /// The records.
        records: Vec<GroupRecord>,
    },
    /// Set a timer.
    Arm(GroupTimer, Span),
    /// Unset a timer.
    Disarm(GroupTimer),
    /// Tell onlookers.
    Tell(GroupFact),
}

/// What happens once records are replicated.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Written {
    /// Nobody waits for it.
    Group,
    /// A generation's assignment: handed out.
    Assignment {
        /// The group.
        group: Name,
        /// The generation.
        generation: u32,
        /// What each member gets.
        assignments: SortedMap<Name, Assignment>,
    },
    /// Offsets: they count from now on.
    Offsets {
        /// The group.
        group: Name,
        /// In which generation, if any.
        generation: Option<u32>,
        /// The offsets.
        offsets: SortedMap<TopicPartition, u64>,
        /// Who waits for the answer.
        caller: Caller,
        /// Partitions that nobody knows.
        unknown: Vec<TopicPartition>,
    },
}

/// Records under way: what happens at the end of each ticket, and in which partition it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Tickets {
    next: u64,
    /// By ticket.
    pub waiting: SortedMap<u64, (u32, Written)>,
}

/// The surroundings of a group during one step.
pub struct GroupEnv<'a, 'c> {
    /// The group.
    pub group: Name,
    /// Its partition of `__consumer_offsets`.
    pub partition: u32,
    /// The broker's `server.properties`.
    pub config: &'a BrokerConfig,
    /// The dice.
    pub chance: &'a mut Chance<'c>,
    /// Records under way.
    pub tickets: &'a mut Tickets,
    /// What is asked of the broker.
    pub out: &'a mut Vec<GroupEffect>,
}

impl GroupEnv<'_, '_> {
    /// Answers a request.
    pub fn reply(&mut self, caller: Caller, response: Response) {
        self.out.push(GroupEffect::Reply(caller, response));
    }

    /// Tells onlookers.
    pub fn tell(&mut self, what: GroupWhat) {
        let group = self.group.clone();
        self.out.push(GroupEffect::Tell(GroupFact { group, what }));
    }

    /// Writes records to the group's partition.
    pub fn write(&mut self, records: Vec<GroupRecord>, then: Written) {
        let ticket = self.tickets.next;
        self.tickets.next += 1;
        self.tickets.waiting.insert(ticket, (self.partition, then));
        self.out.push(GroupEffect::Append {
            partition: self.partition,
            ticket,
            records,
        });
    }

    /// The group has so many milliseconds to join.
    pub fn arm_join(&mut self, ms: u32) {
        let timer = GroupTimer::Join(self.group.clone());
        self.arm(timer, ms);
    }

    /// The group has so many milliseconds to ask for its assignment.
    pub fn arm_sync(&mut self, ms: u32) {
        let timer = GroupTimer::Sync(self.group.clone());
        self.arm(timer, ms);
    }

    /// A member has to be heard of within so many milliseconds.
    pub fn arm_session(&mut self, member: &Name, ms: u32) {
        let timer = GroupTimer::Session(self.group.clone(), member.clone());
        self.arm(timer, ms);
    }

    fn arm(&mut self, timer: GroupTimer, ms: u32) {
        let after = Span::ms(u64::from(ms));
        self.out.push(GroupEffect::Arm(timer, after));
    }

    /// The wait for the group to join is over.
    pub fn disarm_join(&mut self) {
        let timer = GroupTimer::Join(self.group.clone());
        self.out.push(GroupEffect::Disarm(timer));
    }

    /// The wait for the group to ask for its assignment is over.
    pub fn disarm_sync(&mut self) {
        let timer = GroupTimer::Sync(self.group.clone());
        self.out.push(GroupEffect::Disarm(timer));
    }

    /// A member needs not be heard of any more.
    pub fn disarm_session(&mut self, member: &Name) {
        let timer = GroupTimer::Session(self.group.clone(), member.clone());
        self.out.push(GroupEffect::Disarm(timer));
    }

    /// A new member's id: its client's name and something that nobody else has. Kafka puts a UUID
    /// there, which is longer.
    pub fn member_id(&mut self, client_id: &str) -> Name {
        let unique = self.chance.below(1 << 32, "member id");
        let id: String = alloc::format!("{client_id}-{unique:08x}");
        id.into()
    }
}
