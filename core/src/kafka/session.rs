//! What the active controller knows of each broker's life: the sessions that heartbeats keep.
//!
//! This is soft state: a new controller starts all sessions anew.
//!
//! Source: BrokerHeartbeatManager.

use crate::fingerprint::Fingerprint;
use crate::kafka::topic::BrokerId;
use crate::shared::SortedMap;
use crate::time::Now;

/// The sessions of all registered brokers.
#[derive(Clone, Debug, Fingerprint)]
pub struct Sessions {
    timeout_us: u64,
    brokers: SortedMap<BrokerId, Session>,
}

/// One broker's session.
#[derive(Clone, Copy, Debug, Fingerprint)]
struct Session {
    /// The monotonic time of its last heartbeat, in microseconds.
    last_contact: u64,
    /// The end of the metadata that the broker has applied.
    metadata_offset: u64,
    /// Where the metadata says that the broker is on its way out.
    controlled_shutdown_offset: Option<u64>,
    fenced: bool,
}

/// What a broker is to the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerState {
    /// May neither lead nor be in sync.
    Fenced,
    /// At work.
    Unfenced,
    /// At work until its leaderships are elsewhere.
    ControlledShutdown,
    /// May stop.
    ShutdownNow,
}

/// What a broker asks for in a heartbeat.
#[derive(Clone, Copy, Debug)]
pub struct Wishes {
    /// The end of the metadata that it has applied.
    pub metadata_offset: u64,
    /// Not to serve.
    pub fence: bool,
    /// To stop.
    pub shut_down: bool,
}

impl Sessions {
    /// None yet; `broker.session.timeout.ms` in milliseconds.
    #[must_use]
    pub fn new(timeout_ms: u32) -> Self {
        Sessions {
            timeout_us: u64::from(timeout_ms) * 1000,
            brokers: SortedMap::new(),
        }
    }

    /// A broker registered, or is found registered by a new controller.
    pub fn register(&mut self, broker: BrokerId, fenced: bool, now: Now) {
        let session = Session {
            last_contact: now.mono,
            metadata_offset: 0,
            controlled_shutdown_offset: None,
            fenced,
        };
        self.brokers.insert(broker, session);
    }

    /// A broker gave a sign of life, and is from now on fenced or not.
    pub fn touch(&mut self, broker: BrokerId, fenced: bool, metadata_offset: u64, now: Now) {
        if let Some(session) = self.brokers.get_mut(&broker) {
            session.last_contact = now.mono;
            session.metadata_offset = metadata_offset;
            session.fenced = fenced;
            if fenced {
                session.controlled_shutdown_offset = None;
            }
        }
    }

    /// A broker is fenced without having been heard.
    pub fn fence(&mut self, broker: BrokerId) {
        if let Some(session) = self.brokers.get_mut(&broker) {
            session.fenced = true;
        }
    }

    /// The metadata says at `offset` that a broker is on its way out.
    pub fn shuts_down(&mut self, broker: BrokerId, offset: u64) {
        if let Some(session) = self.brokers.get_mut(&broker) {
            session.controlled_shutdown_offset.get_or_insert(offset);
        }
    }

    /// Whether a broker is unfenced and was heard of in time.
    #[must_use]
    pub fn is_valid(&self, broker: BrokerId, now: Now) -> bool {
        let session = self.brokers.get(&broker);
        session.is_some_and(|session| !session.fenced && self.expiry(session) >= now.mono)
    }

    fn expiry(&self, session: &Session) -> u64 {
        session.last_contact + self.timeout_us
    }

    /// The unfenced broker that has been silent for the longest time, if that is too long.
    #[must_use]
    pub fn stale(&self, now: Now) -> Option<BrokerId> {
        let unfenced = self.brokers.iter().filter(|(_, session)| !session.fenced);
        let (&broker, session) = unfenced.min_by_key(|(_, session)| session.last_contact)?;
        (self.expiry(session) < now.mono).then_some(broker)
    }

