//! What goes wrong outside the protocols, as a scenario writes it.

use glassmq_core::time::Span;

use super::form::{Fixed, spelt_as_fixed};
use super::moment::Moment;
use super::record::{Choice, Fields, Record};
use super::time::{Bytes, Shift, Time};
use super::who::{Side, Sides};

/// A fault, when it happens, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fault {
    /// When.
    pub moment: Moment,
    /// What.
    pub what: Adversity,
    /// After how long the inverse is done; if not given, never.
    pub lasting: Option<Time>,
}

/// Everything that can go wrong, and the inverse of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adversity {
    /// Nothing passes between two sides; what is under way stalls.
    Cut {
        /// Which.
        sides: Sides,
        /// Only from the first to the second.
        one_way: bool,
    },
    /// A cut of the same sides is undone.
    Mend {
        /// Which.
        sides: Sides,
        /// Only from the first to the second.
        one_way: bool,
    },
    /// All cuts are undone.
    Heal(Everything),
    /// What one side sends to the other takes longer.
    Slow {
        /// Which.
        sides: Sides,
        /// By how much; zero undoes it.
        by: Span,
        /// Only from the first to the second.
        one_way: bool,
    },
    /// The connections between two sides are reset.
    Reset(Sides),
    /// What is under way on open connections, from the first side to the second, stays there.
    Hold(Sides),
    /// What was held goes on.
    Release(Sides),
    /// A process dies.
    Crash {
        /// Which.
        who: Side,
        /// What it takes along.
        lose: Lose,
        /// Dies in the middle of its next step that asks for more effects than that.
        after_effects: Option<u32>,
    },
    /// A process that is down starts again.
    Restart(Side),
    /// A process is asked to stop.
    Stop {
        /// Which.
        who: Side,
        /// How long until it is killed.
        grace: Time,
    },
    /// A process takes no more input.
    Pause(Side),
    /// A paused process goes on.
    Resume(Side),
    /// A wall clock is off.
    Skew {
        /// Whose.
        who: Side,
        /// By how much.
        by: Shift,
    },
    /// A clock runs at another pace.
    Rate {
        /// Whose.
        who: Side,
        /// Too fast by so many millionths; negative is too slow.
        ppm: i32,
    },
    /// Flushing a disk takes longer.
    SlowDisk {
        /// Whose.
        who: Side,
        /// By how much; zero undoes it.
        by: Span,
    },
    /// The room that is left on a disk.
    DiskFree {
        /// Whose.
        who: Side,
        /// How much; not given: as much as it likes.
        bytes: Option<Bytes>,
    },
    /// The next power loss leaves half a record behind the last whole one.
    TearWrite(Side),
    /// The memory that a process uses, as its own meter reads it.
    Memory {
        /// Whose.
        who: Side,
        /// How much.
        used: Bytes,
    },
}

/// What a crash takes along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lose {
    /// The process only: what it wrote is in the page cache.
    #[default]
    Process,
    /// The host: what was not flushed is gone.
    Power,
}

/// The only thing that can be healed at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Everything {
    /// All of it.
    #[default]
    All,
}

spelt_as_fixed!(Lose Everything);

impl Adversity {
    /// What undoes it, where something does.
    #[must_use]
    pub fn inverse(&self) -> Option<Adversity> {
        Some(match self.clone() {
            Adversity::Cut { sides, one_way } => Adversity::Mend { sides, one_way },
            Adversity::Slow { sides, one_way, .. } => Adversity::Slow {
                sides,
                by: Span::ZERO,
                one_way,
            },
            Adversity::Hold(sides) => Adversity::Release(sides),
            Adversity::Crash { who, .. } | Adversity::Stop { who, .. } => Adversity::Restart(who),
            Adversity::Pause(who) => Adversity::Resume(who),
            Adversity::Skew { who, .. } => Adversity::Skew { who, by: Shift(0) },
            Adversity::Rate { who, .. } => Adversity::Rate { who, ppm: 0 },
            Adversity::SlowDisk { who, .. } => Adversity::SlowDisk {
                who,
                by: Span::ZERO,
            },
            Adversity::DiskFree { who, .. } => Adversity::DiskFree { who, bytes: None },
            Adversity::Mend { .. }
            | Adversity::Heal(_)
            | Adversity::Reset(_)
            | Adversity::Release(_)
            | Adversity::Restart(_)
            | Adversity::Resume(_)
            | Adversity::TearWrite(_)
            | Adversity::Memory { .. } => return None,
        })
    }

