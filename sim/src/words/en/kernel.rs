//! What the kernel tells of processes, connections, disks and clocks, in English.

use glassmq_core::kafka::admin::about;
use glassmq_core::kafka::client::Command as KafkaCommand;
use glassmq_core::machine::{Gone, Input, Parcel, Refusal, WriteError};
use glassmq_core::names::{LinkId, MessageId};
use glassmq_core::rabbitmq::broker::Command as NodeCommand;
use glassmq_core::rabbitmq::client::Command as ClientCommand;
use glassmq_core::rabbitmq::method::{Frame, Method};

use super::rabbitmq::{exchange, with};
use super::{fact, fault, list, message, records};
use crate::cast::{Cast, Command, Wire};
use crate::event::{Close, Loss, What};
use crate::words::marks::{bold, mono};
use crate::words::{Here, seconds, timer};

pub(in crate::words) fn sentence(what: &What<'_, Cast>, here: &Here<'_>) -> String {
    let me = here.me();
    match what {
        What::Booted { incarnation: 0 } => format!("{me} started"),
        What::Booted { incarnation } => format!("{me} started again, life {}", incarnation + 1),
        What::Took { input, waited } => {
            let waited = if *waited { ", after it had waited" } else { "" };
            format!("{}{waited}", took(input, here))
        }
        What::Drawn { purpose, n, value } => {
            format!("{me} drew {value} of 0 to {}: {}", n - 1, mono(purpose))
        }
        What::Connecting { to, .. } => format!("{me} asked {} for a connection", here.node(*to)),
        What::Sent { link, message } => sent(*link, message, here),
        What::Stalled { link, .. } => {
            format!("{me} had a frame stall on its way to {}", here.peer(*link))
        }
        What::Lost {
            link, message, why, ..
        } => {
            let why = match why {
                Loss::NotConnected => "they are not connected",
                Loss::Closed => "the other end had closed",
                Loss::Reset => "the connection was reset",
                Loss::Crashed => "a process at its ends died",
                Loss::TimedOut => "the system gave up resending it",
            };
            let (frame, to) = (mono(message.label()), here.peer(*link));
            format!(
                "{me} lost {frame} to {to}{}: {why}",
                load(*message, " with ", here)
            )
        }
        What::Closed { link, how } => match how {
            Close::Orderly => format!("{me} closed its connection to {}", here.peer(*link)),
            Close::Abort => format!("{me} reset its connection to {}", here.peer(*link)),
        },
        What::Appended {
            file,
            index,
            record,
        } => {
            let (kind, ids) = (mono(record.label()), load(*record, ": ", here));
            format!(
                "{me} wrote {kind} {index} to file {}, not yet flushed{ids}",
                file.0
            )
        }
        What::Truncated { file, end } => format!("{me} cut file {} off at record {end}", file.0),
        What::Trimmed { file, before } => {
            format!(
                "{me} dropped the records before {before} of file {}",
                file.0
            )
        }
        What::Replaced { file, len } => format!("{me} wrote file {} anew: {len} records", file.0),
        What::Deleted { file } => format!("{me} deleted file {}", file.0),
        What::SyncAsked { file } => format!("{me} asked for file {} to be flushed", file.0),
        What::WrittenBack { file, end } => {
            format!(
                "{me}'s system flushed file {} up to record {end} of its own accord",
                file.0
            )
        }
        What::WriteFailed { file, record, why } => {
            let kind = mono(record.label());
            format!(
                "{me} could not write {kind} to file {}: {}",
                file.0,
                write_error(*why)
            )
        }
        What::Armed { timer, due } => {
            format!(
                "{me} set a timer for {} s: {}",
                seconds(*due),
                timer::name(timer)
            )
        }
        What::Disarmed { timer } => format!("{me} unset a timer: {}", timer::name(timer)),
        What::Fact { fact: it } => fact(it, here),
        What::Exited => format!("{me} ended"),
        What::Faulted { fault, .. } => fault::sentence(fault, here),
    }
}

