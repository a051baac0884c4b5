//! What Kafka's group coordinators tell, in Chinese.

use glassmq_core::kafka::fact::group::{GroupFact, GroupWhat, RebalanceBecause, RemovedBecause};

use super::client::place;
use crate::words::Here;
use crate::words::marks::{bold, mono};

pub(super) fn sentence(fact: &GroupFact, here: &Here<'_>) -> String {
    let (me, group) = (here.me(), bold(&fact.group));
    match &fact.what {
        GroupWhat::Joined { member } => format!("{} 加入组 {group}", bold(member)),
        GroupWhat::Removed {
            member,
            because: RemovedBecause::Left,
        } => format!("{} 离开组 {group}", bold(member)),
        GroupWhat::Removed { member, because } => {
            let (member, why) = (bold(member), removed(*because));
            format!("{me} 把 {member} 移出组 {group}：{why}")
        }
        GroupWhat::PreparingRebalance {
            generation,
            because,
        } => {
            let why = match because {
                RebalanceBecause::MemberJoined => "有成员加入",
                RebalanceBecause::MemberGone => "有成员离去",
                RebalanceBecause::LeaderRejoined => "组长重新加入",
                RebalanceBecause::SubscriptionChanged => "有成员改了订阅",
                RebalanceBecause::NotStored => "分配未能保存",
            };
            format!("{me} 结束组 {group} 的第 {generation} 代，重新平衡：{why}")
        }
        GroupWhat::Generation {
            generation,
            members,
        } => match members.len() {
            0 => format!("{me} 使组 {group} 为空，第 {generation} 代"),
            n => format!("{me} 开始组 {group} 的第 {generation} 代，成员 {n} 个"),
        },
        GroupWhat::Stable { generation } => {
            format!("{me} 保存组 {group} 的分配：第 {generation} 代已稳定")
        }
        GroupWhat::Committed {
            partition, offset, ..
        } => format!(
            "{me} 为组 {group} 提交 {} 的偏移 {offset}",
            place(partition)
        ),
        GroupWhat::CommitRefused { member, error } => {
            let who = match &**member {
                "" => "无成员标识者".to_string(),
                member => bold(member),
            };
            format!(
                "{me} 拒绝 {who} 在组 {group} 中的提交：{}",
                mono(error.name())
            )
        }
        GroupWhat::Loaded { generation } => {
            format!("{me} 从日志载入组 {group}，第 {generation} 代")
        }
        GroupWhat::NotModelled { what } => {
            format!("{me} 拒绝组 {group} 的一个成员：未建模：{}", mono(what))
        }
    }
}

fn removed(because: RemovedBecause) -> String {
    match because {
        RemovedBecause::Left => "它自行离开".to_string(),
        RemovedBecause::SessionExpired => {
            format!("在 {} 内没有心跳", mono("session.timeout.ms"))
        }
        RemovedBecause::DidNotRejoin => {
            format!("它没有在 {} 内重新加入", mono("max.poll.interval.ms"))
        }
        RemovedBecause::DidNotSync => {
            format!("它没有在 {} 内同步", mono("max.poll.interval.ms"))
        }
    }
}