    /// Whom it names.
    #[must_use]
    pub fn sides(&self) -> Vec<&Side> {
        match self {
            Adversity::Cut { sides, .. }
            | Adversity::Mend { sides, .. }
            | Adversity::Slow { sides, .. }
            | Adversity::Reset(sides)
            | Adversity::Hold(sides)
            | Adversity::Release(sides) => vec![&sides.from, &sides.to],
            Adversity::Heal(_) => Vec::new(),
            Adversity::Crash { who, .. }
            | Adversity::Restart(who)
            | Adversity::Stop { who, .. }
            | Adversity::Pause(who)
            | Adversity::Resume(who)
            | Adversity::Skew { who, .. }
            | Adversity::Rate { who, .. }
            | Adversity::SlowDisk { who, .. }
            | Adversity::DiskFree { who, .. }
            | Adversity::TearWrite(who)
            | Adversity::Memory { who, .. } => vec![who],
        }
    }
}

impl Default for Adversity {
    fn default() -> Self {
        Adversity::Heal(Everything::All)
    }
}

impl Record for Fault {
    const NAME: &'static str = "fault";
    const ABOUT: &'static str = "Something goes wrong, at a time or when an event is seen.";

    fn fields(&mut self, f: &mut Fields<'_>) {
        f.by_key(&mut self.moment);
        f.by_key(&mut self.what);
        f.may(
            "for",
            "After how long the inverse is done: mended, restarted, resumed.",
            &mut self.lasting,
        );
    }
}

impl Choice for Adversity {
    const NAME: &'static str = "fault";

    fn all() -> Vec<(&'static str, &'static str, Self)> {
        let (sides, who) = (Sides::default, Side::default);
        let one_way = false;
        let cut = Adversity::Cut {
            sides: sides(),
            one_way,
        };
        let mend = Adversity::Mend {
            sides: sides(),
            one_way,
        };
        let slow = Adversity::Slow {
            sides: sides(),
            by: Span::ZERO,
            one_way,
        };
        let crash = Adversity::Crash {
            who: who(),
            lose: Lose::Process,
            after_effects: None,
        };
        let stop = Adversity::Stop {
            who: who(),
            grace: Time(30_000_000),
        };
        let skew = Adversity::Skew {
            who: who(),
            by: Shift(0),
        };
        let slow_disk = Adversity::SlowDisk {
            who: who(),
            by: Span::ZERO,
        };
        let disk_free = Adversity::DiskFree {
            who: who(),
            bytes: None,
        };
        let memory = Adversity::Memory {
            who: who(),
            used: Bytes(0),
        };
        vec![
            (
                "cut",
                "Nothing passes between two sides; what is under way stalls.",
                cut,
            ),
            ("mend", "A cut of the same two sides is undone.", mend),
            (
                "heal",
                "All cuts are undone.",
                Adversity::Heal(Everything::All),
            ),
            ("slow", "What passes between two sides takes longer.", slow),
            (
                "reset",
                "The connections between two sides are reset, as by a middlebox.",
                Adversity::Reset(sides()),
            ),
            (
                "hold",
                "What is on the open connections from the first side to the second stays there (from the frame that `when` saw on); newer connections pass.",
                Adversity::Hold(sides()),
            ),
            (
                "release",
                "What was held goes on.",
                Adversity::Release(sides()),
            ),
            ("crash", "A process dies, or its host loses power.", crash),
            (
                "restart",
                "A process that is down starts again.",
                Adversity::Restart(who()),
            ),
            ("stop", "A process is asked to stop, as by SIGTERM.", stop),
            (
                "pause",
                "A process takes no more input, as under SIGSTOP or a long collection of garbage.",
                Adversity::Pause(who()),
            ),
            (
                "resume",
                "A paused process goes on with all that waited.",
                Adversity::Resume(who()),
            ),
            ("skew", "A wall clock is off.", skew),
            (
                "rate",
                "A clock runs at another pace.",
                Adversity::Rate { who: who(), ppm: 0 },
            ),
            ("slow_disk", "Flushing a disk takes longer.", slow_disk),
            (
                "disk_free",
                "The room left on a disk, so that it is full or nearly so.",
                disk_free,
            ),
            (
                "tear_write",
                "The next power loss leaves half a record at the end of a file.",
                Adversity::TearWrite(who()),
            ),
            (
                "memory",
                "The memory that a process uses, as its own meter reads it.",
                memory,
            ),
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Adversity::Cut { .. } => "cut",
            Adversity::Mend { .. } => "mend",
            Adversity::Heal(_) => "heal",
            Adversity::Slow { .. } => "slow",
            Adversity::Reset(_) => "reset",
            Adversity::Hold(_) => "hold",
            Adversity::Release(_) => "release",
            Adversity::Crash { .. } => "crash",
            Adversity::Restart(_) => "restart",
            Adversity::Stop { .. } => "stop",
            Adversity::Pause(_) => "pause",
            Adversity::Resume(_) => "resume",
            Adversity::Skew { .. } => "skew",
            Adversity::Rate { .. } => "rate",
            Adversity::SlowDisk { .. } => "slow_disk",
            Adversity::DiskFree { .. } => "disk_free",
            Adversity::TearWrite(_) => "tear_write",
            Adversity::Memory { .. } => "memory",
        }
    }

