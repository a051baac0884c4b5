//! What every queue is declared with: arguments, their checks, and when two declarations agree.

use alloc::format;
use alloc::string::String;

use super::error::Exception;
use super::field_value::{FieldValue, Table, erlang_string, erlang_term};
use crate::fingerprint::Fingerprint;
use crate::names::{LinkId, Name};

/// What a queue is declared as.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Declaration {
    /// Its name.
    pub name: Name,
    /// Survives a restart. Never for an exclusive queue, whatever was asked for.
    pub durable: bool,
    /// Goes with its last consumer.
    pub auto_delete: bool,
    /// The connection that it belongs to and goes with.
    pub owner: Option<LinkId>,
    /// As they were sent.
    pub arguments: Table,
}

/// What the arguments ask of a classic queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub struct Limits {
    /// `x-message-ttl`, in milliseconds.
    pub message_ttl: Option<u64>,
    /// `x-max-length`, in ready messages.
    pub max_length: Option<u64>,
    /// `x-max-length-bytes`, in bytes of ready bodies.
    pub max_length_bytes: Option<u64>,
    /// `x-overflow`.
    pub overflow: Overflow,
}

/// What a full queue does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Fingerprint)]
pub enum Overflow {
    /// Drops its oldest message.
    #[default]
    DropHead,
    /// Refuses the new one.
    RejectPublish,
}

/// An optional argument of a queue.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// As clients spell it.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
    /// How far it does so here.
    pub modelled: Modelled,
}

/// How far something is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modelled {
    /// It does here what it does in the broker.
    Whole,
    /// It is checked and changes nothing that a client could tell.
    NoEffect,
    /// It is refused.
    Absent,
}

/// The arguments of a classic queue (`rabbit_classic_queue:capabilities/0`).
pub const CLASSIC: [Argument; 13] = [
    Argument {
        name: "x-expires",
        about: "Milliseconds after which an unused queue is deleted.",
        modelled: Modelled::Absent,
    },
    Argument {
        name: "x-message-ttl",
        about: "Milliseconds after which a ready message expires.",
        modelled: Modelled::Whole,
    },
    Argument {
        name: "x-dead-letter-exchange",
        about: "Where messages go that are rejected, expire or are dropped.",
        modelled: Modelled::Absent,
    },
    Argument {
        name: "x-dead-letter-routing-key",
        about: "The routing key of dead-lettered messages, instead of their own.",
        modelled: Modelled::Absent,
    },
    Argument {
        name: "x-max-length",
        about: "How many ready messages the queue holds at most.",
        modelled: Modelled::Whole,
    },
    Argument {
        name: "x-max-length-bytes",
        about: "How many bytes the bodies of ready messages have at most.",
        modelled: Modelled::Whole,
    },
    Argument {
        name: "x-max-priority",
        about: "How many priorities the queue tells apart.",
        modelled: Modelled::Absent,
    },
    Argument {
        name: "x-overflow",
        about: "What a full queue does: drop-head, or reject-publish; reject-publish-dlx is not modelled.",
        modelled: Modelled::Whole,
    },
    Argument {
        name: "x-queue-mode",
        about: "default or lazy: where messages are kept, which no client can tell.",
        modelled: Modelled::NoEffect,
    },
    Argument {
        name: "x-queue-version",
        about: "1 or 2: how messages are stored, which no client can tell.",
        modelled: Modelled::NoEffect,
    },
    Argument {
        name: "x-single-active-consumer",
        about: "One consumer at a time gets messages, the others wait.",
        modelled: Modelled::Absent,
    },
    Argument {
        name: "x-queue-type",
        about: "classic; quorum and stream are not modelled.",
        modelled: Modelled::Whole,
    },
    Argument {
        name: "x-queue-master-locator",
        about: "On which node of a cluster the queue is.",
        modelled: Modelled::NoEffect,
    },
];

/// Those that only other queue types know; a classic queue refuses them.
const NOT_CLASSIC: [&str; 9] = [
    "x-dead-letter-strategy",
    "x-max-in-memory-length",
    "x-max-in-memory-bytes",
    "x-quorum-initial-group-size",
    "x-delivery-limit",
    "x-queue-leader-locator",
    "x-max-age",
    "x-stream-max-segment-size-bytes",
    "x-initial-cluster-size",
];

/// A resource as error texts name it: `queue 'q' in vhost '/'` (`rabbit_misc:rs/1`).
#[must_use]
pub fn resource(kind: &str, name: &str, vhost: &str) -> String {
    format!("{kind} '{name}' in vhost '{vhost}'")
}

