//! What `run`, `replay` and `verify` are told.

use super::{Selection, Size, SweepArgs, Time};
use crate::completion;
use orket_engine::surroundings::Surroundings;
use std::path::PathBuf;

/// See [`Command::Run`](super::Command::Run).
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The workload: its id, or EXTENSION/ID
    #[arg(value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: String,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) services: ServiceArgs,
    /// Answer every capability call from a recorded run or case
    #[arg(long, value_name = "PATH|RUN", add = completion::recorded())]
    pub(crate) replay: Option<PathBuf>,
    /// Sign the record with this private key before it is published
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) sign_key: Option<PathBuf>,
    /// Run the program that `build --reproducible` makes
    #[arg(long)]
    pub(crate) reproducible: bool,
    /// Print the plan and all that it would be allowed, and stop
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Replay`](super::Command::Replay).
#[derive(Debug, clap::Args)]
pub(crate) struct ReplayArgs {
    /// A run: its folder, a file in it, or its name below .orket/runs
    #[arg(value_name = "PATH|RUN", add = completion::recorded())]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Verify`](super::Command::Verify).
#[derive(Debug, Default, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The workload; all of them without
    #[arg(value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    /// How often each case is run, in equal and in hostile surroundings, before a cause is looked for [default: 10; 2 with --seeds]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) runs: Option<u32>,
    /// Run the program as `cargo run` would, without sandbox and virtual std, in plain environments that differ
    #[arg(long, conflicts_with_all = ["bless", "rebuild", "seeds"])]
    pub(crate) ambient: bool,
    /// What hostile surroundings are drawn from, or these alone: `tz=NPT-5:45 umask=077` [default: 0]
    #[arg(long, value_name = "SEED|DIMENSION=VALUE ...", conflicts_with_all = ["bless", "rebuild", "seeds"])]
    pub(crate) surroundings: Option<Surrounded>,
    /// Only the recorded case of that name
    #[arg(long, value_name = "NAME", add = completion::cases())]
    pub(crate) case: Option<String>,
    /// Run nothing: build the sources in another folder and compare with the recorded programs
    #[arg(long, conflicts_with_all = ["bless", "runs", "seeds"])]
    pub(crate) rebuild: bool,
    /// Write what is proven, and by which runs, as an in-toto statement (test-result)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bless", "rebuild", "seeds"])]
    pub(crate) claim: Option<PathBuf>,
    /// Sign that statement with this private key: FILE with .dsse.json is the envelope
    #[arg(long, value_name = "FILE", requires = "claim")]
    pub(crate) sign_key: Option<PathBuf>,
    /// Record what comes out now: existing cases anew, or a new one with --case and what it is run with
    #[arg(long)]
    pub(crate) bless: bool,
    #[command(flatten)]
    pub(crate) sweep: SweepArgs,
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
}

/// What runs that are compared are asked for with, and what they are made with.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct AskedArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) services: ServiceArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Reduce`](super::Command::Reduce).
#[derive(Debug, clap::Args)]
pub(crate) struct ReduceArgs {
    /// The workload
    #[arg(value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: String,
    /// Begin with the recorded case of that name
    #[arg(long, value_name = "NAME", add = completion::cases())]
    pub(crate) case: Option<String>,
    /// Run the program as `cargo run` would, without sandbox and virtual std
    #[arg(long)]
    pub(crate) ambient: bool,
    /// What hostile surroundings are drawn from, or these alone: `tz=NPT-5:45 umask=077` [default: 0]
    #[arg(long, value_name = "SEED|DIMENSION=VALUE ...")]
    pub(crate) surroundings: Option<Surrounded>,
    /// How many smaller ones are tried at the most
    #[arg(long, value_name = "N", default_value = "200")]
    pub(crate) attempts: usize,
    /// The folder for what is left: input, script and snapshot
    #[arg(short, long, value_name = "DIR", default_value = "reduced")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) asked: AskedArgs,
}

impl VerifyArgs {
    /// What `verify` would be told to find what is to be reduced.
    pub(crate) fn of(args: &ReduceArgs) -> Self {
        Self {
            workload: Some(args.workload.clone()),
            runs: None,
            ambient: args.ambient,
            surroundings: args.surroundings.clone(),
            case: args.case.clone(),
            rebuild: false,
            claim: None,
            sign_key: None,
            bless: false,
            sweep: SweepArgs::default(),
            asked: args.asked.clone(),
        }
    }
}

/// What a run is asked for with.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Run options")]
pub(crate) struct RequestArgs {
    /// The seed of everything that is drawn, or `random` [default: 0]
    #[arg(long, value_name = "N|random")]
    pub(crate) seed: Option<Seed>,
    /// A file with the input, a JSON object; `-` is standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) input: Option<PathBuf>,
    /// A file with lines for the console; `-` is standard input [default: the terminal]
    #[arg(long, value_name = "FILE|-")]
    pub(crate) script: Option<PathBuf>,
    /// One entry of the input; the value is JSON or else text
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// A snapshot that `kv` starts from
    #[arg(long, value_name = "FILE")]
    pub(crate) kv: Option<PathBuf>,
    /// A snapshot of the profile that `memory` starts from
    #[arg(long, value_name = "FILE")]
    pub(crate) memory: Option<PathBuf>,
}

