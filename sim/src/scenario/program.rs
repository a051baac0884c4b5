//! A program told line by line: its listing, and the calls that each line makes.

use core::num::NonZeroU32;

use super::kafka_python::KafkaPython;
use super::pika::Pika;
use super::record::{Choice, Fields, Record};
use super::time::Time;

/// A listing and what it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The name of its file: `hello_send.py`.
    pub file: String,
    /// Its text, line by line. It stands inside the scenario, so that a scenario is one file and
    /// a link can carry it whole.
    pub listing: Vec<String>,
    /// The calls, in the order made.
    pub steps: Vec<Step>,
}

/// One call and the lines it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The first line of the call, from 1.
    pub line: NonZeroU32,
    /// Its last line, if it has several.
    pub through: Option<NonZeroU32>,
    /// What is called.
    pub call: Call,
}

/// What a line does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// Waits.
    Sleep(Time),
    /// Writes to the terminal.
    Print {
        /// What; not said: the message at hand.
        text: Option<String>,
    },
    /// Repeats steps; `{i}` in a text is the number of the round, from 0.
    Repeat {
        /// How often.
        times: NonZeroU32,
        /// What.
        steps: Vec<Step>,
    },
    /// A call of pika.
    Pika(Pika),
    /// A call of kafka-python.
    KafkaPython(KafkaPython),
}

impl Program {
    /// The keys of a program.
    pub(super) fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("file", "The name of its file.", &mut self.file);
        f.need("listing", "Its text, line by line.", &mut self.listing);
        f.need(
            "steps",
            "The calls, in the order made, each with its line.",
            &mut self.steps,
        );
    }
}

impl Default for Step {
    fn default() -> Self {
        Step {
            line: NonZeroU32::MIN,
            through: None,
            call: Call::Print { text: None },
        }
    }
}

impl Step {
    /// The last line of the call.
    #[must_use]
    pub fn last_line(&self) -> NonZeroU32 {
        self.through.unwrap_or(self.line)
    }

    /// The word that must stand on its lines: of `channel.basic_publish` it is `basic_publish`.
    #[must_use]
    pub fn called(&self) -> &'static str {
        let word = self.call.word();
        let first = word.split(' ').next().unwrap_or(word);
        first.rsplit('.').next().unwrap_or(first)
    }

    /// The steps inside this one: of a loop, of a callback.
    #[must_use]
    pub fn inner(&self) -> (&'static str, &[Step]) {
        match &self.call {
            Call::Repeat { steps, .. } => ("do", steps),
            Call::Pika(Pika::BasicConsume { on_message, .. }) => {
                ("on_message_callback", on_message)
            }
            Call::KafkaPython(KafkaPython::ForRecord { steps }) => ("do", steps),
            _ => ("do", &[]),
        }
    }
}

impl Record for Step {
    const NAME: &'static str = "step";
    const ABOUT: &'static str = "A call of a program and the lines it stands on.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.need("line", "The line of the call, from 1.", &mut self.line);
        f.may(
            "through",
            "The last line of a call that has several.",
            &mut self.through,
        );
        f.by_tag(
            "call",
            "What is called, as the library names it.",
            &mut self.call,
        );
    }
}

impl Choice for Call {
    const NAME: &'static str = "call";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let repeat = Call::Repeat {
            times: NonZeroU32::MIN,
            steps: Vec::new(),
        };
        let mut all = vec![
            ("time.sleep", "Waits.", Call::Sleep(Time(0))),
            (
                "print",
                "Writes to the terminal.",
                Call::Print { text: None },
            ),
            (
                "for i in range",
                "Repeats steps; {i} in a text is the round, from 0.",
                repeat,
            ),
        ];
        all.extend(
            Pika::all()
                .into_iter()
                .map(|(word, about, it)| (word, about, Call::Pika(it))),
        );
        let kafka = KafkaPython::all().into_iter();
        all.extend(kafka.map(|(word, about, it)| (word, about, Call::KafkaPython(it))));
        all
    }

    fn word(&self) -> &'static str {
        match self {
            Call::Sleep(_) => "time.sleep",
            Call::Print { .. } => "print",
            Call::Repeat { .. } => "for i in range",
            Call::Pika(it) => it.word(),
            Call::KafkaPython(it) => it.word(),
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        match self {
            Call::Sleep(time) => f.need("for", "How long.", time),
            Call::Print { text } => f.may(
                "text",
                "What is written; if not given, the message at hand.",
                text,
            ),
            Call::Repeat { times, steps } => {
                f.need("times", "How often.", times);
                f.need("do", "What is repeated.", steps);
            }
            Call::Pika(it) => it.fields(f),
            Call::KafkaPython(it) => it.fields(f),
        }
    }
}
