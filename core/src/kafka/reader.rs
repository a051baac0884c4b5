//! An application that reads: takes record after record, works on each, and commits.

use crate::fingerprint::Fingerprint;
use crate::kafka::client::{Client, Timer, Tools};
use crate::kafka::consumer::Polled;
use crate::kafka::fact::client::ClientWhat;
use crate::machine::Out;
use crate::shared::{Deque, SortedMap};
use crate::time::{Now, Span};

/// What an application does with each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub struct Work {
    /// How long it works.
    pub takes: Span,
    /// When it commits by itself, besides `enable.auto.commit`.
    pub commit: Commit,
}

/// When an application commits a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Fingerprint)]
pub enum Commit {
    /// It does not: that is left to `enable.auto.commit`.
    Never,
    /// After its work: a crash in between means that the work is done again.
    After,
    /// Before its work: a crash in between means that the work is never done.
    Before,
}

/// An application that reads.
#[derive(Clone, Debug, Fingerprint)]
pub struct Reader {
    work: Work,
    polled: Deque<Polled>,
    busy: Option<Busy>,
}

/// What it does with the record at hand.
#[derive(Clone, Debug, Fingerprint)]
enum Busy {
    CommittingBefore(Polled),
    Working(Polled),
    CommittingAfter,
}

impl Reader {
    /// With nothing at hand.
    #[must_use]
    pub fn new(work: Work) -> Self {
        Reader {
            work,
            polled: Deque::new(),
            busy: None,
        }
    }

    /// Takes the next record, if it has the time.
    pub fn drive(&mut self, tools: &mut Tools, now: Now, out: &mut Out<Client>) {
        self.check_commit(tools, out);
        while self.busy.is_none() {
            let Some(consumer) = &mut tools.consumer else {
                return;
            };
            if self.polled.is_empty() {
                self.polled.extend(consumer.poll(now, out));
            }
            let Some(polled) = self.polled.pop_front() else {
                return;
            };
            tools.tell(delivered(&polled, tools), out);
            if self.work.commit == Commit::Before {
                commit(&polled, tools);
                self.busy = Some(Busy::CommittingBefore(polled));
            } else {
                self.begin(polled, out);
            }
        }
    }

    /// The work on a record is done.
    pub fn worked(&mut self, tools: &mut Tools, out: &mut Out<Client>) {
        let Some(Busy::Working(polled)) = self.busy.take() else {
            return;
        };
        tools.tell(
            ClientWhat::Processed {
                partition: polled.partition.clone(),
                offset: polled.offset,
                message: polled.record.message,
            },
            out,
        );
        if self.work.commit == Commit::After {
            commit(&polled, tools);
            self.busy = Some(Busy::CommittingAfter);
        }
    }

    fn begin(&mut self, polled: Polled, out: &mut Out<Client>) {
        out.arm(Timer::Work, self.work.takes);
        self.busy = Some(Busy::Working(polled));
    }

    /// Goes on when the commit is answered, well or ill.
    fn check_commit(&mut self, tools: &mut Tools, out: &mut Out<Client>) {
        let commits = matches!(
            self.busy,
            Some(Busy::CommittingBefore(_) | Busy::CommittingAfter)
        );
        let consumer = tools.consumer.as_mut().filter(|_| commits);
        if consumer
            .and_then(|consumer| consumer.take_committed())
            .is_none()
        {
            return;
        }
        if let Some(Busy::CommittingBefore(polled)) = self.busy.take() {
            self.begin(polled, out);
        }
    }
}

/// The record is at the application.
#[must_use]
pub fn delivered(polled: &Polled, tools: &Tools) -> ClientWhat {
    let consumer = tools.consumer.as_ref();
    ClientWhat::Delivered {
        group: consumer.and_then(|consumer| consumer.group_id()),
        partition: polled.partition.clone(),
        offset: polled.offset,
        message: polled.record.message,
    }
}

/// Commits the position behind a record, and waits for it.
pub fn commit(polled: &Polled, tools: &mut Tools) {
    if let Some(consumer) = &mut tools.consumer {
        let next = (polled.partition.clone(), polled.offset + 1);
        consumer.commit_sync(SortedMap::from([next]));
    }
}
