//! The part of a run around an event, for a space-time diagram: `Slice` of `protocol.ts`.

use glassmq_core::names::NodeId;
use glassmq_core::shared::{SortedMap, SortedSet};
use serde_json::{Value, json};

use super::branch::Branch;
use super::cones::Stand;
use super::lines::{Deed, Line};
use super::told::Weight;
use super::topology::thing_of;
use super::words::Language;

/// Events around the cursor that are always shown, before and after it.
const NEAR: (u32, u32) = (12, 6);
/// Events before and after the cursor that the slice reaches to; more for causes.
const REACH: (u32, u32) = (90, 30);
/// At most so far back for a cause.
const FARTHEST: u32 = 5000;
/// Events of a fold that are shown when it is opened.
const OPENED: u32 = 40;

/// A cut, in numbers of events; without an end it lasts.
#[derive(Clone, Debug)]
pub struct Cut {
    pub from: u32,
    pub to: Option<u32>,
    pub sides: (Vec<NodeId>, Vec<NodeId>),
}

/// A broker believes that it leads, or follows, in an epoch, from an event on; or is down.
#[derive(Clone, Debug)]
pub struct Belief {
    pub n: u32,
    pub node: NodeId,
    /// Of which partition; none: it is down.
    pub partition: Option<u16>,
    pub epoch: u32,
    pub leads: bool,
}

/// How events stand to one of them.
struct Stands {
    /// Which event.
    n: u32,
    /// How each step stands to its step, from the first.
    steps: Vec<Stand>,
}

impl Stands {
    /// Of an event and its step. What comes after in the same step did not lead there.
    fn of(&self, n: u32, step: u32) -> Stand {
        let of_step = self.steps.get(step as usize - 1);
        match of_step.copied().unwrap_or(Stand::After) {
            Stand::Cause | Stand::Before if n > self.n => Stand::After,
            stand => stand,
        }
    }
}

impl Branch {
    /// The slice around event `n`, with the folds after these events open.
    pub fn history(&mut self, n: u32, unfolded: &[u32], language: Language) -> Value {
        let total = self.story.total();
        let n = n.min(total);
        let chain = match n {
            0 => Vec::new(),
            n => self
                .causes("", n, language)
                .map(|(_, chain)| chain)
                .unwrap_or_default(),
        };
        let known: Vec<u32> = chain.iter().map(|because| because.event.step).collect();
        let causes: SortedSet<u32> = chain
            .iter()
            .filter_map(|because| self.story.find(because.event))
            .collect();
        let stands = Stands {
            n,
            steps: self.story.steps.stand(self.story.step_of(n), &known),
        };
        let first_cause = causes.first().copied().unwrap_or(n);
        let low = n.saturating_sub(REACH.0).min(first_cause);
        let low = low.max(n.saturating_sub(FARTHEST)).max(1);
        let high = (n + REACH.1).min(total);
        let lines = self.lines(low, high, language);
        let shown = self.shown_in(n, &lines, &causes, unfolded);
        let rows = self.rows(&lines, &shown, &stands, &causes, low);
        let mut columns = self.story.things.columns(&self.story.names);
        let used: SortedSet<String> = lines
            .iter()
            .filter(|line| shown.contains(&line.n))
            .map(|line| self.thing(line.node))
            .collect();
        columns.retain(|column| used.contains(column));
        let mut sets: SortedMap<&str, u32> = SortedMap::new();
        for (row, at) in self.story.rows.iter().zip(1..) {
            if let Some(word) = stands.of(at, row.id.step).word() {
                *sets.entry(word).or_default() += 1;
            }
        }
        let count = |set| sets.get(set).copied().unwrap_or(0);
        json!({
            "columns": columns,
            "rows": rows,
            "messages": self.messages(&lines, &shown, &stands),
            "cuts": self.cuts(low, high),
            "epochs": self.epochs(n, low, high),
            "selected": n,
            "sets": {
                "cause": count("cause"),
                "before": count("before"),
                "concurrent": count("concurrent"),
            },
        })
    }

    fn thing(&self, node: NodeId) -> String {
        thing_of(node, &self.story.things, &self.story.names)
    }

    /// The numbers of the events that have a row of their own.
    fn shown_in(
        &self,
        n: u32,
        lines: &[Line],
        causes: &SortedSet<u32>,
        unfolded: &[u32],
    ) -> SortedSet<u32> {
        let near = n.saturating_sub(NEAR.0)..=n + NEAR.1;
        let reach = n.saturating_sub(REACH.0)..=n + REACH.1;
        let opened = |at: u32| {
            unfolded
                .iter()
                .any(|after| (after + 1..=after + OPENED).contains(&at))
        };
        let wanted = |line: &&Line| {
            let quiet = line.row.weight == Weight::Quiet;
            let key = line.row.weight == Weight::Key && reach.contains(&line.n);
            line.n == n
                || causes.contains(&line.n)
                || (near.contains(&line.n) && !quiet)
                || key
                || opened(line.n)
        };
        let mut shown: SortedSet<u32> = lines.iter().filter(wanted).map(|line| line.n).collect();
        // A message that arrives is drawn from where it was sent.
        for line in lines
            .iter()
            .filter(|line| shown.contains(&line.n))
            .collect::<Vec<_>>()
        {
            if let Deed::Arrived { sent, .. } | Deed::Lost { sent, .. } = &line.what
                && let Some(at) = self.story.find(*sent)
                && lines.first().is_some_and(|first| at >= first.n)
            {
                shown.insert(at);
            }
        }
        shown
    }

