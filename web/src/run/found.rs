//! What a check found, and the rules of causes, in the reader's language, messages as the player
//! calls them.

use glassmq_sim::check::Violation;
use glassmq_sim::scenario::expect::Check;

use super::story::Story;
use super::words::Language;

/// What a check found, in a sentence.
pub fn found_says(check: Check, found: &Violation, story: &Story, language: Language) -> String {
    match language {
        Language::En => labelled(&found.says, story),
        Language::Zh => {
            let messages: Vec<String> = found.messages.iter().map(|id| story.label(*id)).collect();
            in_chinese(check, &messages.join("、"))
        }
    }
}

/// A sentence that calls messages as scenarios do (`shop/29`), with their labels instead (`m30`).
fn labelled(says: &str, story: &Story) -> String {
    let words = says.split_inclusive([' ', ',', ':', ';']);
    words
        .map(|word| {
            let name = word.trim_end_matches([' ', ',', ':', ';']);
            match name.contains('/').then(|| story.message(name)).flatten() {
                Some(id) => story.label(id) + &word[name.len()..],
                None => word.to_string(),
            }
        })
        .collect()
}

fn in_chinese(check: Check, messages: &str) -> String {
    match check {
        Check::NoAcknowledgedLoss => format!("{messages} 已得到确认，现在却无处可读"),
        Check::NoDuplicate => format!("{messages} 不止一次"),
        Check::Order => format!("{messages} 没有按发送顺序被读到"),
        Check::NoSilentDrop => format!("{messages} 消失了，却没有告知任何一方"),
        Check::OneLeaderPerEpoch => "同一个 epoch 里有两个领导者".into(),
        Check::HighWatermarkMonotonic => "高水位后退了".into(),
        Check::LogMatching => "同一 epoch、同一位置的两份日志互不相同".into(),
        Check::LedgerCloses => "账目不平".into(),
        Check::Progress => "该有进展的地方停滞过久".into(),
    }
}

/// A rule as its field spells it; what of it is English is told in the reader's language.
pub fn rule_says(rule: &str, language: Language) -> &str {
    match (language, rule) {
        (Language::En, _) => rule,
        (_, "clean: from the ISR") => "干净选举：来自 ISR",
        (_, "KRaft: a majority of the voters") => "KRaft：投票者的多数",
        (_, "the leader's log end") => "领导者的日志末端",
        (_, "leader epochs: KIP-101, KIP-279, KIP-595") => {
            "领导者 epoch：KIP-101、KIP-279、KIP-595"
        }
        _ => rule,
    }
}
