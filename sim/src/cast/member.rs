//! A machine as a member of the cast: its inputs narrowed from the common vocabulary, its effects
//! widened into it.

use std::ops::Deref;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Chance, Effect, Input, Kept, KeptFile, Machine, Out};
use glassmq_core::shared::Room;
use glassmq_core::time::Now;

use super::{Cast, Command, Fact, Record, Timer, Wire};

/// A machine whose vocabulary is part of the cast's.
pub(super) trait Member:
    Machine<
        Command: TryFrom<Command>,
        Message: TryFrom<Wire> + Into<Wire>,
        Timer: TryFrom<Timer> + Into<Timer>,
        Record: TryFrom<Record> + Into<Record>,
        Fact: Into<Fact>,
    >
{
}

impl<M> Member for M where
    M: Machine<
            Command: TryFrom<Command>,
            Message: TryFrom<Wire> + Into<Wire>,
            Timer: TryFrom<Timer> + Into<Timer>,
            Record: TryFrom<Record> + Into<Record>,
            Fact: Into<Fact>,
        >
{
}

/// A member's state, and the room in which it gathers what it asks for.
#[derive(Clone, Debug, Fingerprint)]
pub struct Seat<M: Machine> {
    machine: M,
    room: Room<Effect<M>>,
}

impl<M: Machine> Deref for Seat<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.machine
    }
}

/// Boots a member from what the disk kept.
pub(super) fn boot<M: Member>(
    setup: &M::Setup,
    kept: &Kept<Record>,
    now: Now,
    chance: &mut Chance<'_>,
    out: &mut Out<Cast>,
) -> Box<Seat<M>> {
    let kept = kept.iter().map(|(id, file)| (*id, narrow_file(file)));
    let kept: Kept<M::Record> = kept.collect();
    let mut room = Room::default();
    let boot = |out: &mut Out<M>| M::boot(setup, &kept, now, chance, out);
    let machine = out.within_room(&mut room, widen, boot);
    Box::new(Seat { machine, room })
}

/// Lets a member take an input. A frame or a command that is not of its kind is what bytes of
/// another protocol are: the connection they came on is dropped.
pub(super) fn step<M: Member>(
    seat: &mut Seat<M>,
    input: Input<Cast>,
    now: Now,
    chance: &mut Chance<'_>,
    out: &mut Out<Cast>,
) {
    let Seat { machine, room } = seat;
    match narrow(input) {
        Ok(input) => out.within_room(room, widen, |out| machine.step(input, now, chance, out)),
        Err(Foreign::Frame(link)) => out.abort(link),
        Err(Foreign::Command) => {}
    }
}

/// What a member does not understand.
enum Foreign {
    Frame(glassmq_core::names::LinkId),
    Command,
}

fn narrow<M: Member>(input: Input<Cast>) -> Result<Input<M>, Foreign> {
    Ok(match input {
        Input::Message { link, message } => {
            let message = message.try_into().map_err(|_| Foreign::Frame(link))?;
            Input::Message { link, message }
        }
        Input::Command(command) => {
            Input::Command(command.try_into().map_err(|_| Foreign::Command)?)
        }
        Input::Timer(timer) => {
            let Ok(timer) = timer.try_into() else {
                unreachable!("a process hears of its own timers only");
            };
            Input::Timer(timer)
        }
        Input::Accepted { link, from } => Input::Accepted { link, from },
        Input::Connected { link } => Input::Connected { link },
        Input::Refused { link, why } => Input::Refused { link, why },
        Input::Disconnected { link, why } => Input::Disconnected { link, why },
        Input::Synced { file, end } => Input::Synced { file, end },
        Input::WriteFailed { file, why } => Input::WriteFailed { file, why },
        Input::DiskFree { bytes } => Input::DiskFree { bytes },
        Input::Memory { used } => Input::Memory { used },
        Input::Stop => Input::Stop,
    })
}

fn widen<M: Member>(effect: Effect<M>) -> Effect<Cast> {
    match effect {
        Effect::Send { link, message } => Effect::Send {
            link,
            message: message.into(),
        },
        Effect::Arm { timer, after } => Effect::Arm {
            timer: timer.into(),
            after,
        },
        Effect::Disarm(timer) => Effect::Disarm(timer.into()),
        Effect::Tell(fact) => Effect::Tell(fact.into()),
        Effect::Append { file, record } => Effect::Append {
            file,
            record: record.into(),
        },
        Effect::Replace { file, with } => Effect::Replace {
            file,
            with: with.into_iter().map(Into::into).collect(),
        },
        Effect::Connect { to, link } => Effect::Connect { to, link },
        Effect::Close { link } => Effect::Close { link },
        Effect::Abort { link } => Effect::Abort { link },
        Effect::Truncate { file, end } => Effect::Truncate { file, end },
        Effect::TrimHead { file, before } => Effect::TrimHead { file, before },
        Effect::Delete { file } => Effect::Delete { file },
        Effect::Sync { file } => Effect::Sync { file },
        Effect::Exit => Effect::Exit,
    }
}

fn narrow_file<R: TryFrom<Record> + Clone>(file: &KeptFile<Record>) -> KeptFile<R> {
    let own = |record: &Record| {
        let Ok(record) = record.clone().try_into() else {
            unreachable!("a process finds its own records only");
        };
        record
    };
    let mut records = glassmq_core::shared::Log::starting_at(file.records.first());
    for record in &file.records {
        records.push(own(record));
    }
    KeptFile {
        records,
        torn: file.torn,
    }
}
