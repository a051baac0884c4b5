//! Settings, held against what the core models.

use glassmq_core::kafka::config::{ConfigError, Configured};
use glassmq_core::rabbitmq::broker::Config as Rabbitmq;

use super::{Check, Path};
use crate::scenario::problem::did_you_mean;
use crate::scenario::world::Config;

impl Check<'_> {
    /// Each key must be known and modelled, each value valid, and all of them together.
    pub(super) fn config<C: Configured>(&mut self, at: &Path, config: &Config) {
        let mut good = true;
        for (name, value) in config {
            let at = at.key(name);
            if let Err((what, remedy)) = one::<C>(name, value) {
                good = false;
                self.problem(&at, what, remedy);
            }
        }
        let entries = config
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        if let (true, Err(error)) = (good, C::parse(entries)) {
            let (what, remedy) = told(&error);
            self.problem(at, what, remedy);
        }
    }
}

impl Check<'_> {
    /// Each key of rabbitmq.conf must be modelled, and each value valid.
    pub(super) fn rabbitmq_config(&mut self, at: &Path, config: &Config) {
        for (name, value) in config {
            let at = at.key(name);
            if !Rabbitmq::KEYS.contains(&name.as_str()) {
                let what = format!("not modelled: {name} of rabbitmq.conf");
                self.problem(&at, what, did_you_mean(name, Rabbitmq::KEYS));
            } else if let Err(must) = Rabbitmq::default().set(name, value) {
                let what = format!("invalid value {value:?} for configuration {name}");
                self.problem(&at, what, format!("it {must}"));
            }
        }
    }
}

fn one<C: Configured>(name: &str, value: &str) -> Result<(), (String, String)> {
    if let Some(key) = C::keys().iter().find(|key| key.name == name) {
        // A value that only others make wrong is looked at with all the others.
        return (key.set)(&mut C::default(), value).map_err(|must| {
            let what = format!("invalid value {value:?} for configuration {name}");
            match must.strip_prefix("not modelled: ") {
                Some(instead) => (format!("not modelled: {name}={value}"), instead.to_string()),
                None => (what, format!("it {must}")),
            }
        });
    }
    if C::not_modelled().contains(&name) {
        let what = format!("{name} is a configuration of Kafka that changes nothing here");
        return Err((what, "leave it out".to_string()));
    }
    let known = C::keys().iter().map(|key| key.name);
    Err((
        format!("unknown configuration key {name:?}"),
        did_you_mean(name, known),
    ))
}

fn told(error: &ConfigError) -> (String, String) {
    match error {
        ConfigError::Invalid { key, value, must } => (
            format!("invalid value {value:?} for configuration {key}"),
            format!("it {must}"),
        ),
        ConfigError::NotModelled {
            key,
            value,
            instead,
        } => (format!("not modelled: {key}={value}"), instead.clone()),
        ConfigError::UnknownKey { key } => (
            format!("unknown configuration key {key:?}"),
            "leave it out".to_string(),
        ),
    }
}