    /// How long until a session may be over, in microseconds; `None` if no broker is unfenced.
    #[must_use]
    pub fn next_check(&self, now: Now) -> Option<u64> {
        let unfenced = self.brokers.values().filter(|session| !session.fenced);
        let expiry = unfenced.map(|session| self.expiry(session)).min()?;
        Some((expiry + 1).saturating_sub(now.mono))
    }

    /// What a broker is.
    #[must_use]
    pub fn state(&self, broker: BrokerId) -> BrokerState {
        match self.brokers.get(&broker) {
            Some(session) if session.controlled_shutdown_offset.is_some() => {
                BrokerState::ControlledShutdown
            }
            Some(session) if !session.fenced => BrokerState::Unfenced,
            _ => BrokerState::Fenced,
        }
    }

    /// What a broker becomes by a heartbeat (BrokerHeartbeatManager.calculateNextBrokerState).
    /// `registered_at` is the offset of its registration, `leads` whether it leads any partition.
    #[must_use]
    pub fn next_state(
        &self,
        broker: BrokerId,
        wishes: Wishes,
        registered_at: u64,
        leads: bool,
    ) -> BrokerState {
        match self.state(broker) {
            BrokerState::Fenced if wishes.shut_down => BrokerState::ShutdownNow,
            // The end of what it applied lies behind its own registration.
            BrokerState::Fenced if !wishes.fence && wishes.metadata_offset > registered_at => {
                BrokerState::Unfenced
            }
            BrokerState::Fenced => BrokerState::Fenced,
            BrokerState::Unfenced if wishes.fence && !wishes.shut_down => BrokerState::Fenced,
            BrokerState::Unfenced if wishes.shut_down && leads && !wishes.fence => {
                BrokerState::ControlledShutdown
            }
            BrokerState::Unfenced if wishes.shut_down => BrokerState::ShutdownNow,
            BrokerState::Unfenced => BrokerState::Unfenced,
            BrokerState::ControlledShutdown if leads || !self.all_know(broker) => {
                BrokerState::ControlledShutdown
            }
            BrokerState::ControlledShutdown | BrokerState::ShutdownNow => BrokerState::ShutdownNow,
        }
    }

    /// Whether all brokers at work know that this one is on its way out.
    fn all_know(&self, broker: BrokerId) -> bool {
        let leaving = self.brokers.get(&broker);
        let Some(at) = leaving.and_then(|session| session.controlled_shutdown_offset) else {
            return true;
        };
        let at_work =
            |session: &&Session| !session.fenced && session.controlled_shutdown_offset.is_none();
        let mut known = self.brokers.values().filter(at_work);
        known.all(|session| session.metadata_offset > at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_may_stop_once_all_at_work_know_that_it_leaves() {
        let now = Now { wall: 0, mono: 0 };
        let mut sessions = Sessions::new(9000);
        for broker in [BrokerId(1), BrokerId(2)] {
            sessions.register(broker, false, now);
        }
        sessions.shuts_down(BrokerId(1), 10);
        let wishes = Wishes {
            metadata_offset: 11,
            fence: false,
            shut_down: true,
        };
        let next = |sessions: &Sessions| sessions.next_state(BrokerId(1), wishes, 1, false);
        sessions.touch(BrokerId(2), false, 10, now);
        assert_eq!(next(&sessions), BrokerState::ControlledShutdown);
        sessions.touch(BrokerId(2), false, 11, now);
        assert_eq!(next(&sessions), BrokerState::ShutdownNow);
    }

    #[test]
    fn a_session_is_over_after_its_timeout_and_not_before() {
        let at = |mono| Now { wall: 0, mono };
        let mut sessions = Sessions::new(9000);
        sessions.register(BrokerId(1), false, at(0));
        sessions.register(BrokerId(2), true, at(0));
        assert_eq!(sessions.stale(at(9_000_000)), None);
        assert_eq!(sessions.next_check(at(1_000_000)), Some(8_000_001));
        assert_eq!(sessions.stale(at(9_000_001)), Some(BrokerId(1)));
        sessions.fence(BrokerId(1));
        assert_eq!(sessions.next_check(at(9_000_001)), None);
    }
}
