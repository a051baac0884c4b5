//! What travels on Kafka's connections: requests and responses by their API names.
//!
//! A response carries its request's correlation id and comes back on the same connection, in the
//! order of the requests (protocol guide, "Network"). Fields that nothing here reads (tagged
//! fields, throttle times, API versions) are left out; sizes count the fields that are there.

pub mod admin;
pub mod control;
pub mod data;
pub mod group;
pub mod pairs;

use serde::{Deserialize, Serialize};

use crate::fingerprint::Fingerprint;
use crate::machine::Parcel;
use crate::names::{MessageId, Name};

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// From the side that opened the connection.
    Request(Request),
    /// From the other.
    Response(Response),
}

/// A request and its header.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Request {
    /// Chosen by the client, for each connection counted from 0.
    pub correlation_id: u32,
    /// `client.id`.
    pub client_id: Name,
    /// What is asked.
    pub body: RequestBody,
}

/// A response and its header.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Response {
    /// That of the request it answers.
    pub correlation_id: u32,
    /// The answer.
    pub body: ResponseBody,
}

/// A request, by who answers it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequestBody {
    /// Any broker, or the leader or a follower of partitions.
    Data(data::Request),
    /// A group's coordinator.
    Group(group::Request),
    /// The controllers.
    Control(control::Request),
}

/// A response, by who gave it.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ResponseBody {
    /// Any broker, or the leader or a follower of partitions.
    Data(data::Response),
    /// A group's coordinator.
    Group(group::Response),
    /// The controllers.
    Control(control::Response),
}

impl Parcel for Message {
    fn bytes(&self) -> u64 {
        // Length and correlation id; a request also has API key, API version and client id.
        match self {
            Message::Request(request) => {
                let header = 4 + 2 + 2 + 4 + 2 + request.client_id.len() as u64;
                header + request.body.bytes()
            }
            Message::Response(response) => 4 + 4 + response.body.bytes(),
        }
    }

    fn label(&self) -> &'static str {
        match self {
            Message::Request(request) => request.body.label(),
            Message::Response(response) => response.body.label(),
        }
    }

    fn messages(&self, each: &mut dyn FnMut(MessageId)) {
        match self {
            Message::Request(Request {
                body: RequestBody::Data(body),
                ..
            }) => body.messages(each),
            Message::Response(Response {
                body: ResponseBody::Data(body),
                ..
            }) => body.messages(each),
            _ => {}
        }
    }
}

impl RequestBody {
    /// Its size, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            RequestBody::Data(body) => body.bytes(),
            RequestBody::Group(body) => body.bytes(),
            RequestBody::Control(body) => body.bytes(),
        }
    }

    /// The API's name: `Produce`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            RequestBody::Data(body) => body.label(),
            RequestBody::Group(body) => body.label(),
            RequestBody::Control(body) => body.label(),
        }
    }
}

impl ResponseBody {
    /// Its size, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            ResponseBody::Data(body) => body.bytes(),
            ResponseBody::Group(body) => body.bytes(),
            ResponseBody::Control(body) => body.bytes(),
        }
    }

    /// The schema's name: `ProduceResponse`.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            ResponseBody::Data(body) => body.label(),
            ResponseBody::Group(body) => body.label(),
            ResponseBody::Control(body) => body.label(),
        }
    }
}
