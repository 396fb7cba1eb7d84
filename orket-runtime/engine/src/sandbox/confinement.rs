//! All that a guest may touch, as data. Whatever is not named here does not exist for it.

use super::{Ambient, Around, Error, Layer, Profile};
use orket_contract::limit::MEMORY_BYTES_MIN;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::CString;
use std::io;
use std::path::{Path, PathBuf};

/// All that a guest may touch.
///
/// Starts from nothing: [`Confinement::new`] grants the loader's own trees, so that a dynamically linked program can start, and
/// nothing else. Network is not here because a guest never has any. Arguments and environment are the host's own words, for libc
/// and for an interpreter that needs them: never an author's.
///
/// # Example
/// ```
/// # use orket_engine::sandbox::Confinement;
/// let mut confinement = Confinement::new("/tmp/stage");
/// confinement.read_only.push("/tmp/stage/workspace".into());
/// confinement.read_write.push("/tmp/stage/artifacts".into());
/// assert!(!confinement.threads);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confinement {
    /// The guest's working directory. It grants nothing by itself.
    pub stage: PathBuf,
    /// Trees and files that may be read and listed.
    pub read_only: Vec<PathBuf>,
    /// Trees that may be read, listed and changed; symbolic links, devices, sockets and pipes cannot be made in them.
    pub read_write: Vec<PathBuf>,
    /// Trees and files that the dynamic loader reads and maps executable. Those that do not exist are passed over.
    pub libraries: Vec<PathBuf>,
    /// The words that it is started with, after its name.
    pub arguments: Vec<String>,
    /// Its environment: as it is here, what makes libc the same on every processor.
    pub environment: BTreeMap<String, String>,
    /// What it may use up.
    pub limits: Limits,
    /// Whether it may start threads. Processes are never allowed.
    pub threads: bool,
    /// Whether the program has a virtual standard library, so that neither kernel nor processor need tell it the moment or the machine.
    pub virtual_std: bool,
    /// Whether the sandbox reads what it prints, keeps the beginning and counts it; else that is the caller's.
    pub captured: bool,
    /// Layers whose absence the operator accepts. A layer that is there is applied all the same.
    pub weakenings: Vec<Layer>,
    /// The profile that must hold, and no layer beyond it. Without one: the strongest that this machine has.
    pub profile: Option<Profile>,
    /// Layers that are left out although they are there: tests show with it what each layer is worth.
    pub omitted: Vec<Layer>,
    /// What of the world around it is not as usual.
    #[serde(default)]
    pub around: Around,
}

/// What a guest may use up. Wall time is the caller's: time spent waiting for a person does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Private writable memory: heap, data, thread stacks.
    pub memory_bytes: u64,
    /// The main thread's stack, which counts on its own.
    pub stack_bytes: u64,
    /// Processor time, in milliseconds.
    pub cpu_ms: u64,
    /// How much of a processor it may use, in percent of one; without, all that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<u64>,
    /// Open files, the four standard ones included.
    pub open_files: u64,
    /// Threads at any moment, where it may start any.
    pub threads_max: u64,
    /// The largest file that may be written.
    pub file_bytes_max: u64,
    /// What all files in the trees that it may change may have together, at any moment.
    pub total_bytes_max: u64,
    /// How many files and folders there may be in those trees, at any moment.
    pub files_max: u64,
    /// What it may print, on both streams together.
    pub output_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            memory_bytes: 512 << 20,
            stack_bytes: 8 << 20,
            cpu_ms: 60_000,
            cpu_percent: None,
            open_files: 64,
            threads_max: 256,
            file_bytes_max: 32 << 20,
            total_bytes_max: 128 << 20,
            files_max: 20_000,
            output_bytes_max: 16 << 20,
        }
    }
}

/// Where dynamic loaders and the libraries of a system live.
const LIBRARIES: [&str; 7] =
    ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache"];

/// What every guest finds. libc chooses among several versions of its functions by what the processor can do; those of mathematics
/// that multiply and add at once give other digits.
const ENVIRONMENT: &[(&str, &str)] = match cfg!(target_arch = "x86_64") {
    true => &[("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-FMA4,-FMA_Usable,-FMA4_Usable")],
    false => &[],
};

/// Where a guest finds its stage, if it has a tree of its own.
pub(super) const STAGE: &str = "/orket";

/// Below this the kernel may refuse to execute anything.
const STACK_BYTES_MIN: u64 = 256 << 10;
/// The launcher keeps two descriptors above the guest's limit, which must fit under an ordinary host's.
const OPEN_FILES: std::ops::RangeInclusive<u64> = 8..=512;

/// The most that arguments and environment may have together.
const WORDS_BYTES_MAX: usize = 16 << 10;

