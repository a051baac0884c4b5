//! The words of a script, read.

use glassmq_core::names::NodeId;
use glassmq_core::time::Span;
use glassmq_sim::event::EventId;
use glassmq_sim::fault::{Fault, Lose};
use glassmq_sim::toy::{Pull, Text};

/// The names of all faults. `every_fault_has_a_script` looks for them.
pub const FAULTS: [&str; 18] = [
    "cut",
    "mend",
    "heal",
    "slow",
    "reset",
    "hold",
    "release",
    "crash",
    "restart",
    "stop",
    "pause",
    "resume",
    "skew",
    "rate",
    "slow-disk",
    "disk-free",
    "tear",
    "memory",
];

pub type Answer<T> = Result<T, String>;

/// The words of one line, read from left to right. Words such as `seed=7` may stand anywhere.
pub struct Words<'a> {
    words: Vec<&'a str>,
    nodes: &'a [String],
}

impl<'a> Words<'a> {
    pub fn new(line: &'a str, nodes: &'a [String]) -> Self {
        let words = line.split_whitespace().rev().collect();
        Words { words, nodes }
    }

    pub fn next(&mut self) -> Answer<&'a str> {
        self.words.pop().ok_or_else(|| "a word is missing".into())
    }

    pub fn rest(&mut self) -> impl Iterator<Item = &'a str> + use<'a> {
        std::mem::take(&mut self.words).into_iter().rev()
    }

    pub fn number<N: std::str::FromStr>(&mut self) -> Answer<N> {
        number(self.next()?)
    }

    pub fn node(&mut self) -> Answer<NodeId> {
        node(self.next()?, self.nodes)
    }

    fn texts(&mut self) -> Vec<Text> {
        self.rest().map(Text::from).collect()
    }

    /// `a,b -> c`, or `a,b <-> c`, which counts for both directions.
    fn sides(&mut self) -> Answer<(Vec<NodeId>, Vec<NodeId>)> {
        let node = |name: &str| node(name, self.nodes);
        let side = |word: &str| word.split(',').map(node).collect::<Answer<Vec<_>>>();
        let words: Vec<_> = self
            .words
            .drain(self.words.len().saturating_sub(3)..)
            .rev()
            .collect();
        let [from, arrow, to] = words[..] else {
            return Err("expected `a -> b`".into());
        };
        let (mut from, mut to) = (side(from)?, side(to)?);
        match arrow {
            "->" => {}
            "<->" => {
                from.extend(to.iter().copied());
                to = from.clone();
            }
            _ => return Err(format!("expected `->` or `<->`, not `{arrow}`")),
        }
        Ok((from, to))
    }

    /// The value of `key=value`, if it is there.
    pub fn option(&mut self, key: &str) -> Option<&'a str> {
        let is_it = |word: &&str| {
            word.strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('='))
        };
        let at = self.words.iter().position(is_it)?;
        Some(&self.words.remove(at)[key.len() + 1..])
    }

    /// What a puppet is told to do: `send 0 x y`.
    pub fn pull(&mut self) -> Answer<Pull> {
        Ok(match self.next()? {
            "connect" => Pull::Connect(self.node()?),
            "send" => Pull::Send(self.number()?, self.texts()),
            "close" => Pull::Close(self.number()?),
            "abort" => Pull::Abort(self.number()?),
            "append" => Pull::Append(self.number()?, self.texts()),
            "sync" => Pull::Sync(self.number()?),
            "truncate" => Pull::Truncate(self.number()?, self.number()?),
            "trim" => Pull::TrimHead(self.number()?, self.number()?),
            "replace" => Pull::Replace(self.number()?, self.texts()),
            "delete" => Pull::Delete(self.number()?),
            "arm" => Pull::Arm(self.next()?.into(), span(self.next()?)?),
            "disarm" => Pull::Disarm(self.next()?.into()),
            "draw" => Pull::Draw(self.number()?),
            "exit" => Pull::Exit,
            word => return Err(format!("no such command: {word}")),
        })
    }

    /// A fault, of which the first word is read already.
    pub fn fault(&mut self, word: &str) -> Answer<Fault> {
        Ok(match word {
            "cut" => {
                let (from, to) = self.sides()?;
                Fault::Cut { from, to }
            }
            "mend" => {
                let (from, to) = self.sides()?;
                Fault::Mend { from, to }
            }
            "heal" => Fault::Heal,
            "slow" => {
                let by = span(self.option("by").unwrap_or("0s"))?;
                let (from, to) = self.sides()?;
                Fault::Slow { from, to, by }
            }
            "reset" => Fault::Reset {
                a: self.node()?,
                b: self.node()?,
            },
            "hold" => {
                let since = self.option("since").map(event_id).transpose()?;
                let (from, to) = self.sides()?;
                let (from, to) = (from[0], to[0]);
                Fault::Hold { from, to, since }
            }
            "release" => {
                let (from, to) = self.sides()?;
                let (from, to) = (from[0], to[0]);
                Fault::Release { from, to }
            }
            "crash" => Fault::Crash {
                after_effects: self.option("after").map(number).transpose()?,
                node: self.node()?,
                lose: match self.next()? {
                    "process" => Lose::Process,
                    "power" => Lose::Power,
                    word => return Err(format!("`process` or `power`, not `{word}`")),
                },
            },
            "restart" => Fault::Restart { node: self.node()? },
            "stop" => Fault::Stop {
                grace: time(self.option("grace").unwrap_or("1s"))?,
                node: self.node()?,
            },
            "pause" => Fault::Pause { node: self.node()? },
            "resume" => Fault::Resume { node: self.node()? },
            "skew" => Fault::Skew {
                node: self.node()?,
                by: self.number()?,
            },
            "rate" => Fault::Rate {
                node: self.node()?,
                ppm: self.number()?,
            },
            "slow-disk" => Fault::SlowDisk {
                node: self.node()?,
                by: span(self.next()?)?,
            },
            "disk-free" => Fault::DiskFree {
                node: self.node()?,
                bytes: match self.next()? {
                    "unlimited" => None,
                    bytes => Some(number(bytes)?),
                },
            },
            "tear" => Fault::TearWrite { node: self.node()? },
            "memory" => Fault::Memory {
                node: self.node()?,
                used: self.number()?,
            },
            _ => return Err(format!("no such fault: {word}")),
        })
    }
}

