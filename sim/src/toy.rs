//! A machine small enough to see the kernel through: it does what it is commanded, and tells what
//! it is told. Kernel tests are scripts of such commands.

use std::rc::Rc;

use glassmq_core::fingerprint::Fingerprint;
use glassmq_core::machine::{Chance, Input, Kept, Machine, Out, Parcel};
use glassmq_core::names::{FileId, LinkId, MessageId, NodeId};
use glassmq_core::subject::{Subject, Told};
use glassmq_core::time::{Now, Span};

/// A text that travels, is stored, or is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Fingerprint)]
pub struct Text(pub Rc<str>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text(text.into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Text(text.into())
    }
}

/// One byte a byte.
impl Parcel for Text {
    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn label(&self) -> &'static str {
        "text"
    }
}

impl Told for Text {
    fn subject(&self) -> Subject {
        Subject::Queue(self.0.clone())
    }

    fn rests_on(&self, _: &mut Vec<Subject>) {}

    fn messages(&self, _: &mut dyn FnMut(MessageId)) {}
}

/// Does what it is commanded and tells what it is told.
#[derive(Clone, Debug, Fingerprint)]
pub struct Puppet {
    /// Its connections, in the order in which they came about.
    links: Vec<LinkId>,
    /// Answers every message `x` with `re: x`, if so set up.
    echoes: bool,
}

/// What a puppet may be commanded. Connections are counted from 0 as the puppet came by them.
#[derive(Clone, Debug, PartialEq, Eq, Fingerprint)]
pub enum Pull {
    /// Several of these in one step.
    All(Vec<Pull>),
    /// Connect to a node.
    Connect(NodeId),
    /// Send texts, one frame each.
    Send(u32, Vec<Text>),
    /// Close in an orderly way.
    Close(u32),
    /// Close at once.
    Abort(u32),
    /// Append texts to a file.
    Append(u64, Vec<Text>),
    /// Flush a file.
    Sync(u64),
    /// Drop the records from an index on.
    Truncate(u64, u64),
    /// Drop the records before an index.
    TrimHead(u64, u64),
    /// Put other records in a file's place.
    Replace(u64, Vec<Text>),
    /// Remove a file.
    Delete(u64),
    /// Set a timer.
    Arm(Text, Span),
    /// Unset a timer.
    Disarm(Text),
    /// Draw a number below.
    Draw(u64),
    /// End the process.
    Exit,
}

impl Machine for Puppet {
    type Setup = bool;
    type Command = Pull;
    type Message = Text;
    type Timer = Text;
    type Record = Text;
    type Fact = Text;
    type View = u32;
    type Lens = ();

    /// Tells what the disk kept.
    fn boot(
        echoes: &bool,
        kept: &Kept<Text>,
        now: Now,
        _: &mut Chance<'_>,
        out: &mut Out<Self>,
    ) -> Self {
        for (file, found) in kept {
            let texts: Vec<&str> = found.records.iter().map(|text| &*text.0).collect();
            let torn = if found.torn { " and half a record" } else { "" };
            let first = found.records.first();
            let text = format!("kept {} from {first}: {}{torn}", file.0, texts.join(" "));
            out.tell(text.into());
        }
        out.tell(format!("booted at {} mono {}", now.wall, now.mono).into());
        Puppet {
            links: Vec::new(),
            echoes: *echoes,
        }
    }

    fn step(&mut self, input: Input<Self>, now: Now, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        let told = match input {
            Input::Command(pull) => return self.pull(pull, chance, out),
            Input::Accepted { link, from } => {
                self.links.push(link);
                format!("accepted {link} from {}", from.0)
            }
            Input::Connected { link } => {
                self.links.push(link);
                format!("connected {link}")
            }
            Input::Refused { link, why } => format!("refused {link}: {why:?}"),
            Input::Message { link, message } => {
                if self.echoes {
                    out.send(link, format!("re: {}", message.0).into());
                }
                format!("got {}", message.0)
            }
            Input::Disconnected { link, why } => format!("disconnected {link}: {why:?}"),
            Input::Timer(timer) => {
                format!("{} rang at {} mono {}", timer.0, now.wall, now.mono)
            }
            Input::Synced { file, end } => format!("synced {} up to {end}", file.0),
            Input::WriteFailed { file, why } => format!("cannot write {}: {why:?}", file.0),
            Input::DiskFree { bytes } => format!("{bytes} bytes free"),
            Input::Memory { used } => format!("{used} bytes used"),
            Input::Stop => "asked to stop".to_string(),
        };
        out.tell(told.into());
    }

    fn view(&self, (): &()) -> u32 {
        self.links.len() as u32
    }
}

impl Puppet {
    /// A connection by its number; one that never was has a number nobody has.
    fn link(&self, n: u32) -> LinkId {
        let nobody = LinkId {
            opener: NodeId(u32::MAX),
            ordinal: n,
        };
        self.links.get(n as usize).copied().unwrap_or(nobody)
    }

    fn pull(&mut self, pull: Pull, chance: &mut Chance<'_>, out: &mut Out<Self>) {
        match pull {
            Pull::Connect(to) => {
                out.connect(to);
            }
            Pull::All(pulls) => {
                for pull in pulls {
                    self.pull(pull, chance, out);
                }
            }
            Pull::Send(link, texts) => {
                for text in texts {
                    out.send(self.link(link), text);
                }
            }
            Pull::Close(link) => out.close(self.link(link)),
            Pull::Abort(link) => out.abort(self.link(link)),
            Pull::Append(file, texts) => {
                for text in texts {
                    out.append(FileId(file), text);
                }
            }
            Pull::Sync(file) => out.sync(FileId(file)),
            Pull::Truncate(file, end) => out.truncate(FileId(file), end),
            Pull::TrimHead(file, before) => out.trim_head(FileId(file), before),
            Pull::Replace(file, texts) => out.replace(FileId(file), texts),
            Pull::Delete(file) => out.delete(FileId(file)),
            Pull::Arm(timer, after) => out.arm(timer, after),
            Pull::Disarm(timer) => out.disarm(timer),
            Pull::Draw(n) => {
                let value = chance.below(n, "a number");
                out.tell(format!("drew {value}").into());
            }
            Pull::Exit => out.exit(),
        }
    }
}