impl Confinement {
    /// A guest that works in `stage` and can touch nothing at all.
    pub fn new(stage: impl Into<PathBuf>) -> Self {
        Confinement {
            stage: stage.into(),
            read_only: Vec::new(),
            read_write: Vec::new(),
            libraries: LIBRARIES.iter().map(PathBuf::from).collect(),
            arguments: Vec::new(),
            environment: ENVIRONMENT.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            limits: Limits::default(),
            threads: false,
            virtual_std: true,
            captured: false,
            weakenings: Vec::new(),
            profile: None,
            omitted: Vec::new(),
            around: Around::default(),
        }
    }

    /// Whether the operator accepts that `layer` is missing.
    pub fn accepts_missing(&self, layer: Layer) -> bool {
        // With threads nothing repeats anyway.
        let is_required = layer.is_required() && !(self.threads && layer.is_repeatability());
        !is_required || self.weakenings.contains(&layer) || self.leaves_out(layer)
    }

    /// Whether `layer` is not to be applied even where it is there.
    pub fn leaves_out(&self, layer: Layer) -> bool {
        let is_ambient = self.ambient().is_some();
        is_ambient && !matches!(layer, Layer::Descriptors | Layer::ParentDeath)
            || self.omitted.contains(&layer)
            || (!self.virtual_std && layer.is_for_virtual_std())
            // Who would answer for it?
            || (layer == Layer::Counter && self.omitted.contains(&Layer::StartVector))
            || self.profile.is_some_and(|profile| !profile.contains(layer))
    }

    /// The world of a guest without a sandbox, where it is one.
    pub fn ambient(&self) -> Option<&Ambient> {
        self.around.ambient.as_deref()
    }

    /// Whether a guest could be started at all with these values.
    ///
    /// # Errors
    /// `sandbox.failed` for a path that cannot be granted, and for a limit below what any program needs.
    pub fn check(&self) -> Result<(), Error> {
        let granted = [&self.read_only, &self.read_write, &self.libraries].into_iter().flatten();
        for path in granted.clone().chain([&self.stage]) {
            check_that(path.is_absolute(), || format!("path {} is not absolute", path.display()))?;
            check_that(path != Path::new("/"), || "the whole file system cannot be granted".into())?;
        }
        for path in granted {
            self.check_beside_the_stage(path)?;
        }
        self.words()?;
        let limits = &self.limits;
        check_that(limits.memory_bytes >= MEMORY_BYTES_MIN, || {
            format!("a memory limit below {MEMORY_BYTES_MIN} bytes lets nothing start")
        })?;
        check_that(limits.stack_bytes >= STACK_BYTES_MIN, || {
            format!("a stack limit below {STACK_BYTES_MIN} bytes lets nothing start")
        })?;
        check_that(limits.cpu_ms > 0, || "a limit of no processor time lets nothing start".into())?;
        check_that(limits.cpu_percent != Some(0), || "a rate of no processor time lets nothing run".into())?;
        check_that(OPEN_FILES.contains(&limits.open_files), || {
            format!("the limit of open files must be in {OPEN_FILES:?}")
        })
    }

    /// What holds the stage would show it a second time, with other rights; what lies where a guest finds it would hide it.
    fn check_beside_the_stage(&self, path: &Path) -> Result<(), Error> {
        let (holds, is_in) = (self.stage.starts_with(path), path.starts_with(&self.stage));
        check_that(!holds || is_in, || format!("path {} holds the stage", path.display()))?;
        check_that(is_in || !path.starts_with(STAGE), || {
            format!("path {} lies where a guest finds its stage, {STAGE}", path.display())
        })
    }
}

/// What a guest is started with: its arguments after its name, and its environment.
pub(super) struct Words {
    pub(super) arguments: Vec<CString>,
    pub(super) environment: Vec<CString>,
}

impl Confinement {
    /// The words as the kernel takes them.
    ///
    /// # Errors
    /// `sandbox.failed` for a word that the kernel cannot take, and for too many of them.
    pub(super) fn words(&self) -> Result<Words, Error> {
        let named = |(name, value): (&String, &String)| {
            check_that(!name.is_empty() && !name.contains('='), || {
                format!("`{name}` cannot be the name of a variable")
            })?;
            word(&format!("{name}={value}"))
        };
        let arguments = self.arguments.iter().map(|text| word(text)).collect::<Result<Vec<_>, _>>()?;
        let environment = self.environment.iter().map(named).collect::<Result<Vec<_>, _>>()?;
        let bytes: usize = arguments.iter().chain(&environment).map(|word| word.count_bytes()).sum();
        check_that(bytes <= WORDS_BYTES_MAX, || {
            format!("arguments and environment have more than {WORDS_BYTES_MAX} bytes")
        })?;
        Ok(Words { arguments, environment })
    }
}

