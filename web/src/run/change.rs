//! What a person changes in a run: `Change` of the player, as an intervention or another scenario.
//!
//! What makes no sense where the cursor is (to restart what runs, to drop what is not on its way)
//! is refused in one line.

use glassmq_core::machine::Parcel as _;
use glassmq_core::names::{MessageId, NodeId};
use glassmq_core::time::Span;
use glassmq_sim::play::Play;
use glassmq_sim::process::Life;
use glassmq_sim::scenario::fault::{Adversity, Everything, Lose};
use glassmq_sim::scenario::form::Form as _;
use glassmq_sim::scenario::time::{Bytes, Shift, Time};
use glassmq_sim::scenario::who::{Role, Side, Sides, Who};
use glassmq_sim::scenario::{self, Scenario};
use serde::Deserialize;
use serde_json::Value;

use super::story::Story;

/// `Change` of `panels/actions.ts`.
#[derive(Debug, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Change {
    /// A bare fork.
    None,
    Fault {
        fault: FaultName,
        on: String,
    },
    Drop {
        message: String,
    },
    Setting {
        change: String,
    },
}

/// `FaultName` of `panels/actions.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultName {
    Crash,
    Power,
    Restart,
    Stop,
    Pause,
    Resume,
    Cut,
    Heal,
    Slow,
    Reset,
    Hold,
    Release,
    Skew,
    Unskew,
    SlowDisk,
    DiskFull,
    DiskFree,
}

/// How much slower a slow link, or a slow disk, is.
const SLOWER: Span = Span::ms(200);
/// How far ahead a skewed clock is: more than most timeouts.
const AHEAD: i64 = 60_000_000;
/// How long a process has to stop in order, microseconds.
const GRACE: u64 = 30_000_000;

/// What a fault is done to.
enum Target {
    Process(NodeId),
    Link(NodeId, NodeId),
}

/// A fault to a thing, after what the play shows, and what it is called.
///
/// # Errors
/// Why it makes no sense here, in one line.
pub fn fault(
    fault: FaultName,
    on: &str,
    play: &Play,
    story: &Story,
) -> Result<(Adversity, [String; 2]), String> {
    let names = &story.names;
    let target = target(on, story)?;
    let who = match target {
        Target::Process(node) => names.of(node).to_string(),
        Target::Link(a, b) => format!("{} and {}", names.of(a), names.of(b)),
    };
    let sides = match target {
        Target::Process(node) => Sides {
            from: named(names.of(node)),
            to: Side(vec![Who::Role(Role::Rest)]),
        },
        Target::Link(a, b) => Sides {
            from: named(names.of(a)),
            to: named(names.of(b)),
        },
    };
    let process = || match target {
        Target::Process(node) => Ok(node),
        Target::Link(..) => Err(format!("{who}: only a process can do that, not a link")),
    };
    let living = |node: NodeId| match play.stage().node(node).life() {
        Life::Down { .. } => Err(format!("{who} is not running: restart it first")),
        Life::Running | Life::Paused => Ok(named(names.of(node))),
    };
    let one_way = false;
    let what = match fault {
        FaultName::Crash | FaultName::Power => Adversity::Crash {
            who: living(process()?)?,
            lose: match fault {
                FaultName::Power => Lose::Power,
                _ => Lose::Process,
            },
            after_effects: None,
        },
        FaultName::Restart => {
            let node = process()?;
            if play.stage().node(node).lives() {
                return Err(format!(
                    "{who} is running: only what is down can be restarted"
                ));
            }
            Adversity::Restart(named(names.of(node)))
        }
        FaultName::Stop => Adversity::Stop {
            who: living(process()?)?,
            grace: Time(GRACE),
        },
        FaultName::Pause => match play.stage().node(process()?).life() {
            Life::Paused => return Err(format!("{who} is paused already: resume it")),
            _ => Adversity::Pause(living(process()?)?),
        },
        FaultName::Resume => match play.stage().node(process()?).life() {
            Life::Paused => Adversity::Resume(living(process()?)?),
            _ => return Err(format!("{who} is not paused: there is nothing to resume")),
        },
        FaultName::Cut => {
            if is_cut(&target, play) {
                return Err(format!("{who} is cut already: heal it first"));
            }
            Adversity::Cut { sides, one_way }
        }
        FaultName::Heal => {
            if play.stage().cuts().is_empty() {
                return Err("nothing is cut: there is nothing to heal".to_string());
            }
            Adversity::Heal(Everything::All)
        }
        FaultName::Slow => Adversity::Slow {
            sides,
            by: SLOWER,
            one_way,
        },
        FaultName::Reset | FaultName::Hold => {
            if !is_connected(&target, play) {
                return Err(format!("{who}: there is no open connection"));
            }
            match fault {
                FaultName::Reset => Adversity::Reset(sides),
                _ => Adversity::Hold(sides),
            }
        }
        FaultName::Release => Adversity::Release(sides),
        FaultName::Skew | FaultName::Unskew => Adversity::Skew {
            who: living(process()?)?,
            by: Shift(if fault == FaultName::Skew { AHEAD } else { 0 }),
        },
        FaultName::SlowDisk => Adversity::SlowDisk {
            who: living(process()?)?,
            by: SLOWER,
        },
        FaultName::DiskFull | FaultName::DiskFree => Adversity::DiskFree {
            who: living(process()?)?,
            bytes: (fault == FaultName::DiskFull).then_some(Bytes(0)),
        },
    };
    let [en, zh] = words(fault);
    Ok((what, [format!("{en} {who}"), format!("{zh} {who}")]))
}