/// What the operator provides for capabilities that the host cannot answer by itself.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Services")]
pub(crate) struct ServiceArgs {
    /// A language model: an OpenAI-compatible endpoint, or a file with its answers
    #[arg(long, value_name = "URL|@FILE", env = "ORKET_MODEL", hide_env_values = true)]
    pub(crate) model: Option<String>,
    /// The name of the model at that endpoint
    #[arg(long, value_name = "NAME", env = "ORKET_MODEL_NAME", hide_env_values = true)]
    pub(crate) model_name: Option<String>,
    /// The variable that holds the endpoint's key [default: ORKET_MODEL_KEY]
    #[arg(long, value_name = "VAR", env = "ORKET_MODEL_KEY_ENV", hide_env_values = true)]
    pub(crate) model_key_env: Option<String>,
    /// A program that reads text and writes WAV [default: espeak-ng, where there is one]
    #[arg(long, value_name = "COMMAND", env = "ORKET_TTS", hide_env_values = true)]
    pub(crate) tts: Option<String>,
    /// A program that writes WAV, or a WAV file
    #[arg(long, value_name = "COMMAND|@FILE", env = "ORKET_RECORDER", hide_env_values = true)]
    pub(crate) recorder: Option<String>,
    /// A program that reads sound and writes text or JSON, or a file with its answers
    #[arg(long, value_name = "COMMAND|@FILE", env = "ORKET_TRANSCRIBER", hide_env_values = true)]
    pub(crate) transcriber: Option<String>,
    /// A program that plays a WAV file from its standard input
    #[arg(long, value_name = "COMMAND", env = "ORKET_PLAYER", hide_env_values = true)]
    pub(crate) player: Option<String>,
}

impl RequestArgs {
    /// Whether any of them is given.
    pub(crate) fn is_given(&self) -> bool {
        let files = [&self.input, &self.script, &self.kv, &self.memory];
        self.seed.is_some() || !self.set.is_empty() || files.iter().any(|file| file.is_some())
    }
}

/// Which surroundings are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Surrounded {
    /// Those that are drawn from this.
    Drawn(u64),
    /// These.
    Given(Surroundings),
}

impl std::str::FromStr for Surrounded {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(seed) => Ok(Self::Drawn(seed)),
            Err(_) => text.parse().map(Self::Given),
        }
    }
}

/// A seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seed {
    /// This one.
    Given(u64),
    /// Any.
    Random,
}

impl std::str::FromStr for Seed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "random" => Ok(Self::Random),
            digits => digits
                .parse()
                .map(Self::Given)
                .map_err(|_| format!("a seed is a number from 0 to {}, or `random`", u64::MAX)),
        }
    }
}

/// What the operator allows.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArgs {
    /// Deny a capability that the extension declares
    #[arg(long, value_name = "CAPABILITY", add = completion::capabilities())]
    pub(crate) deny: Vec<String>,
    /// Let workloads connect to HOST:PORT, as far as they declare it; a private address only where it stands itself
    #[arg(
        long,
        value_name = "HOST:PORT",
        env = "ORKET_NETWORK",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(crate) network: Vec<String>,
    /// Provide a declared material, or the folder of some, from outside of the project; read-only
    #[arg(long, value_name = "NAME=PATH")]
    pub(crate) material: Vec<String>,
    /// Run although this layer of the sandbox is missing here; it goes on record
    #[arg(long, value_name = "LAYER", add = completion::layers())]
    pub(crate) accept_missing: Vec<String>,
    /// How long a run may take, such as 90s, without waiting for a person [default: 60s]
    #[arg(long, value_name = "TIME")]
    pub(crate) time_limit: Option<Time>,
    /// How long a run may wait for services in all [default: 600s]
    #[arg(long, value_name = "TIME")]
    pub(crate) service_limit: Option<Time>,
    /// How much processor time a run may use, such as 250ms [default: 60s]
    #[arg(long, value_name = "TIME")]
    pub(crate) cpu_limit: Option<Time>,
    /// How much of a processor a run may use, in percent of one
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) cpu_rate: Option<u64>,
    /// How much memory a run may have [default: 512MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory_limit: Option<Size>,
    /// How many threads a run may have, where it may have any [default: 256]
    #[arg(long, value_name = "N")]
    pub(crate) threads_limit: Option<u64>,
    /// How many files a run may have open, 8 to 512 [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(8..=512))]
    pub(crate) open_files_limit: Option<u64>,
    /// How large one artifact may be, such as 64MiB [default: 32MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) artifact_limit: Option<Size>,
    /// How large all artifacts of a run may be together, at any moment [default: 128MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) artifacts_limit: Option<Size>,
    /// How many files and folders a run may make, at any moment [default: 20000]
    #[arg(long, value_name = "N")]
    pub(crate) files_limit: Option<u64>,
    /// How much a run may print, on both streams together [default: 16MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) output_limit: Option<Size>,
    /// How many messages a run may send [default: 1000000]
    #[arg(long, value_name = "N")]
    pub(crate) messages_limit: Option<u64>,
    /// How many messages of a run are taken in a second; more have to wait [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    pub(crate) message_rate: Option<u64>,
    /// Run only what git knows: `git status` must be empty; as ORKET_RELIABLE_REQUIRE_CLEAN_GIT=1
    #[arg(long)]
    pub(crate) require_clean_git: bool,
    /// Switch Reliable Mode off, as ORKET_RELIABLE_MODE=off does
    #[arg(long, conflicts_with = "require_clean_git")]
    pub(crate) no_reliable: bool,
}
