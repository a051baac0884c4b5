//! The command line.

/// What to run.
#[derive(Clone, Debug)]
pub struct Args {
    /// `relay`, `replicate`, `timers`, `rabbitmq`, `kafka` or `keyframes`.
    pub workload: String,
    /// What is on besides, in `rabbitmq` and `kafka`: nothing by default.
    pub variant: String,
    pub seed: u64,
    /// relay: how many producers.
    pub producers: u32,
    /// relay: what each producer sends; replicate, rabbitmq, kafka: records in all.
    pub messages: u32,
    /// Records a producer has under way.
    pub window: u32,
    /// timers: nodes.
    pub nodes: u32,
    /// timers: firings of each node, 10 ms apart.
    pub ticks: u32,
    /// How often, with consecutive seeds.
    pub repeat: u32,
}

impl Args {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Args, String> {
        let workload = words.next().unwrap_or_default();
        let messages = match workload.as_str() {
            "relay" | "rabbitmq" | "kafka" => 20_000,
            "replicate" => 100_000,
            "timers" | "keyframes" => 0,
            other => {
                return Err(format!(
                    "unknown workload {other:?}: relay, replicate, timers, rabbitmq, kafka or \
                     keyframes"
                ));
            }
        };
        let mut args = Args {
            workload,
            variant: String::new(),
            seed: 1,
            producers: 10,
            messages,
            window: 5,
            nodes: 10_000,
            ticks: 1_000,
            repeat: 1,
        };
        while let Some(flag) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{flag} needs a value"))?;
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{flag}: {value:?} is no number"))
            };
            match flag.as_str() {
                "--variant" => args.variant = value,
                "--seed" => args.seed = u64::from(number()?),
                "--producers" => args.producers = number()?,
                "--messages" => args.messages = number()?,
                "--window" => args.window = number()?,
                "--nodes" => args.nodes = number()?,
                "--ticks" => args.ticks = number()?,
                "--repeat" => args.repeat = number()?,
                _ => return Err(format!("unknown flag {flag}")),
            }
        }
        Ok(args)
    }
}
