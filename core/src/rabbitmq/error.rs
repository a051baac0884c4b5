//! Exceptions: which end a channel, which a connection, and their texts.

use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::method::Close;
use crate::fingerprint::Fingerprint;

/// A reply code (AMQP 0-9-1, 1.2, and RabbitMQ's `rabbit_framing_amqp_0_9_1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// 320: an operator intervened.
    ConnectionForced,
    /// 403: no right to do this, or never allowed.
    AccessRefused,
    /// 404: no such thing.
    NotFound,
    /// 405: another connection has it.
    ResourceLocked,
    /// 406: something would have to be different.
    PreconditionFailed,
    /// 503: a method or field that makes no sense.
    CommandInvalid,
    /// 504: something is wrong with the channel itself.
    ChannelError,
    /// 530: not allowed in this place.
    NotAllowed,
    /// 540: the broker does not do that.
    NotImplemented,
}

/// Why the broker closes a channel or a connection.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Exception {
    /// The reply code; it decides what is closed.
    pub code: Code,
    /// What comes after the code's name in the reply text.
    pub explanation: String,
}

impl Code {
    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Code::ConnectionForced => 320,
            Code::AccessRefused => 403,
            Code::NotFound => 404,
            Code::ResourceLocked => 405,
            Code::PreconditionFailed => 406,
            Code::CommandInvalid => 503,
            Code::ChannelError => 504,
            Code::NotAllowed => 530,
            Code::NotImplemented => 540,
        }
    }

    /// The name in reply texts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Code::ConnectionForced => "CONNECTION_FORCED",
            Code::AccessRefused => "ACCESS_REFUSED",
            Code::NotFound => "NOT_FOUND",
            Code::ResourceLocked => "RESOURCE_LOCKED",
            Code::PreconditionFailed => "PRECONDITION_FAILED",
            Code::CommandInvalid => "COMMAND_INVALID",
            Code::ChannelError => "CHANNEL_ERROR",
            Code::NotAllowed => "NOT_ALLOWED",
            Code::NotImplemented => "NOT_IMPLEMENTED",
        }
    }

    /// Whether it ends the whole connection, not just the channel (the specification's hard
    /// errors).
    #[must_use]
    pub const fn ends_connection(self) -> bool {
        !matches!(
            self,
            Code::AccessRefused | Code::NotFound | Code::ResourceLocked | Code::PreconditionFailed
        )
    }
}

impl Exception {
    /// An exception.
    #[must_use]
    pub fn new(code: Code, explanation: impl Into<String>) -> Self {
        Exception {
            code,
            explanation: explanation.into(),
        }
    }

    /// The answer to what this model does not have: unlike anything the real broker says.
    #[must_use]
    pub fn not_modelled(what: &str) -> Self {
        Exception::new(Code::NotImplemented, format!("not modelled: {what}"))
    }

    /// 406.
    #[must_use]
    pub fn precondition_failed(explanation: impl Into<String>) -> Self {
        Exception::new(Code::PreconditionFailed, explanation)
    }

    /// 404 for a queue or an exchange (`rabbit_amqqueue:not_found/1`).
    #[must_use]
    pub fn not_found(resource: &str) -> Self {
        Exception::new(Code::NotFound, format!("no {resource}"))
    }

    /// The fields of the close method. A text is cut to what a short string holds
    /// (`rabbit_binary_generator`: 252 bytes and three dots).
    #[must_use]
    pub fn close(&self) -> Close {
        let mut text = format!("{} - {}", self.code.name(), self.explanation);
        if text.len() > 255 {
            let end = (0..=252).rev().find(|&at| text.is_char_boundary(at));
            text.truncate(end.unwrap_or_default());
            text.push_str("...");
        }
        Close {
            reply_code: self.code.number(),
            reply_text: text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_begins_with_the_name_of_its_code() {
        let close = Exception::not_found("queue 'q' in vhost '/'").close();
        assert_eq!(close.reply_code, 404);
        assert_eq!(&*close.reply_text, "NOT_FOUND - no queue 'q' in vhost '/'");
    }

    #[test]
    fn a_long_text_is_cut_to_a_short_string() {
        let close = Exception::precondition_failed("x".repeat(300)).close();
        assert_eq!(close.reply_text.len(), 255);
        assert!(close.reply_text.ends_with("x..."));
    }
}
