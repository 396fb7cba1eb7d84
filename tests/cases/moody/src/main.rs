//! Workloads of which each depends on one thing that it should not, and some that depend on nothing.

use orket_runtime::prelude::*;

/// Each says what it found as `found`.
#[orket_runtime::extension(id = "orket.moody")]
pub mod moody {
    use orket_runtime::prelude::*;
    use std::collections::{BTreeMap, HashMap};
    use std::os::fd::AsRawFd;
    use std::path::PathBuf;
    use std::time::SystemTime;

    fn found(value: impl ToString) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "found": value.to_string() }))
    }

    fn variable(name: &str) -> String {
        std::env::var(name).unwrap_or_default()
    }

    fn line(path: &str, start: &str) -> Result<String> {
        let text = std::fs::read_to_string(path)?;
        Ok(text.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned())
    }

    const WORDS: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

    /// A control: sorted keys.
    #[workload]
    pub fn sorted_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(WORDS.iter().zip(1..).collect::<BTreeMap<_, _>>().len())
    }

    /// A control: what a hash map is good for.
    #[workload]
    pub fn looked_up_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let map: HashMap<_, _> = WORDS.iter().zip(1..).collect();
        found(map[&"e"])
    }

    /// A control: a folder, sorted.
    #[workload(materials = ["content/*.txt"])]
    pub fn sorted_folder_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let mut names: Vec<_> = std::fs::read_dir(ctx.workspace_dir.join("content"))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.sort();
        found(names.join(" "))
    }

    /// INTRINSIC, by entropy.
    #[workload]
    pub fn hashed_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let map: HashMap<_, _> = WORDS.iter().zip(1..).collect();
        found(map.keys().map(|word| **word).collect::<String>())
    }

    /// INTRINSIC, by where memory lies.
    #[workload]
    pub fn address_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(format!("{:p}", Box::new(1)))
    }

    /// INTRINSIC.
    #[workload]
    pub fn pid_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::process::id())
    }

    /// ENV: time.
    #[workload]
    pub fn day_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        found(now.as_secs() / 86_400 / 100)
    }

    /// ENV: tz.
    #[workload]
    pub fn zone_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(variable("TZ"))
    }

    /// ENV: home.
    #[workload]
    pub fn home_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(variable("HOME"))
    }

    /// ENV: environment.
    #[workload]
    pub fn variables_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::env::vars_os().filter(|(name, _)| name != "LC_ALL").count())
    }

    /// ENV: cwd.
    #[workload]
    pub fn folder_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::env::current_dir()?.display())
    }

    /// ENV: exe-path.
    #[workload]
    pub fn program_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::env::current_exe()?.display())
    }

    /// ENV: hostname.
    #[workload]
    pub fn host_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::fs::read_to_string("/proc/sys/kernel/hostname")?.trim())
    }

    /// ENV: uid.
    #[workload]
    pub fn user_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(line("/proc/self/status", "Uid:")?)
    }

    /// ENV: umask.
    #[workload]
    pub fn mode_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(line("/proc/self/status", "Umask:")?)
    }

    /// ENV: stack.
    #[workload]
    pub fn stack_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(line("/proc/self/limits", "Max stack size")?)
    }

    /// ENV: open-files.
    #[workload]
    pub fn files_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(line("/proc/self/limits", "Max open files")?)
    }

    /// ENV: fds.
    #[workload]
    pub fn descriptor_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let held: Vec<_> = (0..4).map_while(|_| std::fs::File::open("/dev/null").ok()).collect();
        found(held.last().map_or(0, AsRawFd::as_raw_fd))
    }

    /// ENV: fs-order.
    #[workload(materials = ["content/*.txt"])]
    pub fn listed_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let mut names = String::new();
        for entry in std::fs::read_dir(ctx.workspace_dir.join("content"))? {
            names += &entry?.file_name().to_string_lossy();
        }
        found(names)
    }

    /// ENV: mtime.
    #[workload(materials = ["content/*.txt"])]
    pub fn changed_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let changed = ctx.workspace_dir.join("content/1.txt").metadata()?.modified()?;
        found(changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
    }

    /// ENV: fresh-state.
    #[workload]
    pub fn again_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        let mark = PathBuf::from(variable("HOME")).join("mark");
        let was_there = mark.exists();
        std::fs::write(mark, "here")?;
        found(was_there)
    }

    /// ENV: tty.
    #[workload]
    pub fn terminal_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(std::io::IsTerminal::is_terminal(&std::io::stderr()))
    }

    /// ENV: tz and home together.
    #[workload]
    pub fn both_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(variable("TZ") != "UTC" && !variable("HOME").ends_with("usual"))
    }

    /// ENV: tz and locale, each by itself.
    #[workload]
    pub fn either_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        found(format!("{} {}", variable("TZ"), variable("LANG")))
    }

    #[derive(serde::Deserialize, Schema)]
    pub struct Many {
        pub words: Vec<String>,
        #[serde(default)]
        pub title: String,
    }

    /// ENV: tz, where a word is `zone`, and only there.
    #[workload(capabilities = ["console"])]
    pub fn picky_v1(ctx: &mut WorkloadContext, input: Many) -> Result<WorkloadResult> {
        let said = ctx.capabilities.console()?.read_line("")?.unwrap_or_default();
        let is_wanted = input.words.iter().any(|word| word == "zone") && said.contains('!');
        found(if is_wanted { variable("TZ") } else { input.title })
    }

    /// REFUSED, always alike.
    #[workload]
    pub fn refused_v1(_: &mut WorkloadContext) -> Result<WorkloadResult> {
        panic!("never")
    }
}

orket_runtime::main!(moody);