    /// `HistoryRow[]` of `scene.ts`.
    fn rows(
        &self,
        lines: &[Line],
        shown: &SortedSet<u32>,
        stands: &Stands,
        causes: &SortedSet<u32>,
        low: u32,
    ) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut folded: SortedMap<String, u32> = SortedMap::new();
        let mut after = low - 1;
        let fold = |rows: &mut Vec<Value>, folded: &mut SortedMap<String, u32>, after: u32| {
            let counts = std::mem::take(folded).into_iter();
            let counts: Vec<Value> = counts
                .map(|(column, count)| json!({"column": column, "count": count}))
                .collect();
            if !counts.is_empty() {
                rows.push(json!({"is": "fold", "after": after, "counts": counts}));
            }
        };
        for line in lines {
            if !shown.contains(&line.n) {
                *folded.entry(self.thing(line.node)).or_default() += 1;
                continue;
            }
            fold(&mut rows, &mut folded, after);
            after = line.n;
            let stand = stands.of(line.n, line.row.id.step);
            let mark = match (&line.what, stand) {
                (Deed::Crash, _) => "crash",
                (Deed::Fault, _) => "fault",
                (Deed::Started, _) if line.row.weight == Weight::Key => "restart",
                (_, Stand::Cause) => "cause",
                _ if causes.contains(&line.n) => "cause",
                _ => "other",
            };
            rows.push(json!({
                "is": "event",
                "n": line.n,
                "at": line.row.at,
                "column": self.thing(line.node),
                "text": line.short,
                "mark": mark,
                "set": stand.word(),
            }));
        }
        fold(&mut rows, &mut folded, after);
        rows
    }

    /// `HistoryMessage[]` of `scene.ts`: those of which both ends have a row.
    fn messages(&self, lines: &[Line], shown: &SortedSet<u32>, stands: &Stands) -> Vec<Value> {
        let is_cause = |n: u32| stands.of(n, self.story.step_of(n)) == Stand::Cause;
        let here = lines.iter().filter(|line| shown.contains(&line.n));
        here.filter_map(|line| {
            let (sent, lost, from, to) = match &line.what {
                Deed::Arrived { from, sent } => (*sent, false, *from, line.node),
                Deed::Lost { to, sent } => (*sent, true, line.node, *to),
                _ => return None,
            };
            let at = self.story.find(sent).filter(|at| shown.contains(at))?;
            let is = match (lost, is_cause(at) && is_cause(line.n)) {
                (true, _) => "lost",
                (false, true) => "cause",
                (false, false) => "other",
            };
            Some(json!({
                "from": at,
                "to": line.n,
                "text": line.short,
                "is": is,
                "between": [self.thing(from), self.thing(to)],
            }))
        })
        .collect()
    }

    /// Cuts that are in force in the slice, each pair of processes once.
    fn cuts(&self, low: u32, high: u32) -> Vec<Value> {
        let mut all: SortedMap<(NodeId, NodeId), (u32, u32)> = SortedMap::new();
        let cuts = self.story.cuts.iter();
        for cut in cuts.filter(|cut| cut.from <= high && cut.to.is_none_or(|to| to >= low)) {
            for a in &cut.sides.0 {
                for b in cut.sides.1.iter().filter(|b| *b != a) {
                    let (from, to) = (cut.from.max(low), cut.to.unwrap_or(high).min(high));
                    let span = all.entry((*a.min(b), *a.max(b))).or_insert((from, to));
                    *span = (span.0.min(from), span.1.max(to));
                }
            }
        }
        let all = all.into_iter();
        all.map(|((a, b), (from, to))| {
            json!({"from": from, "to": to, "between": [self.thing(a), self.thing(b)]})
        })
        .collect()
    }

    /// `EpochSpan[]` of `scene.ts`, of the partition that event `n` is about, or the first one.
    fn epochs(&self, n: u32, low: u32, high: u32) -> Vec<Value> {
        let beliefs = &self.story.beliefs;
        let about = self.story.row(n).and_then(|row| row.about);
        let of = |partition| move |belief: &&Belief| belief.partition == partition;
        let partition = match beliefs.iter().any(|belief| belief.partition == about) {
            true => about,
            false => beliefs.iter().find_map(|belief| belief.partition),
        };
        let mut spans = Vec::new();
        let mut open: SortedMap<NodeId, &Belief> = SortedMap::new();
        let none = None;
        let relevant = beliefs.iter().filter(|b| of(partition)(b) || of(none)(b));
        let mut close = |belief: &Belief, to: Option<u32>| {
            if belief.n > high || to.is_some_and(|to| to < low) {
                return;
            }
            let is = match (belief.partition, belief.leads) {
                (None, _) => "down",
                (_, true) => "leads",
                (_, false) => "follows",
            };
            spans.push(json!({
                "column": self.thing(belief.node),
                "epoch": belief.epoch,
                "from": belief.n.max(low),
                "to": to.filter(|to| *to <= high),
                "is": is,
            }));
        };
        for belief in relevant {
            let before = open.insert(belief.node, belief);
            // Who is down without ever having held the partition has no rail.
            match before {
                Some(before) => close(before, Some(belief.n)),
                None if belief.partition.is_none() => {
                    open.remove(&belief.node);
                }
                None => {}
            }
        }
        open.values().for_each(|belief| close(belief, None));
        spans
    }
}
