//! A host of its own, as a certain user and perhaps on a machine that lacks layers: because neither can be undone in a process.

use crate::attempt::{Attempt, NEED, Outcome};
use crate::bait::{Baits, VARIABLE};
use crate::make::{Surroundings, inside, outside};
use crate::{host, lifetime, subject};
use orket_engine::sandbox::{Layer, Profile};
use serde::{Deserialize, Serialize};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// The argument that makes this program play a part.
pub(crate) const MARK: &str = "--play";
/// A user to whom nothing on any machine belongs.
const NOBODY: u32 = 54_321;
/// Attempts are made side by side, as many as an ordinary machine has processors.
const SIDES: usize = 2;

/// Whose process the host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum User {
    Root,
    Ordinary,
}

impl User {
    /// Those as which this process can play: root as both.
    pub(crate) fn all() -> &'static [User] {
        match rustix::process::geteuid().is_root() {
            true => &[User::Ordinary, User::Root],
            false => &[User::Ordinary],
        }
    }
}

/// What is to be played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) user: User,
    pub(crate) profile: Profile,
    /// Whether guests come from a box that stays.
    pub(crate) served: bool,
    /// Layers that are left out.
    pub(crate) without: Vec<Layer>,
    /// The names of the attempts; none for all.
    pub(crate) only: Vec<String>,
    /// Whether each is made outside, too.
    pub(crate) controlled: bool,
}

/// What came of one attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Played {
    pub(crate) name: String,
    pub(crate) inside: Outcome,
    /// What was touched although it may not be.
    pub(crate) harm: Option<String>,
    pub(crate) outside: Option<Outcome>,
}

impl Part {
    /// Plays it in a process of its own.
    pub(crate) fn play(&self) -> Vec<Played> {
        let mut command = Command::new("/proc/self/exe");
        command.arg(MARK).arg(serde_json::to_string(self).expect("a part is JSON"));
        command.env(VARIABLE, "secret").stdin(Stdio::null()).stderr(Stdio::inherit());
        if self.user == User::Ordinary && rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.output().expect("a host starts");
        assert!(output.status.success(), "{self:?}: {:?}", output.status);
        serde_json::from_slice(&output.stdout).expect("a host answers")
    }

    /// Makes the attempts in this process and says on stdout what came of them.
    #[allow(clippy::print_stdout)] // the answer
    pub(crate) fn serve(&self) -> ! {
        if self.user == User::Root {
            host::own_surroundings();
        }
        if self.without.contains(&Layer::Descriptors) {
            host::lack_close_range();
        }
        let chosen = |name: &str| self.only.is_empty() || self.only.iter().any(|only| only == name);
        let by_itself = |attempt: &&Attempt| attempt.name != lifetime::NAME && chosen(attempt.name);
        let attempts: Vec<_> = subject::all().filter(by_itself).collect();
        let mut played: Vec<Played> = std::thread::scope(|scope| {
            let sides: Vec<_> = (0..SIDES)
                .map(|side| {
                    let share: Vec<_> = attempts.iter().skip(side).step_by(SIDES).copied().collect();
                    scope.spawn(move || self.make(&share))
                })
                .collect();
            sides.into_iter().flat_map(|side| side.join().expect("no panic")).collect()
        });
        // A box that stays is never started by a thread that ends.
        if chosen(lifetime::NAME) && !self.served {
            played.push(lifetime::outlive(self));
        }
        println!("{}", serde_json::to_string(&played).expect("the outcomes are JSON"));
        std::process::exit(0)
    }

    fn make(&self, attempts: &[&Attempt]) -> Vec<Played> {
        let mut baits = Baits::new().expect("bait is laid out");
        let mut made = Vec::new();
        let need = inside(&NEED, &self.surroundings(&baits)).expect("a guest starts");
        assert_eq!(need, Outcome::Done, "{self:?}: guests do not run");
        for attempt in attempts {
            let inside = inside(attempt, &self.surroundings(&baits));
            let inside = inside.unwrap_or_else(|error| panic!("{}: {error:?}", attempt.name));
            let harm = baits.disturbed();
            if harm.is_some() {
                baits = Baits::new().expect("bait is laid out");
            }
            let control = || outside(attempt, &self.surroundings(&baits)).expect("a control starts");
            let outside = self.controlled.then(control);
            if self.controlled && baits.disturbed().is_some() {
                baits = Baits::new().expect("bait is laid out");
            }
            made.push(Played { name: attempt.name.to_owned(), inside, harm, outside });
        }
        made
    }

    fn surroundings<'a>(&'a self, baits: &'a Baits) -> Surroundings<'a> {
        Surroundings {
            profile: self.profile,
            served: self.served,
            omitted: &self.without,
            bait: &baits.bait,
            stage: baits.stage(),
        }
    }
}
