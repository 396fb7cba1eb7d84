//! Files, ports and scopes: Landlock.
//!
//! The first three versions of Landlock are one hard requirement (before the third, a guest could truncate any file); what came
//! later is applied where it is there. Landlock sees neither `stat`, `chmod` nor `chdir`: the system call filter refuses what
//! of that can be refused.

use super::super::{Confinement, Error, Layer};
use super::kernel;
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope, make_bitflags,
};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

const BASE: ABI = ABI::V3;

/// Every right, opened while paths can still be opened.
pub(super) struct Rules {
    opened: Vec<(OwnedFd, BitFlags<AccessFs>)>,
}

/// Opens everything that the confinement names, and nothing else.
pub(super) fn rules(confinement: &Confinement, executable: Option<BorrowedFd<'_>>) -> Result<Rules, Error> {
    let mut opened = Vec::new();
    if let Some(executable) = executable {
        let beneath = executable.try_clone_to_owned();
        let beneath = beneath.map_err(|e| Error::failed("no second handle of the executable", e))?;
        opened.push((beneath, EXECUTE));
    }
    for Grant { path, rights, may_be_missing } in grants(confinement) {
        if may_be_missing && !path.exists() {
            continue;
        }
        let beneath = open(path);
        let step = || format!("{} cannot be granted", path.display());
        let (beneath, is_folder) = beneath.map_err(|e| Error::failed(step(), e))?;
        let applicable = match is_folder {
            true => BitFlags::all(),
            false => AccessFs::from_file(BASE),
        };
        opened.push((beneath, rights & applicable));
    }
    Ok(Rules { opened })
}

/// A path and what may be done at and below it.
struct Grant<'a> {
    path: &'a Path,
    rights: BitFlags<AccessFs>,
    may_be_missing: bool,
}

const EXECUTE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{Execute | ReadFile});
const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
/// Without links, devices, sockets and pipes.
const CHANGE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir | Refer
});

/// The confinement as Landlock says it.
fn grants(confinement: &Confinement) -> Vec<Grant<'_>> {
    let all = [
        (&confinement.libraries, EXECUTE, true),
        (&confinement.read_only, READ, false),
        (&confinement.read_write, CHANGE, false),
    ];
    let mut grants = Vec::new();
    for (paths, rights, may_be_missing) in all {
        grants.extend(paths.iter().map(|path| Grant { path, rights, may_be_missing }));
    }
    grants
}

/// A handle that names the place, and whether it is a folder.
fn open(path: &Path) -> io::Result<(OwnedFd, bool)> {
    use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
    let beneath = openat(CWD, path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
    let kind = FileType::from_raw_mode(fstat(&beneath)?.st_mode);
    Ok((beneath, kind == FileType::Directory))
}

impl Rules {
    /// The descriptor of a ruleset for `landlock_restrict_self`; `lenient` where the layer may be missing, with ports and scopes as
    /// `wanted`.
    pub(super) fn ruleset(self, lenient: bool, wanted: [bool; 2]) -> io::Result<OwnedFd> {
        kernel::landlock_version()?;
        let made = self.make(lenient, wanted).map_err(|e| os_error(&e))?;
        Option::<OwnedFd>::from(made).ok_or_else(|| io::Error::from_raw_os_error(libc::EOPNOTSUPP))
    }

    fn make(self, lenient: bool, [ports, scopes]: [bool; 2]) -> Result<RulesetCreated, RulesetError> {
        let level = match lenient {
            true => CompatLevel::BestEffort,
            false => CompatLevel::HardRequirement,
        };
        let mut rules = Ruleset::default()
            .set_compatibility(level)
            .handle_access(AccessFs::from_all(BASE))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::IoctlDev)?;
        if ports {
            rules = rules.handle_access(make_bitflags!(AccessNet::{BindTcp | ConnectTcp}))?;
        }
        if scopes {
            rules = rules.scope(make_bitflags!(Scope::{Signal | AbstractUnixSocket}))?;
        }
        let mut rules = rules.create()?.set_compatibility(level);
        for (beneath, rights) in self.opened {
            rules = rules.add_rule(PathBeneath::new(beneath, rights))?;
        }
        Ok(rules)
    }
}

/// What later versions of Landlock added: which layer, and since which version.
pub(super) const LATER: [(Layer, i64); 2] = [(Layer::Ports, 4), (Layer::Scopes, 6)];

fn os_error(error: &(dyn std::error::Error + 'static)) -> io::Error {
    let mut cause = Some(error);
    while let Some(current) = cause {
        if let Some(code) = current.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return io::Error::from_raw_os_error(code);
        }
        cause = current.source();
    }
    io::Error::other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn a_confinement_becomes_these_rights() {
        let mut confinement = Confinement::new("/stage");
        confinement.libraries = vec!["/lib".into()];
        confinement.read_only.push("/stage/workspace".into());
        confinement.read_write.push("/stage/artifacts".into());
        let found: Vec<String> = grants(&confinement)
            .iter()
            .map(|grant| format!("{} {}", grant.path.display(), grant.rights))
            .collect();
        assert_eq!(
            found,
            [
                "/lib Execute | ReadFile",
                "/stage/workspace ReadFile | ReadDir",
                "/stage/artifacts WriteFile | ReadFile | ReadDir | RemoveDir | RemoveFile | MakeDir | MakeReg | Refer | Truncate",
            ]
        );
    }

    #[test]
    fn only_libraries_may_be_missing() {
        let executable = tempfile::tempfile().unwrap();
        let mut confinement = Confinement::new("/stage");
        confinement.libraries.push("/nowhere".into());
        assert!(rules(&confinement, Some(executable.as_fd())).is_ok());
        confinement.read_only.push("/nowhere".into());
        assert!(rules(&confinement, Some(executable.as_fd())).is_err());
    }
}
