//! What surroundings mean for one run: where its stage lies, and what its guest is started in.

use super::{Around, Dimension, Surroundings};
use crate::error::Error;
use crate::sandbox::{Ambient, Confinement};
use crate::store::{self, Stage, Store};
use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file system in memory, which lists folders in another order than a disk.
const MEMORY: &str = "/dev/shm";
/// What a program of the user's finds, where nothing is unusual.
const USUAL: [(&str, &str); 8] = [
    ("COLUMNS", "80"),
    ("LANG", "C.UTF-8"),
    ("LOGNAME", "orket"),
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("SHELL", "/bin/sh"),
    ("TERM", "xterm"),
    ("TZ", "UTC"),
    ("USER", "orket"),
];
/// What it finds besides on a build machine.
const CI: [(&str, &str); 7] = [
    ("BUILD_NUMBER", "4711"),
    ("CI", "true"),
    ("DEBUG", "1"),
    ("EDITOR", "vi"),
    ("NO_COLOR", "1"),
    ("RUST_BACKTRACE", "1"),
    ("XDG_RUNTIME_DIR", "/run/user/4242"),
];
/// Which of the usual ones a bare environment has not.
const NOT_BARE: [&str; 5] = ["LOGNAME", "SHELL", "TERM", "TMPDIR", "USER"];
/// `personality(2)`: addresses are the same in every run.
const NO_RANDOM_ADDRESSES: u32 = 0x0004_0000;
/// `personality(2)`: the kernel calls itself 2.6.
const OLD_RELEASE: u32 = 0x0002_0000;
/// What processors have had since 2013 and not all of them before, as glibc names it.
const NEW_FEATURES: &str =
    "-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-FMA4,-BMI2,-LZCNT,-MOVBE";
/// How much of a folder is found again.
const LEFT_FILES_MAX: usize = 10_000;

/// One run's world.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Around);

impl World {
    pub(crate) fn of(around: Around) -> Self {
        Self(around)
    }

    fn chosen(&self) -> &Surroundings {
        &self.0.surroundings
    }

    /// Where the run is staged.
    pub(crate) fn stage(&self, store: &Store) -> Result<Stage, Error> {
        match self.chosen().value(Dimension::FsOrder) {
            Some(_) if is_memory(Path::new(MEMORY)) => memory_store().stage(),
            _ => store.stage(),
        }
    }

    /// Gives staged materials another order and another time.
    pub(crate) fn disturb(&self, stage: &Stage) -> Result<(), Error> {
        let workspace = stage.workspace();
        if let Some(seed) = self.chosen().number(Dimension::FsOrder) {
            reorder(&workspace, seed)?;
        }
        if let Some(seconds) = self.chosen().number(Dimension::Mtime) {
            let changed = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let times = FileTimes::new().set_accessed(changed).set_modified(changed);
            for path in below(&workspace)? {
                let path = workspace.join(path);
                let set = File::open(&path).and_then(|file| file.set_times(times));
                set.map_err(Error::store("write", &path))?;
            }
        }
        Ok(())
    }

    /// Says what the guest is started in.
    pub(crate) fn furnish(
        &self,
        cell: &mut Confinement,
        stage: &Stage,
        program: &Path,
        store: &Store,
    ) -> Result<(), Error> {
        let chosen = self.chosen();
        let around = &mut cell.around;
        around.host_name = chosen.value(Dimension::Hostname).map(str::to_owned);
        around.umask = chosen.value(Dimension::Umask).and_then(|mask| u32::from_str_radix(mask, 8).ok());
        around.stack_bytes = chosen.number(Dimension::Stack);
        around.open_files = chosen.number(Dimension::OpenFiles);
        around.descriptors = chosen.number(Dimension::Fds).unwrap_or_default();
        around.processors = chosen.number(Dimension::Cpus);
        around.jitter = chosen.number(Dimension::Jitter);
        around.load = chosen.number(Dimension::Load).unwrap_or_default();
        around.chunk_bytes = chosen.number(Dimension::Chunks);
        around.personality = self.personality();
        if self.0.ambient {
            cell.threads = true;
            cell.environment = BTreeMap::new();
            let ambient = self.ambient(cell, stage, program, store)?;
            cell.around.ambient = Some(Box::new(ambient));
            cell.around.umask.get_or_insert(0o022);
        }
        Ok(())
    }