pub fn number<N: std::str::FromStr>(word: &str) -> Answer<N> {
    word.parse().map_err(|_| format!("not a number: {word}"))
}

fn node(name: &str, nodes: &[String]) -> Answer<NodeId> {
    let at = nodes.iter().position(|node| node == name);
    at.map(|at| NodeId(at as u32))
        .ok_or_else(|| format!("no such node: {name}"))
}

fn event_id(word: &str) -> Answer<EventId> {
    let (step, n) = word.split_once('.').ok_or("an event is written `3.0`")?;
    let (step, n) = (number(step)?, number(n)?);
    Ok(EventId { step, n })
}

/// `50us`, `1ms`, `8.5s`, in microseconds.
pub fn time(word: &str) -> Answer<u64> {
    let at = word
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(word.len());
    let unit = match &word[at..] {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        _ => return Err(format!("not a time: {word}")),
    };
    let (whole, part) = word[..at].split_once('.').unwrap_or((&word[..at], ""));
    let mut us = number::<u64>(whole)? * unit;
    for (digit, ten) in part.chars().zip([10, 100, 1000]) {
        us += u64::from(digit.to_digit(10).ok_or("not a digit")?) * unit / ten;
    }
    Ok(us)
}

/// `1ms` or `1ms..5ms`.
pub fn span(word: &str) -> Answer<Span> {
    let (least, most) = word.split_once("..").unwrap_or((word, word));
    Ok(Span::between(time(least)?, time(most)?))
}