/// The loss of a message that is on its way: TCP loses no single frame, so the connection that
/// carries it is reset.
///
/// # Errors
/// It is not on its way.
pub fn drop(message: &str, play: &Play, story: &Story) -> Result<(Adversity, [String; 2]), String> {
    let label = message.strip_prefix("message:").unwrap_or(message);
    let id = story
        .message(label)
        .ok_or_else(|| format!("there is no message {label} in this run"))?;
    let carries = |wire: &glassmq_sim::cast::Wire| {
        let mut found = false;
        wire.messages(&mut |one: MessageId| found |= one == id);
        found
    };
    let mut frames = play.stage().frames();
    let (_, from, to, _) = frames.find(|(.., wire)| carries(wire)).ok_or_else(|| {
        format!("{label} is not on its way now: only a message on a link can be dropped")
    })?;
    let names = &story.names;
    let sides = Sides {
        from: named(names.of(from)),
        to: named(names.of(to)),
    };
    let name = [format!("drop {label}"), format!("丢掉 {label}")];
    Ok((Adversity::Reset(sides), name))
}

/// A scenario with one setting changed, as `acks=all` or `shop: acks=all`: of every client, topic
/// or cluster that knows the key.
///
/// # Errors
/// Nothing here knows the key, or the value is none.
pub fn setting(change: &str, scenario: &Scenario) -> Result<Scenario, String> {
    let (whose, setting) = match change.split_once(':') {
        Some((whose, setting)) => (Some(whose.trim()), setting),
        None => (None, change),
    };
    let (key, value) = setting
        .split_once('=')
        .map(|(key, value)| (key.trim(), value.trim()))
        .ok_or_else(|| format!("{change:?} is not a setting: write it as acks=all"))?;
    let before = scenario.write();
    let mut places: Vec<String> = Vec::new();
    for (n, client) in scenario.clients.iter().enumerate() {
        if whose.is_none_or(|whose| whose == client.name) {
            places.push(format!("/clients/{n}/config/{key}"));
            places.push(format!("/clients/{n}/{key}"));
        }
    }
    if whose.is_none() {
        let topics = scenario.world.kafka.iter().flat_map(|kafka| &kafka.topics);
        for n in 0..topics.count() {
            places.push(format!("/world/kafka/topics/{n}/config/{key}"));
        }
        places.push(format!("/world/kafka/config/{key}"));
        places.push(format!("/world/rabbitmq/config/{key}"));
    }
    let mut changed = before.clone();
    for place in places {
        let values = [
            Some(Value::from(value)),
            serde_json::from_str::<Value>(value).ok(),
        ];
        let fits = values.into_iter().flatten().find_map(|value| {
            let mut with = changed.clone();
            put(&mut with, &place, value)?;
            scenario::read(&with.to_string()).is_ok().then_some(with)
        });
        changed = fits.unwrap_or(changed);
    }
    if changed == before {
        return Err(format!(
            "{setting}: nothing in this scenario takes this setting, or has another"
        ));
    }
    scenario::read(&changed.to_string()).map_err(|it| super::branch::lines(&it))
}

