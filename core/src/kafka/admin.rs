//! An administrator's client: asks a broker for something that the controller decides, and tells
//! what came of it.
//!
//! Any broker passes such a request on to the active controller (KIP-590), so it does not matter
//! who is asked. What gets no answer is tried again until `default.api.timeout.ms` is over.
//!
//! Source: `KafkaAdminClient`, with the defaults of `AdminClientConfig`.

use alloc::vec::Vec;

use crate::fingerprint::Fingerprint;
use crate::kafka::api::admin::Outcome;
use crate::kafka::api::control::{CreatableTopic, Request, Response};
use crate::kafka::api::{RequestBody, ResponseBody};
use crate::kafka::client::Client;
use crate::kafka::error::ErrorCode;
use crate::kafka::fact::client::ClientWhat;
use crate::kafka::network_client::{Backoff, Lost, NetworkClient, NetworkConfig, Peer};
use crate::machine::{Chance, Out};
use crate::names::{Name, NodeId};
use crate::time::Now;

/// `default.api.timeout.ms`.
const API_TIMEOUT_MS: u64 = 60_000;

const RETRY: Backoff = Backoff {
    least_ms: 100,
    most_ms: 1000,
};

const NETWORK: NetworkConfig = NetworkConfig {
    request_timeout_ms: 30_000,
    retry: RETRY,
    reconnect: Backoff {
        least_ms: 50,
        most_ms: 1000,
    },
    metadata_max_age_ms: 300_000,
    max_in_flight: 1,
};

/// An administrator's client.
#[derive(Clone, Debug, Fingerprint)]
pub struct Admin {
    /// Its connections.
    pub network: NetworkClient<u32>,
    bootstrap: Vec<NodeId>,
    calls: Vec<Call>,
    asked: u32,
}

/// Something asked for that is not answered.
#[derive(Clone, Debug, Fingerprint)]
struct Call {
    number: u32,
    request: Request,
    /// Whom to ask, if that was said.
    on: Option<Peer>,
    in_flight: bool,
    /// Not to be tried before then, in microseconds of the monotonic clock.
    not_before: u64,
    /// When it is given up.
    deadline: u64,
    failures: u32,
}

impl Admin {
    /// One that has been asked for nothing.
    #[must_use]
    pub fn new(client_id: Name, bootstrap: Vec<NodeId>) -> Self {
        Admin {
            network: NetworkClient::new(client_id, bootstrap.clone(), NETWORK),
            bootstrap,
            calls: Vec::new(),
            asked: 0,
        }
    }

    /// Asks for something: the broker `on`, or any.
    pub fn ask(&mut self, on: Option<NodeId>, request: Request, now: Now) {
        let place = |node| self.bootstrap.iter().position(|it| *it == node);
        let on = on
            .and_then(place)
            .map(|place| Peer::Bootstrap(place as u32));
        self.calls.push(Call {
            number: self.asked,
            request,
            on,
            in_flight: false,
            not_before: now.mono,
            deadline: now.mono + API_TIMEOUT_MS * 1000,
            failures: 0,
        });
        self.asked += 1;
    }

    /// Sends what can be sent, and gives up what is overdue.
    pub fn drive(
        &mut self,
        now: Now,
        chance: &mut Chance<'_>,
        out: &mut Out<Client>,
    ) -> Vec<ClientWhat> {
        let lost = self.network.drive(now, chance, out);
        self.lost(&lost, now, chance);
        let mut over = Vec::new();
        self.calls.retain(|call| {
            if call.deadline <= now.mono {
                over.push(call.answered(unanswered(&call.request)));
            }
            call.deadline > now.mono
        });
        for call in &mut self.calls {
            if call.in_flight || call.not_before > now.mono {
                continue;
            }
            let Some(peer) = call.on.or_else(|| self.network.any_peer(now)) else {
                continue;
            };
            if self.network.ready(peer, now, out) {
                let body = RequestBody::Control(call.request.clone());
                self.network.send(peer, call.number, body, None, now, out);
                call.in_flight = true;
            }
        }
        over
    }

    /// When to be driven again, in microseconds of the monotonic clock.
    #[must_use]
    pub fn next_deadline(&self, now: Now) -> Option<u64> {
        let of_call = |call: &Call| {
            let retry = (!call.in_flight && call.not_before > now.mono).then_some(call.not_before);
            [retry, Some(call.deadline)]
        };
        let calls = self.calls.iter().flat_map(of_call).flatten();
        calls.chain(self.network.next_deadline(now)).min()
    }

    /// Requests got no answer: they are tried again after a while.
    pub fn lost(&mut self, lost: &[Lost<u32>], now: Now, chance: &mut Chance<'_>) {
        let number = |lost: &Lost<u32>| lost.purpose;
        for number in lost.iter().map(number) {
            if let Some(call) = self.calls.iter_mut().find(|call| call.number == number) {
                call.in_flight = false;
                call.failures += 1;
                call.not_before = now.mono + RETRY.after(call.failures, chance);
            }
        }
    }

    /// An answer came; `None` if it was waited for no longer.
    pub fn answered(&mut self, number: u32, body: &ResponseBody) -> Option<ClientWhat> {
        let place = self.calls.iter().position(|call| call.number == number)?;
        let call = self.calls.remove(place);
        Some(call.answered(outcomes(body)))
    }
}

impl Call {
    fn answered(&self, outcomes: Vec<Outcome>) -> ClientWhat {
        ClientWhat::Answered {
            request: self.request.label().into(),
            outcomes,
        }
    }
}

/// What a request is about: topics or partitions.
#[must_use]
pub fn about(request: &Request) -> Vec<Name> {
    match request {
        Request::CreateTopics { topics } => {
            let name = |topic: &CreatableTopic| topic.name.clone();
            topics.iter().map(name).collect()
        }
        Request::Admin(request) => request.about(),
        _ => Vec::new(),
    }
}

/// What the application learns of a request that nobody answered: a `TimeoutException`.
fn unanswered(request: &Request) -> Vec<Outcome> {
    let outcome = |of| Outcome {
        of,
        error: ErrorCode::RequestTimedOut,
    };
    about(request).into_iter().map(outcome).collect()
}

fn outcomes(body: &ResponseBody) -> Vec<Outcome> {
    match body {
        ResponseBody::Control(Response::CreateTopics { topics }) => {
            let outcomes = topics.iter().map(|topic| Outcome {
                of: topic.name.clone(),
                error: topic.result.err().unwrap_or(ErrorCode::None),
            });
            outcomes.collect()
        }
        ResponseBody::Control(Response::Admin(response)) => response.outcomes().to_vec(),
        other => panic!("{} answers no administrator", other.label()),
    }
}