/// Checks the arguments of a new queue and reads what they ask for.
///
/// # Errors
/// 406 as the broker words it; "not modelled" for what this model does not have.
pub fn check_arguments(queue: &str, arguments: &Table) -> Result<Limits, Exception> {
    // The channel looks at the dead-letter exchange first, with its own text.
    if let Some(exchange) = arguments.get("x-dead-letter-exchange")
        && exchange.as_text().is_none()
    {
        return Err(Exception::precondition_failed(format!(
            "invalid type '{}' for arg 'x-dead-letter-exchange' in {queue}",
            exchange.type_name()
        )));
    }
    let invalid = |name: &str, error: String| {
        Exception::precondition_failed(format!("invalid arg '{name}' for {queue}: {error}"))
    };
    if let Some(value) = arguments.get("x-queue-type") {
        queue_type(value).map_err(|error| invalid("x-queue-type", error))?;
        if let Some(kind @ ("quorum" | "stream")) = value.as_text().map(|t| &**t) {
            return Err(Exception::not_modelled(&format!("x-queue-type {kind}")));
        }
    }
    for Argument { name, .. } in CLASSIC {
        if let Some(value) = arguments.get(name) {
            check_argument(name, value, arguments).map_err(|error| invalid(name, error))?;
        }
    }
    for (name, _) in arguments.iter() {
        if NOT_CLASSIC.contains(&&**name) {
            return Err(Exception::precondition_failed(format!(
                "invalid arg '{name}' for {queue} of queue type rabbit_classic_queue"
            )));
        }
    }
    limits(arguments)
}

/// Reads arguments that have passed their checks.
fn limits(arguments: &Table) -> Result<Limits, Exception> {
    for name in ["x-dead-letter-exchange", "x-expires", "x-max-priority"] {
        if arguments.get(name).is_some() {
            return Err(Exception::not_modelled(name));
        }
    }
    if arguments.get("x-single-active-consumer") == Some(&FieldValue::Bool(true)) {
        return Err(Exception::not_modelled("x-single-active-consumer"));
    }
    let number = |name| {
        let value = arguments.get(name).and_then(FieldValue::as_integer)?;
        u64::try_from(value).ok()
    };
    Ok(Limits {
        message_ttl: number("x-message-ttl"),
        max_length: number("x-max-length"),
        max_length_bytes: number("x-max-length-bytes"),
        overflow: match arguments.get("x-overflow").and_then(FieldValue::as_text) {
            Some(mode) if &**mode == "reject-publish" => Overflow::RejectPublish,
            Some(mode) if &**mode == "reject-publish-dlx" => {
                return Err(Exception::not_modelled("x-overflow reject-publish-dlx"));
            }
            _ => Overflow::DropHead,
        },
    })
}

/// One argument; the error is the Erlang term that the text ends with
/// (`rabbit_amqqueue:declare_args/0`).
fn check_argument(name: &str, value: &FieldValue, all: &Table) -> Result<(), String> {
    match name {
        "x-expires" => {
            let n = integer(value)?;
            if n == 0 {
                return Err(String::from("{value_zero,0}"));
            }
            check_expiry(n)
        }
        "x-message-ttl" => check_expiry(integer(value)?),
        "x-max-length" | "x-max-length-bytes" => not_negative(value).map(drop),
        "x-max-priority" => match not_negative(value)? {
            n if n > 255 => Err(format!("{{max_value_exceeded,{n}}}")),
            _ => Ok(()),
        },
        "x-queue-version" => match not_negative(value)? {
            1 | 2 => Ok(()),
            n => Err(said(&format!("unsupported queue version '{n}'"))),
        },
        "x-dead-letter-routing-key" => {
            text(value)?;
            match all.get("x-dead-letter-exchange") {
                Some(_) => Ok(()),
                None => Err(String::from("routing_key_but_no_dlx_defined")),
            }
        }
        "x-overflow" => match text(value)? {
            "drop-head" | "reject-publish" | "reject-publish-dlx" => Ok(()),
            _ => Err(String::from("invalid_overflow")),
        },
        "x-queue-mode" => match text(value)? {
            "default" | "lazy" => Ok(()),
            mode => Err(said(&format!("unsupported queue mode '{mode}'"))),
        },
        "x-single-active-consumer" => match value {
            FieldValue::Bool(_) => Ok(()),
            other => Err(unacceptable(other)),
        },
        _ => Ok(()),
    }
}

fn queue_type(value: &FieldValue) -> Result<(), String> {
    match text(value)? {
        "classic" | "quorum" | "stream" => Ok(()),
        kind => Err(said(&format!("unsupported queue type '{kind}'"))),
    }
}