    fn fields(&mut self, f: &mut Fields<'_>) {
        const SIDES: &str = "Two sides, each a process or a list of them.";
        const WHO: &str = "Which process, or a list of them.";
        const ONE_WAY: &str = "Only from the first side to the second.";
        let word = self.word();
        match self {
            Adversity::Cut { sides, one_way } | Adversity::Mend { sides, one_way } => {
                f.need(word, SIDES, sides);
                f.may("one_way", ONE_WAY, one_way);
            }
            Adversity::Heal(all) => f.need(word, "All cuts at once.", all),
            Adversity::Slow { sides, by, one_way } => {
                f.need(word, SIDES, sides);
                f.need("by", "How much longer; `0s` undoes it.", by);
                f.may("one_way", ONE_WAY, one_way);
            }
            Adversity::Reset(sides) | Adversity::Hold(sides) | Adversity::Release(sides) => {
                f.need(word, SIDES, sides);
            }
            Adversity::Crash {
                who,
                lose,
                after_effects,
            } => {
                f.need(word, WHO, who);
                f.may("lose", "What is lost.", lose);
                f.may(
                    "after_effects",
                    "Dies in the middle of the next step that asks for more effects than that: half a fanout, one of two files.",
                    after_effects,
                );
            }
            Adversity::Stop { who, grace } => {
                f.need(word, WHO, who);
                f.may("grace", "How long until it is killed.", grace);
            }
            Adversity::Restart(who)
            | Adversity::Pause(who)
            | Adversity::Resume(who)
            | Adversity::TearWrite(who) => f.need(word, WHO, who),
            Adversity::Skew { who, by } => {
                f.need(word, WHO, who);
                f.need(
                    "by",
                    "By how much, from true time; `+0s` puts it right.",
                    by,
                );
            }
            Adversity::Rate { who, ppm } => {
                f.need(word, WHO, who);
                f.need(
                    "ppm",
                    "Too fast by so many millionths; negative is too slow.",
                    ppm,
                );
            }
            Adversity::SlowDisk { who, by } => {
                f.need(word, WHO, who);
                f.need("by", "How much longer; `0s` undoes it.", by);
            }
            Adversity::DiskFree { who, bytes } => {
                f.need(word, WHO, who);
                f.may(
                    "bytes",
                    "How much is left; if not given, as much as it likes.",
                    bytes,
                );
            }
            Adversity::Memory { who, used } => {
                f.need(word, WHO, who);
                f.need("used", "How much it uses.", used);
            }
        }
    }
}

impl Fixed for Lose {
    const NAME: &'static str = "loss";
    const ALL: &'static [(&'static str, &'static str, Self)] = &[
        (
            "process",
            "The process only: what it wrote stays in the page cache.",
            Lose::Process,
        ),
        (
            "power",
            "The host: what was not flushed is gone, and nobody is told anything.",
            Lose::Power,
        ),
    ];
}

impl Fixed for Everything {
    const NAME: &'static str = "extent";
    const ALL: &'static [(&'static str, &'static str, Self)] =
        &[("all", "All cuts.", Everything::All)];
}