/// Puts a value at a pointer whose last part may be new; the parts before the last two must be
/// there.
fn put(to: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let (parent, key) = pointer.rsplit_once('/')?;
    if to.pointer(parent).is_none() {
        let (above, name) = parent.rsplit_once('/')?;
        let above = to.pointer_mut(above)?.as_object_mut()?;
        above.insert(name.to_string(), Value::Object(serde_json::Map::new()));
    }
    let object = to.pointer_mut(parent)?.as_object_mut()?;
    object.insert(key.to_string(), value);
    Some(())
}

fn target(on: &str, story: &Story) -> Result<Target, String> {
    let unknown =
        || format!("{on} is nothing that a fault can be done to: choose a process or a link");
    if let Some((a, b)) = on.strip_prefix("link:").and_then(|it| it.split_once('>')) {
        let a = process_of(a, story).ok_or_else(unknown)?;
        let b = process_of(b, story).ok_or_else(unknown)?;
        return match a == b {
            true => Err(format!(
                "{on} is inside one process: there is no network to disturb"
            )),
            false => Ok(Target::Link(a, b)),
        };
    }
    process_of(on, story)
        .map(Target::Process)
        .ok_or_else(unknown)
}

/// The process that a thing of the picture is, or is on.
pub fn process_of(thing: &str, story: &Story) -> Option<NodeId> {
    let names = &story.names;
    let (kind, name) = thing.split_once(':')?;
    match kind {
        "broker" | "producer" | "consumer" | "controller" | "node" => names.find(name),
        "replica" => names.find(name.rsplit_once('@')?.1),
        "queue" | "exchange" => names.find("rabbit-1"),
        _ => None,
    }
}

fn named(name: &str) -> Side {
    Side(vec![Who::Named(name.to_string())])
}

fn is_cut(target: &Target, play: &Play) -> bool {
    let cuts = play.stage().cuts();
    let between = |a, b| cuts.contains(&(a, b)) && cuts.contains(&(b, a));
    match *target {
        Target::Link(a, b) => between(a, b),
        Target::Process(node) => {
            let mut others = play.stage().nodes().map(|(other, _)| other);
            others.all(|other| other == node || between(node, other))
        }
    }
}

fn is_connected(target: &Target, play: &Play) -> bool {
    let mut links = play.stage().links();
    links.any(|(link, to)| match *target {
        Target::Link(a, b) => [(a, b), (b, a)].contains(&(link.opener, to)),
        Target::Process(node) => link.opener == node || to == node,
    })
}

/// What it is called, in each language.
fn words(fault: FaultName) -> [&'static str; 2] {
    match fault {
        FaultName::Crash => ["crash", "崩溃"],
        FaultName::Power => ["power loss of", "断电"],
        FaultName::Restart => ["restart", "重启"],
        FaultName::Stop => ["stop", "停止"],
        FaultName::Pause => ["pause", "暂停"],
        FaultName::Resume => ["resume", "恢复"],
        FaultName::Cut => ["cut", "切断"],
        FaultName::Heal => ["heal", "修复"],
        FaultName::Slow => ["slow", "变慢"],
        FaultName::Reset => ["reset", "重置"],
        FaultName::Hold => ["hold", "扣住"],
        FaultName::Release => ["release", "放行"],
        FaultName::Skew => ["skew", "时钟偏移"],
        FaultName::Unskew => ["unskew", "时钟校正"],
        FaultName::SlowDisk => ["slow disk of", "磁盘变慢"],
        FaultName::DiskFull => ["full disk of", "磁盘写满"],
        FaultName::DiskFree => ["room on the disk of", "磁盘腾空"],
    }
}
