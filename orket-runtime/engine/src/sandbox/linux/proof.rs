//! Before anything foreign runs on a machine, a guest of ours shows that the sandbox holds there.
//!
//! Once for each boot, place, program, user and set of accepted weakenings. What was shown is remembered by this process and in
//! the user's cache folder: `$XDG_CACHE_HOME/orket`, else `.cache/orket` in the home folder. Where there is no such folder,
//! each process tries anew.

use super::super::{Error, Layer, Showing, Trial};
use super::trial;
use crate::store;
use orket_contract::digest::Digest;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// Names what was shown last.
const FILE: &str = "sandbox";
const FILE_BYTES_MAX: u64 = 64;

/// The weakenings under which it was shown to this process.
static SHOWN: Mutex<BTreeSet<Vec<Layer>>> = Mutex::new(BTreeSet::new());

/// Shows that the layers which the kernel accepts also hold, unless that was shown before.
///
/// # Errors
/// `sandbox.broken` if a guest could do what it may not, or could not do what it may; as [`trial::try_out`].
pub(crate) fn prove(weakenings: &[Layer]) -> Result<(), Error> {
    // Others wait: one trial is enough for all.
    let mut shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if shown.contains(weakenings) {
        return Ok(());
    }
    let (circumstances, file) = (circumstances(weakenings), file());
    let is_known = |file: &PathBuf| {
        let found = store::read_bounded(file, FILE_BYTES_MAX).ok();
        found.is_some_and(|found| circumstances.as_ref().is_some_and(|now| found == now.as_bytes()))
    };
    if !file.as_ref().is_some_and(is_known) {
        judge(&trial::try_out_in(|confinement| confinement.weakenings = weakenings.to_vec())?)?;
        if let (Some(file), Some(now)) = (file, circumstances) {
            // What cannot be remembered is shown again.
            let _ = file.parent().map(store::create_dir);
            let _ = store::write_whole(&file, now.as_bytes());
        }
    }
    shown.insert(weakenings.to_vec());
    Ok(())
}

/// Refuses a sandbox of which a layer that is reported as in force does not hold.
fn judge(trial: &Trial) -> Result<(), Error> {
    let is_enforced = |layer| trial.layers.iter().any(|status| status.layer == layer && status.is_enforced());
    let broken = trial.attempts.iter().find(|attempt| {
        attempt.showing() == Showing::Broken && (attempt.allowed || is_enforced(attempt.layer))
    });
    broken.map_or(Ok(()), |attempt| {
        let could = if attempt.allowed { "could not" } else { "could" };
        Err(Error::Broken { layer: attempt.layer, deed: format!("{could} {}", attempt.name) })
    })
}

/// Everything that what was shown depends on, as a digest; none where the kernel does not tell it.
fn circumstances(weakenings: &[Layer]) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let place = ["user", "mnt"].map(|kind| fs::read_link(format!("/proc/self/ns/{kind}")).ok());
    let program = fs::metadata("/proc/self/exe").ok()?;
    let program = (
        program.dev(),
        program.ino(),
        program.size(),
        program.mtime(),
        program.mtime_nsec(),
        program.ctime(),
    );
    let user = rustix::process::geteuid().as_raw();
    Some(Digest::of(format!("{boot} {place:?} {program:?} {user} {weakenings:?}").as_bytes()).to_string())
}

fn file() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let folder = named.or_else(|| Some(std::env::home_dir()?.join(".cache")))?;
    folder.is_absolute().then(|| folder.join("orket").join(FILE))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Attempt, LayerStatus, Outcome, State};
    use super::*;

    fn judged(state: State, allowed: bool, inside: Outcome) -> Result<(), Error> {
        let attempt = Attempt {
            name: "list /dev".to_owned(),
            layer: Layer::Files,
            allowed,
            inside,
            outside: Outcome::Done,
        };
        let layers = vec![LayerStatus { layer: Layer::Files, state }];
        judge(&Trial { layers, profile: None, attempts: vec![attempt] })
    }

    #[test]
    fn a_layer_that_is_said_to_hold_and_does_not_is_refused() {
        let refused = || Outcome::Refused("denied".to_owned());
        let missing = || State::Missing { errno: 38, message: "x".to_owned() };
        assert!(judged(State::Enforced, false, refused()).is_ok());
        assert!(judged(missing(), false, Outcome::Done).is_ok());
        assert!(judged(missing(), true, Outcome::Done).is_ok());
        for (allowed, inside, deed) in
            [(false, Outcome::Done, "could list /dev"), (true, refused(), "could not list /dev")]
        {
            let error = judged(State::Enforced, allowed, inside).unwrap_err();
            assert_eq!(error.code(), "sandbox.broken");
            let said = error.to_string();
            assert!(said.contains("`files`") && said.contains(deed), "{said}");
        }
    }

    #[test]
    fn what_was_shown_holds_for_the_same_circumstances_alone() {
        assert_eq!(circumstances(&[]), circumstances(&[]));
        assert_ne!(circumstances(&[]), circumstances(&[Layer::Files]));
    }
}
