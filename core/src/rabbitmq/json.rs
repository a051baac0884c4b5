//! Field tables and bodies as scenarios, traces and recordings write them in JSON.
//!
//! Strings, whole numbers, numbers with a point, booleans, null, lists and objects mean long
//! strings, integers (32 bit where they fit, else 64), doubles, booleans, void, arrays and tables;
//! `{"$hex": ".."}` is a byte array, `{"$timestamp": n}` a timestamp. A body is its text, or
//! `{"base64": ".."}` where it is not UTF-8.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::field_value::{Double, FieldValue, Table};
use super::message::Body;
use crate::names::Name;

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match FieldValue::deserialize(from)? {
            FieldValue::Table(table) => Ok(table),
            other => Err(D::Error::custom(format_args!(
                "expected an object, got a {}",
                other.type_name()
            ))),
        }
    }
}

impl Serialize for FieldValue {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            FieldValue::Bool(b) => to.serialize_bool(*b),
            FieldValue::Float(_) | FieldValue::Double(_) => to.serialize_f64(self.as_double()),
            FieldValue::Decimal(scale, n) => one(to, "$decimal", &(scale, n)),
            FieldValue::LongStr(text) => to.serialize_str(text),
            FieldValue::Binary(bytes) => one(to, "$hex", &hex(bytes)),
            FieldValue::Array(items) => to.collect_seq(items),
            FieldValue::Timestamp(n) => one(to, "$timestamp", n),
            FieldValue::Table(table) => table.serialize(to),
            FieldValue::Void => to.serialize_unit(),
            integer => to.serialize_i64(integer.as_integer().unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = FieldValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of a field table")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<FieldValue, E> {
        Ok(FieldValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<FieldValue, E> {
        Ok(i32::try_from(value).map_or(FieldValue::Long(value), FieldValue::SignedInt))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<FieldValue, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(E::custom("a whole number in a table has at most 63 bits")),
        }
    }

    fn visit_f64<E: Error>(self, value: Double) -> Result<FieldValue, E> {
        Ok(FieldValue::double(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<FieldValue, E> {
        Ok(FieldValue::text(value))
    }

    fn visit_unit<E: Error>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Void)
    }

    fn visit_none<E: Error>(self) -> Result<FieldValue, E> {
        Ok(FieldValue::Void)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldValue, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(FieldValue::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<FieldValue, A::Error> {
        let mut table = Table::new();
        while let Some(name) = fields.next_key::<Name>()? {
            match &*name {
                "$hex" => {
                    let text = fields.next_value::<String>()?;
                    let bytes = unhex(&text).ok_or_else(|| A::Error::custom("not hexadecimal"))?;
                    return Ok(FieldValue::Binary(bytes.into()));
                }
                "$timestamp" => return Ok(FieldValue::Timestamp(fields.next_value()?)),
                "$decimal" => {
                    let (scale, n) = fields.next_value()?;
                    return Ok(FieldValue::Decimal(scale, n));
                }
                _ => table.push(name, fields.next_value()?),
            }
        }
        Ok(FieldValue::Table(table))
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match core::str::from_utf8(self.bytes()) {
            Ok(text) => to.serialize_str(text),
            Err(_) => one(to, "base64", &base64(self.bytes())),
        }
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match FieldValue::deserialize(from)? {
            FieldValue::LongStr(text) => Ok(Body::from(text.as_bytes())),
            FieldValue::Table(table) => match table.get("base64").and_then(FieldValue::as_text) {
                Some(text) => unbase64(text)
                    .map(|bytes| Body::from(&*bytes))
                    .ok_or_else(|| D::Error::custom("not base64")),
                None => Err(D::Error::custom("a body is a string or {\"base64\": ..}")),
            },
            _ => Err(D::Error::custom("a body is a string or {\"base64\": ..}")),
        }
    }
}

fn one<S: Serializer>(to: S, key: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| alloc::format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits?;
    (digits.len() % 2 == 0).then(|| digits.chunks(2).map(|d| d[0] << 4 | d[1]).collect())
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or_default());
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            if n <= chunk.len() {
                let digit = word >> (18 - 6 * n) & 63;
                text.push(char::from(ALPHABET[digit as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut word, mut bits) = (Vec::new(), 0u32, 0u32);
    for c in text.trim_end_matches('=').bytes() {
        let digit = ALPHABET.iter().position(|&a| a == c)?;
        word = word << 6 | u32::try_from(digit).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_back_as_it_was_written() {
        let text = r#"{"s":"text","i":42,"big":5000000000,"t":true,"d":1.5,"n":null,"list":[1,"two",[3]],"table":{"a":{"b":1}},"x":{"$hex":"00ff"},"at":{"$timestamp":7},"":"empty key"}"#;
        let table: Table = serde_json::from_str(text).unwrap();
        assert_eq!(table.get("i"), Some(&FieldValue::SignedInt(42)));
        assert_eq!(table.get("big"), Some(&FieldValue::Long(5_000_000_000)));
        assert_eq!(table.get("at"), Some(&FieldValue::Timestamp(7)));
        assert_eq!(serde_json::to_string(&table).unwrap(), text);
    }

    #[test]
    fn five_and_five_point_nought_are_told_apart() {
        let five: FieldValue = serde_json::from_str("5.0").unwrap();
        assert_eq!(five, FieldValue::double(5.0));
        assert_eq!(serde_json::to_string(&five).unwrap(), "5.0");
    }

    #[test]
    fn a_body_is_text_or_base64() {
        for (json, bytes) in [
            (r#""grüße""#, "grüße".as_bytes()),
            (r#"{"base64":"AAH//g=="}"#, &[0, 1, 255, 254]),
            (r#"{"base64":"/w=="}"#, &[255]),
            (r#"{"base64":"////"}"#, &[255, 255, 255]),
        ] {
            let body: Body = serde_json::from_str(json).unwrap();
            assert_eq!(body.bytes(), bytes);
            assert_eq!(serde_json::to_string(&body).unwrap(), json);
        }
    }
}
