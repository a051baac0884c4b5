//! Configuration as Kafka spells it: keys, types and defaults of version 4.0.
//!
//! Each role has a table of the keys that change something here. A key that Kafka knows and that
//! does not is refused by name, as is a key that nobody knows: a run never pretends.

pub mod broker;
pub mod consumer;
pub mod producer;

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// A key that is modelled.
pub struct Key<C: 'static> {
    /// As in `server.properties` or a client's configuration.
    pub name: &'static str,
    /// Its default, as the documentation prints it.
    pub default: &'static str,
    /// What it does here, in one sentence.
    pub about: &'static str,
    /// Reads a value; the error says what would be valid.
    pub set: fn(&mut C, &str) -> Result<(), String>,
}

/// Why a configuration was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// Neither Kafka nor this program knows the key.
    UnknownKey {
        /// The key.
        key: String,
    },
    /// Kafka knows the key or the value, this program does not act on it.
    NotModelled {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What to do instead.
        instead: String,
    },
    /// The value is not one that Kafka takes.
    Invalid {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What it must be.
        must: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::UnknownKey { key } => write!(f, "unknown configuration key {key}"),
            ConfigError::NotModelled {
                key,
                value,
                instead,
            } => write!(f, "not modelled: {key}={value}; {instead}"),
            ConfigError::Invalid { key, value, must } => {
                write!(f, "invalid value {value} for configuration {key}: {must}")
            }
        }
    }
}

/// A value that is set by name from a table.
pub trait Configured: Default + 'static {
    /// The keys that are modelled.
    fn keys() -> &'static [Key<Self>];

    /// The keys that Kafka knows and that change nothing here.
    fn not_modelled() -> &'static [&'static str];

    /// What no key says alone.
    ///
    /// # Errors
    ///
    /// What is wrong with the combination.
    fn check(&self) -> Result<(), ConfigError> {
        Ok(())
    }

    /// The defaults, and over them what `entries` say.
    ///
    /// # Errors
    ///
    /// The first key or value that is refused.
    fn parse<'a>(
        entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for key in Self::keys() {
            (key.set)(&mut config, key.default).expect("a default is valid");
        }
        for (name, value) in entries {
            let Some(key) = Self::keys().iter().find(|key| key.name == name) else {
                return Err(if Self::not_modelled().contains(&name) {
                    not_modelled(name, value, "leave it out")
                } else {
                    ConfigError::UnknownKey {
                        key: name.to_string(),
                    }
                });
            };
            (key.set)(&mut config, value).map_err(|must| {
                match must.strip_prefix(NOT_MODELLED) {
                    Some(instead) => not_modelled(name, value, instead),
                    None => ConfigError::Invalid {
                        key: name.to_string(),
                        value: value.to_string(),
                        must,
                    },
                }
            })?;
        }
        config.check()?;
        Ok(config)
    }
}

/// How a [`Key::set`] says that a value is Kafka's, but not modelled.
const NOT_MODELLED: &str = "not modelled: ";

fn not_modelled(key: &str, value: &str, instead: &str) -> ConfigError {
    ConfigError::NotModelled {
        key: key.to_string(),
        value: value.to_string(),
        instead: instead.to_string(),
    }
}

/// Reads a whole number within bounds.
fn int<T>(value: &str, least: i64, most: i64, into: &mut T) -> Result<(), String>
where
    T: TryFrom<i64>,
{
    let must = || format!("must be a whole number from {least} to {most}");
    let number: i64 = value.parse().map_err(|_| must())?;
    if !(least..=most).contains(&number) {
        return Err(must());
    }
    *into = T::try_from(number).map_err(|_| must())?;
    Ok(())
}

/// Reads a number of milliseconds.
fn ms(value: &str, into: &mut u32) -> Result<(), String> {
    int(value, 0, i64::from(i32::MAX), into)
}

/// Reads `true` or `false`.
fn flag(value: &str, into: &mut bool) -> Result<(), String> {
    *into = match value {
        "true" => true,
        "false" => false,
        _ => return Err("must be true or false".to_string()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::broker::BrokerConfig;
    use super::consumer::ConsumerConfig;
    use super::producer::ProducerConfig;
    use super::*;
    use crate::kafka::api::data::Acks;

    #[test]
    fn defaults_are_kafkas() {
        let broker = BrokerConfig::parse([]).unwrap();
        assert_eq!(broker.min_insync_replicas, 1);
        assert_eq!(broker.replica_lag_time_max_ms, 30_000);
        let producer = ProducerConfig::parse([]).unwrap();
        assert_eq!((producer.acks, producer.batch_size), (Acks::All, 16_384));
        assert_eq!(producer.delivery_timeout_ms, 120_000);
        let consumer = ConsumerConfig::parse([]).unwrap();
        assert_eq!(consumer.fetch_max_wait_ms, 500);
    }

    #[test]
    fn what_is_not_modelled_is_refused_by_name() {
        let refused = ProducerConfig::parse([("enable.idempotence", "true")]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "not modelled: enable.idempotence=true; set it to false"
        );
        let refused = ProducerConfig::parse([("compression.type", "zstd")]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "not modelled: compression.type=zstd; leave it out"
        );
        let refused = BrokerConfig::parse([("min.insync.replica", "2")]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "unknown configuration key min.insync.replica"
        );
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right() {
        let refused = ProducerConfig::parse([("acks", "2")]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "invalid value 2 for configuration acks: must be all, -1, 0 or 1"
        );
        let refused = ProducerConfig::parse([("delivery.timeout.ms", "1000")]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "invalid value 1000 for configuration delivery.timeout.ms: \
             must be at least linger.ms + request.timeout.ms"
        );
    }
}
