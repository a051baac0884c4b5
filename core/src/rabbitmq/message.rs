//! A message: its properties, its body, and where it was published to.

use alloc::borrow::Cow;
use alloc::rc::Rc;
use core::slice;

use serde::{Deserialize, Serialize};

use super::field_value::{FieldValue, Table};
use crate::fingerprint::Fingerprint;
use crate::names::{MessageId, Name};

/// The bytes of a message. Copies share them.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Body(Rc<[u8]>);

/// The properties of the `basic` class (AMQP 0-9-1, 1.8). An absent one differs from an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Properties {
    /// MIME content type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<Name>,
    /// MIME content encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_encoding: Option<Name>,
    /// Header fields, of the application and of the broker.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Table>,
    /// 2 is persistent, anything else transient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_mode: Option<u8>,
    /// 0 to 255; only priority queues look at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Which request a reply belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<Name>,
    /// Where to reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Name>,
    /// Time to live in milliseconds, as decimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration: Option<Name>,
    /// The application's own identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Name>,
    /// Seconds since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// The application's kind of message.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Name>,
    /// Must be the name the connection authenticated as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Name>,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<Name>,
    /// Deprecated by the specification, carried along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<Name>,
}

/// What rides with `basic.publish`, `basic.deliver`, `basic.return` and `basic.get-ok`: the header
/// and body frames, and the message's identity, which takes no room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Fingerprint, Serialize, Deserialize)]
pub struct Content {
    /// The message as its application knows it, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The content header.
    #[serde(default)]
    pub properties: Rc<Properties>,
    /// The body.
    #[serde(default)]
    pub body: Body,
}

/// A message inside the broker.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub struct Message {
    /// The exchange it was published to.
    pub exchange: Name,
    /// The key it was published with.
    pub routing_key: Name,
    /// The rest.
    pub content: Content,
}

impl Default for Body {
    fn default() -> Self {
        Body(Rc::from([]))
    }
}

impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Body(bytes.into())
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Body(text.as_bytes().into())
    }
}

impl Body {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Properties {
    /// Whether the publisher asked for the message to survive a restart.
    #[must_use]
    pub fn is_persistent(&self) -> bool {
        self.delivery_mode == Some(2)
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&FieldValue> {
        self.headers.as_ref()?.get(name)
    }

    /// Roughly its size on the wire, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let texts = [
            &self.content_type,
            &self.content_encoding,
            &self.correlation_id,
            &self.reply_to,
            &self.expiration,
            &self.message_id,
            &self.kind,
            &self.user_id,
            &self.app_id,
            &self.cluster_id,
        ];
        let texts: u64 = texts
            .into_iter()
            .flatten()
            .map(|text| 1 + text.len() as u64)
            .sum();
        let headers = self.headers.as_ref().map_or(0, |t| 4 + table_bytes(t));
        let numbers = u64::from(self.delivery_mode.is_some())
            + u64::from(self.priority.is_some())
            + 8 * u64::from(self.timestamp.is_some());
        2 + texts + headers + numbers
    }
}

impl Content {
    /// A body with properties.
    #[must_use]
    pub fn new(properties: Properties, body: Body) -> Self {
        Content {
            message: None,
            properties: Rc::new(properties),
            body,
        }
    }

    /// The size of its header and body frames, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        8 + 12 + self.properties.bytes() + 8 + self.body.0.len() as u64
    }
}

impl Message {
    /// The keys that it is routed by: its own and those in the headers `CC` and `BCC`
    /// (sender-selected distribution, `rabbit_basic:header_routes/1`).
    ///
    /// # Errors
    /// The header that is not a list, and its type.
    pub fn routing_keys(&self) -> Result<Cow<'_, [Name]>, (&'static str, &'static str)> {
        let mut keys = Cow::Borrowed(slice::from_ref(&self.routing_key));
        for header in ["CC", "BCC"] {
            match self.content.properties.header(header) {
                None => {}
                Some(FieldValue::Array(items)) => {
                    let copies = items.iter().filter_map(FieldValue::as_text);
                    keys.to_mut().extend(copies.cloned());
                }
                Some(other) => return Err((header, other.type_name())),
            }
        }
        Ok(keys)
    }

    /// As receivers see it: without the header `BCC`.
    #[must_use]
    pub fn without_bcc(mut self) -> Message {
        let properties = &self.content.properties;
        if let Some(headers) = properties.headers.as_ref()
            && headers.get("BCC").is_some()
        {
            let headers = headers.without("BCC");
            Rc::make_mut(&mut self.content.properties).headers = Some(headers);
        }
        self
    }

    /// The body's length, in bytes.
    #[must_use]
    pub fn body_bytes(&self) -> u64 {
        self.content.body.bytes().len() as u64
    }
}

/// Roughly a field table's size on the wire, in bytes.
#[must_use]
pub fn table_bytes(table: &Table) -> u64 {
    table
        .iter()
        .map(|(name, value)| 1 + name.len() as u64 + value_bytes(value))
        .sum()
}

fn value_bytes(value: &FieldValue) -> u64 {
    1 + match value {
        FieldValue::Void => 0,
        FieldValue::Bool(_) | FieldValue::Byte(_) | FieldValue::UnsignedByte(_) => 1,
        FieldValue::Short(_) | FieldValue::UnsignedShort(_) => 2,
        FieldValue::SignedInt(_) | FieldValue::UnsignedInt(_) | FieldValue::Float(_) => 4,
        FieldValue::Long(_) | FieldValue::Double(_) | FieldValue::Timestamp(_) => 8,
        FieldValue::Decimal(..) => 5,
        FieldValue::LongStr(text) => 4 + text.len() as u64,
        FieldValue::Binary(bytes) => 4 + bytes.len() as u64,
        FieldValue::Array(items) => 4 + items.iter().map(value_bytes).sum::<u64>(),
        FieldValue::Table(table) => 4 + table_bytes(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn message(headers: &str) -> Message {
        let properties = Properties {
            headers: Some(serde_json::from_str(headers).unwrap()),
            ..Properties::default()
        };
        Message {
            exchange: "e".into(),
            routing_key: "k".into(),
            content: Content::new(properties, "body".into()),
        }
    }

    #[test]
    fn carbon_copies_add_keys_and_other_types_than_strings_do_not() {
        let message = message(r#"{"CC":["a",1,"b"],"BCC":["c"]}"#);
        let keys = message.routing_keys().unwrap();
        assert_eq!(
            keys.iter().map(|k| &**k).collect::<Vec<_>>(),
            ["k", "a", "b", "c"]
        );
    }

    #[test]
    fn a_carbon_copy_header_must_be_a_list() {
        assert_eq!(
            message(r#"{"CC":"a"}"#).routing_keys(),
            Err(("CC", "longstr"))
        );
    }

    #[test]
    fn blind_copies_are_not_seen_but_leave_the_headers_in_place() {
        let seen = message(r#"{"BCC":["c"]}"#).without_bcc();
        assert_eq!(seen.content.properties.headers, Some(Table::new()));
        let same = message(r#"{"CC":["c"]}"#);
        assert_eq!(same.clone().without_bcc(), same);
    }
}