    fn personality(&self) -> Option<u32> {
        let flag = |dimension, flag| self.chosen().value(dimension).map_or(0, |_| flag);
        let flags = flag(Dimension::Aslr, NO_RANDOM_ADDRESSES) | flag(Dimension::Kernel, OLD_RELEASE);
        (self.0.ambient || flags != 0).then_some(flags)
    }

    /// Makes the folders of an ambient run, and shows them where every run of the project finds them.
    fn ambient(
        &self,
        cell: &mut Confinement,
        stage: &Stage,
        program: &Path,
        store: &Store,
    ) -> Result<Ambient, Error> {
        let chosen = self.chosen();
        let own = stage.dir().join("around");
        for folder in ["cwd/artifacts", "cwd/workspace", "home", "tmp"] {
            store::create_dir(&own.join(folder))?;
        }
        if let (Some(earlier), Some(_)) = (&self.0.earlier, chosen.value(Dimension::FreshState)) {
            for folder in ["cwd", "home", "tmp"] {
                leave(&earlier.join("around").join(folder), &own.join(folder))?;
            }
        }
        let root = store.dir().join("around");
        store::create_dir(&root)?;
        let root = root.canonicalize().map_err(Error::store("find", &root))?;
        let place = |folder: &str, value: Option<&str>| -> Result<PathBuf, Error> {
            let place = root.join(folder).join(value.unwrap_or("usual"));
            store::create_dir(&place).map(|()| place)
        };
        let cwd = place("cwd", chosen.value(Dimension::Cwd))?;
        let home = place("home", chosen.value(Dimension::Home))?;
        let tmp = place("tmp", None)?;
        let stem = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let shown = chosen.value(Dimension::ExePath).map_or_else(|| format!("usual/{stem}"), str::to_owned);
        let shown = root.join("exe").join(shown);
        covered(&shown)?;
        self.variables(&mut cell.environment, [&cwd, &home, &tmp]);
        Ok(Ambient {
            user: chosen.number(Dimension::Uid),
            shown: vec![
                (own.join("cwd"), cwd.clone()),
                (stage.workspace(), cwd.join("workspace")),
                (stage.artifacts(), cwd.join("artifacts")),
                (own.join("home"), home),
                (own.join("tmp"), tmp),
                (program.to_path_buf(), shown.clone()),
            ],
            folder: cwd,
            program: shown,
            columns: chosen
                .number(Dimension::Tty)
                .map(|usual| chosen.number(Dimension::Columns).unwrap_or(usual)),
            piece_bytes: chosen.number(Dimension::Stdin),
            ahead_ns: self.ahead_ns(),
            entropy: chosen.number(Dimension::Entropy),
        })
    }

    /// How far the clocks of a run that begins now are ahead of those of the machine.
    fn ahead_ns(&self) -> i64 {
        let ahead_s: i64 = self.chosen().number(Dimension::Time).unwrap_or_default();
        let since = self.0.begins.map(|begins| begins.elapsed().unwrap_or_default());
        let since = since.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or_default());
        ahead_s.saturating_mul(1_000_000_000).saturating_sub(since)
    }

    /// The environment of an ambient run.
    fn variables(&self, environment: &mut BTreeMap<String, String>, [cwd, home, tmp]: [&PathBuf; 3]) {
        let chosen = self.chosen();
        let mut set = |name: &str, value: &str| drop(environment.insert(name.to_owned(), value.to_owned()));
        USUAL.iter().for_each(|(name, value)| set(name, value));
        for (name, folder) in [("HOME", home), ("PWD", cwd), ("TMPDIR", tmp)] {
            set(name, &folder.to_string_lossy());
        }
        for (dimension, names) in [
            (Dimension::Locale, &["LANG", "LC_ALL"][..]),
            (Dimension::Tz, &["TZ"]),
            (Dimension::Path, &["PATH"]),
            (Dimension::Columns, &["COLUMNS"]),
        ] {
            chosen
                .value(dimension)
                .into_iter()
                .for_each(|value| names.iter().for_each(|name| set(name, value)));
        }
        let tunables = self.tunables();
        if !tunables.is_empty() {
            set("GLIBC_TUNABLES", &tunables);
        }
        match chosen.value(Dimension::Environment) {
            Some("ci") => CI.iter().for_each(|(name, value)| set(name, value)),
            Some(_) => NOT_BARE.iter().for_each(|name| drop(environment.remove(*name))),
            None => {}
        }
    }

    fn tunables(&self) -> String {
        let mut tunables = Vec::new();
        if let Some(value) = self.chosen().value(Dimension::Hwcaps) {
            let more = if value == "no-avx" { ",-AVX,-AVX_Usable" } else { "" };
            tunables.push(format!("glibc.cpu.hwcaps={NEW_FEATURES}{more}"));
        }
        if let Some(value) = self.chosen().value(Dimension::MallocPerturb) {
            tunables.push(format!("glibc.malloc.perturb={value}"));
        }
        tunables.join(":")
    }
}

