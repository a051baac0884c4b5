//! Timers by the setting that says how long they run, or by what they are for.

use glassmq_core::kafka::controller_node::ControllerTimer;
use glassmq_core::kafka::group_env::GroupTimer;
use glassmq_core::kafka::lifecycle::LifecycleTimer;
use glassmq_core::{kafka, rabbitmq};

use super::marks::mono;
use crate::cast::Timer;

/// A timer's name, the same in all languages.
pub(super) fn name(timer: &Timer) -> String {
    mono(match timer {
        Timer::RabbitmqNode(timer) => rabbitmq_node(timer),
        Timer::RabbitmqClient(timer) => rabbitmq_client(timer),
        Timer::KafkaBroker(timer) => kafka_broker(timer),
        Timer::KafkaController(timer) => kafka_controller(timer),
        Timer::KafkaClient(timer) => kafka_client(timer),
    })
}

const fn rabbitmq_node(timer: &rabbitmq::broker::Timer) -> &'static str {
    use rabbitmq::broker::Timer as T;
    match timer {
        T::Expiry { .. } => "message TTL",
        T::HeartbeatSend(_) | T::HeartbeatCheck(_) => "heartbeat",
        T::CloseOverdue(_) => "close timeout",
    }
}

const fn rabbitmq_client(timer: &rabbitmq::client::Timer) -> &'static str {
    use rabbitmq::client::Timer as T;
    match timer {
        T::Reconnect => "reconnect",
        T::Send => "next message",
        T::Work => "work",
        T::HeartbeatSend | T::HeartbeatCheck => "heartbeat",
    }
}

const fn kafka_broker(timer: &kafka::broker::Timer) -> &'static str {
    use kafka::broker::Timer as T;
    match timer {
        T::HighWatermarkCheckpoint => "replica.high.watermark.checkpoint.interval.ms",
        T::IsrCheck => "replica.lag.time.max.ms",
        T::Delayed(_) => "delayed request",
        T::FetchBackoff(_) => "replica.fetch.backoff.ms",
        T::FetchTimeout(_) => "replica.socket.timeout.ms",
        T::AlterPartition => "AlterPartition retry",
        T::Lifecycle(timer) => lifecycle(timer),
        T::Group(timer) => group(timer),
    }
}

const fn lifecycle(timer: &LifecycleTimer) -> &'static str {
    match timer {
        LifecycleTimer::Communication => "broker.heartbeat.interval.ms",
        LifecycleTimer::RegistrationTimeout => "initial.broker.registration.timeout.ms",
        LifecycleTimer::RequestTimeout(_) => "controller request timeout",
        LifecycleTimer::RetryBackoff(_) => "controller request retry",
    }
}

const fn group(timer: &GroupTimer) -> &'static str {
    match timer {
        GroupTimer::Join(_) => "join phase",
        GroupTimer::Sync(_) => "sync phase",
        GroupTimer::Session(..) => "session.timeout.ms",
    }
}

const fn kafka_controller(timer: &ControllerTimer) -> &'static str {
    match timer {
        ControllerTimer::Election => "controller.quorum.election.timeout.ms",
        ControllerTimer::ElectionBackoff => "controller.quorum.election.backoff.max.ms",
        ControllerTimer::FetchTimeout => "controller.quorum.fetch.timeout.ms",
        ControllerTimer::CheckQuorum => "check quorum",
        ControllerTimer::BeginQuorumEpoch => "BeginQuorumEpoch",
        ControllerTimer::RetryBackoff(_) => "controller.quorum.retry.backoff.ms",
        ControllerTimer::RequestTimeout(_) => "controller.quorum.request.timeout.ms",
        ControllerTimer::ParkedFetch(..) => "waiting Fetch",
        ControllerTimer::Sessions => "broker.session.timeout.ms",
    }
}

const fn kafka_client(timer: &kafka::client::Timer) -> &'static str {
    use kafka::client::Timer as T;
    match timer {
        T::Workload => "next record",
        T::Work => "work",
        T::Program => "program",
        T::Producer => "producer",
        T::Consumer => "consumer",
        T::Admin => "administrator",
    }
}
