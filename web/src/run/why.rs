//! Why something came about: `Why` of `protocol.ts`.

use glassmq_sim::causality::{Because, Role, Target};
use glassmq_sim::check::Violation;
use serde_json::{Value, json};

use super::branch::Branch;
use super::found::{found_says, rule_says};
use super::topology::thing_of;
use super::words::Language;

impl Branch {
    /// What led to the state of a thing at an event: a message, a check, or the event itself.
    /// Nothing, if nothing is known of it there.
    pub fn why(&mut self, thing: &str, n: u32, language: Language) -> Option<Value> {
        let (of, chain) = self.causes(thing, n, language)?;
        let chain: Vec<Value> = chain
            .iter()
            .filter_map(|because| {
                let n = self.story.find(because.event)?;
                let line = self.lines(n, n, language).pop()?;
                let mut says = line.says;
                if because.says.ends_with("no follower has it yet") {
                    says.push_str(match language {
                        Language::En => "; no follower has it yet",
                        Language::Zh => "；还没有跟随者拿到它",
                    });
                }
                let chip = because.rule.map(|rule| {
                    let is = if rule.contains('=') { "config" } else { "rule" };
                    json!({"text": rule_says(rule, language), "is": is})
                });
                let on = thing_of(because.node, &self.story.things, &self.story.names);
                Some(json!({"n": n, "says": says, "on": on, "chip": chip}))
            })
            .collect();
        Some(json!({"of": of, "chain": chain}))
    }

    /// What is asked about, and its causes, the first first.
    pub fn causes(&self, thing: &str, n: u32, language: Language) -> Option<(Value, Vec<Because>)> {
        let story = &self.story;
        let why = |target| story.causality.why(target, &story.names);
        if let Some(name) = thing.strip_prefix("check:") {
            let mut verdicts = story.verdicts.iter();
            let verdict = verdicts.find(|verdict| verdict.check.name() == name)?;
            let found = verdict.violation.as_ref()?;
            let says = found_says(verdict.check, found, story, language);
            let of = json!({"is": "check", "name": name, "found": says});
            return Some((of, why(Target::Violation(found))));
        }
        if let Some(label) = thing.strip_prefix("message:") {
            let id = story.message(label)?;
            let last = story
                .mentions(|one| one == id)
                .take_while(|at| *at <= n)
                .last()?;
            let found = Violation {
                at: story.row(last)?.id,
                messages: vec![id],
                says: String::new(),
            };
            let chain = why(Target::Violation(&found));
            let of = json!({"is": "message", "label": story.label(id), "end": end(&chain)});
            return Some((of, chain));
        }
        // Of anything else: the last event that is about it.
        let own = self
            .events_of(thing)
            .into_iter()
            .take_while(|at| *at <= n)
            .last();
        let n = own.unwrap_or(n);
        let of = json!({"is": "event", "n": n});
        Some((of, why(Target::Event(story.row(n)?.id))))
    }
}

/// What became of a message, by the last of its causes.
fn end(chain: &[Because]) -> Option<Role> {
    chain.last().map(|because| because.role)
}