fn word(text: &str) -> Result<CString, Error> {
    CString::new(text)
        .map_err(|error| Error::failed("the confinement cannot be used", io::Error::from(error)))
}

fn check_that(holds: bool, message: impl FnOnce() -> String) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    let source = io::Error::new(io::ErrorKind::InvalidInput, message());
    Err(Error::failed("the confinement cannot be used", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut Confinement)) -> Result<(), Error> {
        let mut confinement = Confinement::new("/stage");
        change(&mut confinement);
        confinement.check()
    }

    #[test]
    fn a_new_confinement_grants_only_the_loader_its_libraries() {
        let confinement = Confinement::new("/stage");
        assert!(confinement.read_only.is_empty() && confinement.read_write.is_empty());
        assert!(confinement.arguments.is_empty());
        assert!(confinement.environment.keys().all(|name| name == "GLIBC_TUNABLES"));
        assert!(!confinement.threads && confinement.weakenings.is_empty());
        assert!(confinement.profile.is_none() && confinement.omitted.is_empty());
        assert!(confinement.check().is_ok());
    }

    #[test]
    fn values_that_let_nothing_start_or_grant_everything_are_refused() {
        assert!(check(|c| c.read_only.push("workspace".into())).is_err());
        assert!(check(|c| c.read_write.push("/".into())).is_err());
        assert!(check(|c| c.limits.memory_bytes = 0).is_err());
        assert!(check(|c| c.limits.stack_bytes = 0).is_err());
        assert!(check(|c| c.limits.cpu_ms = 0).is_err());
        assert!(check(|c| c.limits.cpu_percent = Some(0)).is_err());
        assert!(check(|c| c.limits.open_files = 100_000).is_err());
        assert!(check(|c| c.arguments.push("a\0b".into())).is_err());
        assert!(check(|c| c.arguments.push("a".repeat(WORDS_BYTES_MAX + 1))).is_err());
        for name in ["", "A=B", "A\0"] {
            assert!(check(|c| drop(c.environment.insert(name.into(), String::new()))).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_would_show_the_stage_twice_or_hide_it_is_refused() {
        let lists: [fn(&mut Confinement) -> &mut Vec<PathBuf>; 3] =
            [|c| &mut c.read_only, |c| &mut c.read_write, |c| &mut c.libraries];
        let granted = |stage: &str, path: &str| {
            lists.map(|list| {
                let grant = |c: &mut Confinement| {
                    c.stage = stage.into();
                    list(c).push(path.into());
                };
                check(grant).is_ok()
            })
        };
        for stage in ["/work/stage", "/orket/stage"] {
            for path in [stage, &format!("{stage}/artifacts"), "/work/stage-2", "/orkets", "/usr"] {
                assert_eq!(granted(stage, path), [true; 3], "{path}");
            }
            for path in ["/orket", "/orket/lib"] {
                assert_eq!(granted(stage, path), [false; 3], "{path}");
            }
        }
        assert_eq!(granted("/work/inner/stage", "/work"), [false; 3]);
    }

    #[test]
    fn it_survives_the_way_to_the_launcher_and_prints_completely() {
        let mut confinement = Confinement::new("/stage");
        confinement.weakenings.push(Layer::Files);
        let text = serde_json::to_string(&confinement).unwrap();
        assert_eq!(serde_json::from_str::<Confinement>(&text).unwrap(), confinement);
        assert!(format!("{confinement:?}").contains("open_files: 64"));
        assert!(serde_json::from_str::<Confinement>(r#"{"stage":"/s"}"#).is_err());
    }

    #[test]
    fn only_named_layers_may_be_missing() {
        let mut confinement = Confinement::new("/stage");
        assert!(!confinement.accepts_missing(Layer::Files));
        assert!(confinement.accepts_missing(Layer::WriteXorExecute));
        confinement.weakenings.push(Layer::Files);
        assert!(confinement.accepts_missing(Layer::Files));
        assert!(!confinement.accepts_missing(Layer::SystemCalls));
    }

    #[test]
    fn what_a_profile_or_a_test_leaves_out_is_not_required() {
        let mut confinement = Confinement::new("/stage");
        assert!(Layer::ALL.into_iter().all(|layer| !confinement.leaves_out(layer)));
        confinement.omitted.push(Layer::Limits);
        assert!(confinement.leaves_out(Layer::Limits) && confinement.accepts_missing(Layer::Limits));
        assert!(!confinement.leaves_out(Layer::Files));
        confinement.profile = Some(Profile::Namespaces);
        assert!(confinement.leaves_out(Layer::Files) && confinement.accepts_missing(Layer::Files));
        assert!(!confinement.leaves_out(Layer::SystemCalls));
    }
}