fn integer(value: &FieldValue) -> Result<i64, String> {
    let said = || said(&format!("expected integer, got {}", value.type_name()));
    value.as_integer().ok_or_else(said)
}

fn not_negative(value: &FieldValue) -> Result<i64, String> {
    match integer(value)? {
        n if n < 0 => Err(format!("{{value_negative,{n}}}")),
        n => Ok(n),
    }
}

fn text(value: &FieldValue) -> Result<&str, String> {
    value
        .as_text()
        .map(|text| &**text)
        .ok_or_else(|| unacceptable(value))
}

fn unacceptable(value: &FieldValue) -> String {
    format!("{{unacceptable_type,{}}}", value.type_name())
}

/// A text that the broker made itself: a list of characters, which it prints in quotes.
fn said(text: &str) -> String {
    erlang_string(text.as_bytes())
}

/// A time to live in milliseconds: at most ten years (`rabbit_misc:check_expiry/1`).
///
/// # Errors
/// The Erlang term that the text ends with.
pub fn check_expiry(milliseconds: i64) -> Result<(), String> {
    match milliseconds {
        n if n < 0 => Err(format!("{{value_negative,{n}}}")),
        n if n > 315_360_000_000 => Err(format!("{{value_too_large,{n}}}")),
        _ => Ok(()),
    }
}

/// Whether an `expiration` property is a time to live, and which (`rabbit_basic:parse_expiration`).
///
/// # Errors
/// The Erlang term that the text ends with.
pub fn parse_expiration(expiration: &str) -> Result<u64, String> {
    let signed = expiration.starts_with(['-', '+']);
    let digits = expiration[usize::from(signed)..]
        .find(|c: char| !c.is_ascii_digit())
        .map_or(expiration.len(), |at| at + usize::from(signed));
    let (number, rest) = expiration.split_at(digits);
    if number.len() == usize::from(signed) {
        return Err(String::from("no_integer"));
    }
    if !rest.is_empty() {
        return Err(format!(
            "{{leftover_string,{}}}",
            erlang_string(rest.as_bytes())
        ));
    }
    match number.parse::<i64>() {
        Ok(n) => check_expiry(n).map(|()| n.unsigned_abs()),
        Err(_) if number.starts_with('-') => Err(format!("{{value_negative,{number}}}")),
        Err(_) => Err(format!("{{value_too_large,{number}}}")),
    }
}

/// Whether a queue may be declared again like this (`rabbit_amqqueue:assert_equivalence/5`).
///
/// # Errors
/// 405 for another owner, 406 for the first property that differs.
pub fn check_equivalence(
    current: &Declaration,
    wanted: &Declaration,
    queue: &str,
) -> Result<(), Exception> {
    if current.owner != wanted.owner {
        return Err(locked(queue));
    }
    check_field("durable", current.durable, wanted.durable, queue)?;
    check_field(
        "auto_delete",
        current.auto_delete,
        wanted.auto_delete,
        queue,
    )?;
    CLASSIC.iter().try_for_each(|argument| {
        check_argument_agrees(argument.name, &current.arguments, &wanted.arguments, queue)
    })
}

/// 405: the queue belongs to another connection.
#[must_use]
pub fn locked(queue: &str) -> Exception {
    Exception::new(
        super::error::Code::ResourceLocked,
        format!(
            "cannot obtain exclusive access to locked {queue}. It could be originally declared \
             on another connection or the exclusive property value does not match that of the \
             original declaration."
        ),
    )
}

/// A property of a queue or exchange that has to be what it was (`assert_field_equivalence`).
///
/// # Errors
/// 406.
pub fn check_field<T: PartialEq + core::fmt::Display>(
    name: &str,
    current: T,
    wanted: T,
    resource: &str,
) -> Result<(), Exception> {
    if current == wanted {
        return Ok(());
    }
    Err(inequivalent(
        name,
        resource,
        &format!("'{wanted}'"),
        &format!("'{current}'"),
    ))
}

/// An argument that has to be what it was (`rabbit_misc:assert_args_equivalence1`): of a class of
/// types, by value; and a queue type of `classic` may be left out.
///
/// # Errors
/// 406, in words that depend on which of the two has it.
pub fn check_argument_agrees(
    name: &str,
    current: &Table,
    wanted: &Table,
    resource: &str,
) -> Result<(), Exception> {
    let is_classic = |value: &FieldValue| {
        name == "x-queue-type" && value.as_text().is_some_and(|text| &**text == "classic")
    };
    let (wanted, current) = match (wanted.get(name), current.get(name)) {
        (None, None) => return Ok(()),
        (Some(wanted), Some(current)) => {
            if wanted.type_class() == current.type_class() && wanted.same(current) {
                return Ok(());
            }
            (bare(wanted), bare(current))
        }
        (Some(value), None) | (None, Some(value)) if is_classic(value) => return Ok(()),
        (wanted, current) => (with_type(wanted), with_type(current)),
    };
    Err(inequivalent(name, resource, &wanted, &current))
}