/// The store of stages in memory, of this user alone.
fn memory_store() -> Store {
    #[cfg(target_os = "linux")]
    let user = rustix::process::geteuid().as_raw();
    #[cfg(not(target_os = "linux"))]
    let user = 0;
    Store::at(Path::new(MEMORY).join(format!("orket-{user}")))
}

/// Whether a folder is there and lies in memory.
fn is_memory(folder: &Path) -> bool {
    #[cfg(target_os = "linux")]
    {
        const TMPFS: u64 = 0x0102_1994;
        rustix::fs::statfs(folder).is_ok_and(|found| u64::try_from(found.f_type) == Ok(TMPFS))
            && rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        false
    }
}

/// A file that something can be shown at.
fn covered(path: &Path) -> Result<(), Error> {
    if let Some(above) = path.parent() {
        store::create_dir(above)?;
    }
    File::options().create(true).append(true).open(path).map(drop).map_err(Error::store("write", path))
}

/// Every file below a folder, by its path from there, sorted.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        for entry in fs::read_dir(&path).map_err(Error::store("list", &path))? {
            let entry = entry.map_err(Error::store("list", &path))?;
            let kind = entry.file_type().map_err(Error::store("read", &entry.path()))?;
            let inner = inner.join(entry.file_name());
            if kind.is_dir() {
                folders.push(inner);
            } else if kind.is_file() {
                files.push(inner);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Makes the same files anew in another order, which is the order in which a file system in memory lists them.
fn reorder(folder: &Path, seed: u64) -> Result<(), Error> {
    let before = folder.with_extension("staged");
    fs::rename(folder, &before).map_err(Error::store("move", folder))?;
    store::create_dir(folder)?;
    for file in super::Draws::new(seed).shuffled(below(&before)?) {
        let (from, to) = (before.join(&file), folder.join(&file));
        to.parent().map_or(Ok(()), store::create_dir)?;
        fs::hard_link(&from, &to).map_err(Error::store("write", &to))?;
    }
    fs::remove_dir_all(&before).map_err(Error::store("remove", &before))
}

/// Copies what an earlier run has left.
fn leave(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.is_dir() {
        return Ok(());
    }
    for file in below(from)?.into_iter().take(LEFT_FILES_MAX) {
        let (from, to) = (from.join(&file), to.join(&file));
        to.parent().map_or(Ok(()), store::create_dir)?;
        fs::copy(&from, &to).map_err(Error::store("write", &to))?;
    }
    Ok(())
}

/// What is unusual in the sandbox's own words, for tests.
#[cfg(test)]
fn around(text: &str) -> crate::sandbox::Around {
    let surroundings = text.parse().expect("surroundings");
    let world = World::of(Around { surroundings, ..Around::default() });
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::at(folder.path().join("store"));
    let stage = store.stage().expect("a stage");
    let mut cell = Confinement::new(stage.dir());
    world.furnish(&mut cell, &stage, Path::new("/program"), &store).expect("furnished");
    cell.around
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_surroundings_change_nothing_of_a_confined_guest() {
        assert_eq!(around(""), crate::sandbox::Around::default());
    }

    #[test]
    fn a_confined_guest_begins_in_what_was_chosen() {
        let found = around("umask=077 kernel=2.6 aslr=off fds=3 chunks=7 hostname=zeta");
        assert_eq!((found.umask, found.descriptors, found.chunk_bytes), (Some(0o077), 3, Some(7)));
        assert_eq!(found.personality, Some(0x0006_0000));
        assert_eq!(found.host_name.as_deref(), Some("zeta"));
        assert_eq!(found.ambient, None);
    }

    #[test]
    fn files_are_the_same_in_another_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = folder.path().join("workspace");
        for name in ["a/1", "a/2", "b"] {
            let path = workspace.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, name).expect("written");
        }
        let before = below(&workspace).expect("listed");
        reorder(&workspace, 3).expect("reordered");
        assert_eq!(below(&workspace).expect("listed"), before);
        assert_eq!(fs::read_to_string(workspace.join("a/2")).expect("read"), "a/2");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1);
    }
}
