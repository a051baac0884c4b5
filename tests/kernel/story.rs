//! Events, one line each: id, time, node, what, and the cause unless it is the script itself.

use glassmq_core::machine::Input;
use glassmq_core::names::{LinkId, NodeId};
use glassmq_core::time::Span;
use glassmq_sim::event::{Close, Event, EventId, What};
use glassmq_sim::fault::{Fault, Lose, Toll};
use glassmq_sim::toy::Puppet;

use super::stage::name;

/// A line for an event; none for those facts that repeat what a puppet took.
pub fn line(event: &Event<'_, Puppet>, names: &[String]) -> Option<String> {
    let what = what(&event.what, names)?;
    let node = match &event.what {
        What::Faulted { .. } => "fault",
        _ => name(names, event.node),
    };
    let (id, at) = (event.id, time(event.at));
    let cause = match event.cause {
        EventId::ROOT => String::new(),
        cause => format!("  <- {cause}"),
    };
    Some(format!(
        "{:<5} {at:<8} {node}: {what}{cause}",
        id.to_string()
    ))
}

fn what(what: &What<'_, Puppet>, names: &[String]) -> Option<String> {
    let link = |link: &LinkId| link_name(*link, names);
    Some(match what {
        What::Booted { incarnation: 0 } => "boots".into(),
        What::Booted { incarnation } => format!("boots into life {incarnation}"),
        What::Took { input, waited } => {
            let waited = if *waited { " after a wait" } else { "" };
            format!("{}{waited}", taken(input, names)?)
        }
        What::Drawn { purpose, n, value } => format!("draws {purpose} below {n}: {value}"),
        What::Connecting { to, link: id } => {
            format!("connects to {} as {}", name(names, *to), link(id))
        }
        What::Sent { link: id, message } => format!("sends {} on {}", message.0, link(id)),
        What::Stalled { link: id, sent } => format!("{sent} stalls on {}", link(id)),
        What::Lost {
            link: id,
            message,
            sent,
            why,
        } => format!("{} of {sent} on {} is lost: {why:?}", message.0, link(id)),
        What::Closed { link: id, how } => match how {
            Close::Orderly => format!("closes {}", link(id)),
            Close::Abort => format!("aborts {}", link(id)),
        },
        What::Appended {
            file,
            index,
            record,
        } => format!("file {} [{index}] = {}", file.0, record.0),
        What::Truncated { file, end } => format!("file {} truncated to {end}", file.0),
        What::Trimmed { file, before } => format!("file {} trimmed before {before}", file.0),
        What::Replaced { file, len } => format!("file {} replaced by {len} records", file.0),
        What::Deleted { file } => format!("file {} deleted", file.0),
        What::SyncAsked { file } => format!("flushes file {}", file.0),
        What::WrittenBack { file, end } => format!("file {} written back up to {end}", file.0),
        What::WriteFailed { file, record, why } => {
            format!("cannot write {} to file {}: {why:?}", record.0, file.0)
        }
        What::Armed { timer, due } => format!("sets {} for {}", timer.0, time(*due)),
        What::Disarmed { timer } => format!("unsets {}", timer.0),
        What::Fact { fact } => {
            let telling = ["kept", "booted", "drew"]
                .iter()
                .any(|word| fact.0.starts_with(word));
            let telling = telling || fact.0.contains(" rang at ");
            telling.then(|| fact.0.to_string())?
        }
        What::Exited => "exits".into(),
        What::Faulted { fault: it, toll: t } => format!("{}{}", fault(it, names), toll(t)),
    })
}

fn taken(input: &Input<Puppet>, names: &[String]) -> Option<String> {
    let link = |link: &LinkId| link_name(*link, names);
    Some(match input {
        // What it is commanded is in the script, what it does follows.
        Input::Command(_) => return None,
        Input::Accepted { link: id, from } => {
            format!("accepts {} from {}", link(id), name(names, *from))
        }
        Input::Connected { link: id } => format!("is connected by {}", link(id)),
        Input::Refused { link: id, why } => format!("{} is refused: {why:?}", link(id)),
        Input::Message { link: id, message } => format!("gets {} on {}", message.0, link(id)),
        Input::Disconnected { link: id, why } => format!("{} is gone: {why:?}", link(id)),
        Input::Timer(timer) => format!("{} goes off", timer.0),
        Input::Synced { file, end } => format!("file {} is flushed up to {end}", file.0),
        Input::WriteFailed { file, why } => format!("learns that file {} is {why:?}", file.0),
        Input::DiskFree { bytes: u64::MAX } => "learns that its disk has room".into(),
        Input::DiskFree { bytes } => format!("learns that {bytes} bytes are free"),
        Input::Memory { used } => format!("learns that it uses {used} bytes"),
        Input::Stop => "is asked to stop".into(),
    })
}