fn inequivalent(name: &str, resource: &str, wanted: &str, current: &str) -> Exception {
    Exception::precondition_failed(format!(
        "inequivalent arg '{name}' for {resource}: received {wanted} but current is {current}"
    ))
}

fn bare(value: &FieldValue) -> String {
    format!("'{}'", plain(value))
}

fn with_type(value: Option<&FieldValue>) -> String {
    match value {
        None => String::from("none"),
        Some(v) => format!("the value '{}' of type '{}'", plain(v), v.type_name()),
    }
}

fn plain(value: &FieldValue) -> String {
    match value {
        FieldValue::LongStr(text) => String::from(&**text),
        other => erlang_term(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(arguments: &str) -> Result<Limits, String> {
        let arguments = serde_json::from_str(arguments).unwrap();
        check_arguments("queue 'q' in vhost '/'", &arguments).map_err(|e| e.explanation)
    }

    #[test]
    fn arguments_are_modelled_as_their_table_says() {
        for Argument { name, modelled, .. } in CLASSIC {
            let values = ["1", "true", r#""classic""#, r#""lazy""#, r#""drop-head""#];
            let taken = |value: &&str| {
                let dead_letters = match name {
                    "x-dead-letter-routing-key" => r#""x-dead-letter-exchange":"","#,
                    _ => "",
                };
                checked(&format!("{{{dead_letters}\"{name}\":{value}}}")).is_ok()
            };
            assert_eq!(
                values.iter().any(taken),
                modelled != Modelled::Absent,
                "{name}"
            );
        }
    }

    #[test]
    fn wrong_arguments_are_told_as_the_broker_tells_them() {
        let of = "for queue 'q' in vhost '/'";
        let cases = [
            (
                r#"{"x-message-ttl":-1}"#,
                "invalid arg 'x-message-ttl' {}: {value_negative,-1}",
            ),
            (
                r#"{"x-expires":0}"#,
                "invalid arg 'x-expires' {}: {value_zero,0}",
            ),
            (
                r#"{"x-message-ttl":400000000000}"#,
                "invalid arg 'x-message-ttl' {}: {value_too_large,400000000000}",
            ),
            (
                r#"{"x-max-length":"a"}"#,
                r#"invalid arg 'x-max-length' {}: "expected integer, got longstr""#,
            ),
            (
                r#"{"x-queue-version":3}"#,
                r#"invalid arg 'x-queue-version' {}: "unsupported queue version '3'""#,
            ),
            (
                r#"{"x-overflow":1}"#,
                "invalid arg 'x-overflow' {}: {unacceptable_type,signedint}",
            ),
            (
                r#"{"x-delivery-limit":1}"#,
                "invalid arg 'x-delivery-limit' {} of queue type rabbit_classic_queue",
            ),
            (
                r#"{"x-queue-type":"quorum"}"#,
                "not modelled: x-queue-type quorum",
            ),
            (
                r#"{"x-dead-letter-exchange":"d"}"#,
                "not modelled: x-dead-letter-exchange",
            ),
        ];
        for (arguments, expected) in cases {
            assert_eq!(
                checked(arguments),
                Err(expected.replace("{}", of)),
                "{arguments}"
            );
        }
    }

    #[test]
    fn unknown_arguments_are_no_concern_of_the_broker() {
        let limits = checked(r#"{"x-foo":"a","x-max-length":5,"x-queue-mode":"lazy"}"#);
        assert_eq!(limits.unwrap().max_length, Some(5));
    }

    #[test]
    fn an_expiration_is_whole_milliseconds() {
        for (text, expected) in [
            ("60000", Ok(60000)),
            ("0", Ok(0)),
            ("+5", Ok(5)),
            ("", Err("no_integer")),
            ("soon", Err("no_integer")),
            ("-", Err("no_integer")),
            ("10s", Err("{leftover_string,\"s\"}")),
            ("-1", Err("{value_negative,-1}")),
        ] {
            assert_eq!(
                parse_expiration(text),
                expected.map_err(String::from),
                "{text}"
            );
        }
    }
}