fn took(input: &Input<Cast>, here: &Here<'_>) -> String {
    let me = here.me();
    match input {
        Input::Command(command) => format!("{me} was asked to {}", request(command)),
        Input::Accepted { from, .. } => {
            format!("{me} accepted a connection from {}", here.node(*from))
        }
        Input::Connected { link } => format!("{me} connected to {}", here.peer(*link)),
        Input::Refused { link, why } => {
            let to = here.peer(*link);
            match why {
                Refusal::Refused => format!("{to} refused {me}'s connection: nobody listens there"),
                Refusal::TimedOut => format!("{me} could not reach {to}: it timed out"),
            }
        }
        Input::Message { link, message } => {
            let (frame, ids) = (mono(message.label()), load(message, ": ", here));
            format!("{me} received {frame} from {}{ids}", here.peer(*link))
        }
        Input::Disconnected { link, why } => {
            let how = match why {
                Gone::Closed => "it was closed",
                Gone::Reset => "it was reset",
                Gone::TimedOut => "it timed out",
            };
            format!("{me} lost its connection to {}: {how}", here.peer(*link))
        }
        Input::Timer(timer) => format!("{me} had a timer go off: {}", timer::name(timer)),
        Input::Synced { file, end } => {
            format!("{me} had file {} flushed up to record {end}", file.0)
        }
        Input::WriteFailed { file, why } => {
            format!(
                "{me} learnt that a write to file {} failed: {}",
                file.0,
                write_error(*why)
            )
        }
        Input::DiskFree { bytes } => format!("{me} learnt that {bytes} bytes of disk are free"),
        Input::Memory { used } => format!("{me} learnt that it uses {used} bytes of memory"),
        Input::Stop => format!("{me} was asked to stop"),
    }
}

/// What is asked of a process.
fn request(command: &Command) -> String {
    match command {
        Command::Rabbitmq(NodeCommand::AddVHost { vhost }) => {
            format!("add virtual host {}", bold(vhost))
        }
        Command::Rabbitmq(NodeCommand::DeleteVHost { vhost }) => {
            format!("delete virtual host {}", bold(vhost))
        }
        Command::RabbitmqClient(ClientCommand::Connect(_)) => "connect".to_string(),
        Command::RabbitmqClient(ClientCommand::Send { channel, method }) => {
            format!("send {} on channel {channel}", mono(method.name()))
        }
        Command::RabbitmqClient(ClientCommand::Drop) => "drop its connection".to_string(),
        Command::Kafka(KafkaCommand::Send(it)) => {
            format!("send a record to topic {}", bold(&it.topic))
        }
        Command::Kafka(KafkaCommand::Flush) => "send all that is buffered".to_string(),
        Command::Kafka(KafkaCommand::Ask { request, .. }) => {
            let about: Vec<String> = about(request).iter().map(|it| bold(it)).collect();
            format!("send {} for {}", mono(request.label()), list(&about))
        }
    }
}

fn sent(link: LinkId, frame: &Wire, here: &Here<'_>) -> String {
    let me = here.me();
    if let Wire::Amqp(Frame::Method {
        method: Method::BasicPublish(publish),
        ..
    }) = frame
    {
        let id = message(publish.content.message, here);
        let (to, key) = (exchange(&publish.exchange), with(&publish.routing_key));
        return format!("{me} published {id} to {to}{key}");
    }
    let (name, ids) = (mono(frame.label()), load(frame, ": ", here));
    format!("{me} sent {name} to {}{ids}", here.peer(link))
}

/// The messages inside, behind a word.
fn load(parcel: &impl Parcel, word: &str, here: &Here<'_>) -> String {
    let mut messages: Vec<MessageId> = Vec::new();
    parcel.messages(&mut |id| messages.push(id));
    match &messages[..] {
        [] => String::new(),
        messages => format!("{word}{}", records(messages, here)),
    }
}

const fn write_error(why: WriteError) -> &'static str {
    match why {
        WriteError::Full => "the disk is full",
    }
}