/// A fault as scripts write it.
pub fn fault(fault: &Fault, names: &[String]) -> String {
    let one = |node: &NodeId| name(names, *node).to_string();
    let all = |nodes: &[NodeId]| nodes.iter().map(one).collect::<Vec<_>>().join(",");
    let sides = |from: &[NodeId], to: &[NodeId]| match from == to {
        true => format!("among {}", all(from)),
        false => format!("{} -> {}", all(from), all(to)),
    };
    let undone = |by: &Span| match *by {
        Span::ZERO => "nothing".to_string(),
        by => by.to_string(),
    };
    match fault {
        Fault::Cut { from, to } => format!("cut {}", sides(from, to)),
        Fault::Mend { from, to } => format!("mend {}", sides(from, to)),
        Fault::Heal => "heal".into(),
        Fault::Slow { from, to, by } => format!("slow {} by {}", sides(from, to), undone(by)),
        Fault::Reset { a, b } => format!("reset {} {}", one(a), one(b)),
        Fault::Hold { from, to, since } => {
            let since = since.map_or(String::new(), |since| format!(" since {since}"));
            format!("hold {} -> {}{since}", one(from), one(to))
        }
        Fault::Release { from, to } => format!("release {} -> {}", one(from), one(to)),
        Fault::Crash {
            node,
            lose,
            after_effects,
        } => {
            let lose = match lose {
                Lose::Process => "process",
                Lose::Power => "power",
            };
            let after = after_effects.map_or(String::new(), |n| format!(" after {n} effects"));
            format!("crash {} {lose}{after}", one(node))
        }
        Fault::Restart { node } => format!("restart {}", one(node)),
        Fault::Stop { node, grace } => format!("stop {} within {}", one(node), time(*grace)),
        Fault::Pause { node } => format!("pause {}", one(node)),
        Fault::Resume { node } => format!("resume {}", one(node)),
        Fault::Skew { node, by } => format!("skew {} by {by}us", one(node)),
        Fault::Rate { node, ppm } => format!("rate {} {ppm}ppm", one(node)),
        Fault::SlowDisk { node, by } => format!("slow disk {} by {}", one(node), undone(by)),
        Fault::DiskFree { node, bytes } => match bytes {
            Some(bytes) => format!("disk of {}: {bytes} bytes free", one(node)),
            None => format!("disk of {}: as much as it likes", one(node)),
        },
        Fault::TearWrite { node } => format!("tear a write of {}", one(node)),
        Fault::Memory { node, used } => format!("memory of {}: {used} bytes", one(node)),
    }
}

fn toll(toll: &Toll) -> String {
    let parts = [
        (toll.links, "links"),
        (toll.frames, "frames"),
        (toll.inputs, "inputs"),
        (toll.timers, "timers"),
        (toll.records, "records"),
        (toll.torn, "torn files"),
        (toll.effects, "effects"),
    ];
    let parts: Vec<_> = { parts.iter() }
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} {what}"))
        .collect();
    match parts.is_empty() {
        true => String::new(),
        false => format!(" ({})", parts.join(", ")),
    }
}

/// `a#0`: the first connection that `a` asked for.
fn link_name(link: LinkId, names: &[String]) -> String {
    match names.get(link.opener.0 as usize) {
        Some(opener) => format!("{opener}#{}", link.ordinal),
        None => "no connection".into(),
    }
}

/// In milliseconds, or whole seconds.
fn time(us: u64) -> String {
    match us {
        _ if us.is_multiple_of(1_000_000) => format!("{}s", us / 1_000_000),
        _ if us.is_multiple_of(1000) => format!("{}ms", us / 1000),
        _ => {
            let ms = format!("{}.{:03}", us / 1000, us % 1000);
            format!("{}ms", ms.trim_end_matches('0'))
        }
    }
}
