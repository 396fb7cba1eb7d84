//! The corpus of nondeterminism: every class is a workload of its own that gives what it saw and nothing else.
//!
//! What each class reads, and what is to come of it, is in the table of the suite (`../table.rs`). A class takes the
//! shortest way to what it is about, as an author would: it handles no refusal, so that the refusal is seen.

mod chunks;
mod concurrency;
mod controls;
mod entropy;
mod environment;
mod files;
mod hashing;
mod identity;
mod machine;
mod memory;
mod numbers;
mod state;
mod terminal;
mod time;

use orket_runtime::prelude::*;
use std::ffi::{CStr, c_char};
use std::fmt::Debug;

/// What a class saw, as its whole output.
fn seen(what: impl Debug) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({ "seen": format!("{what:?}") }))
}

/// The answer of a call of libc, or its error.
fn answered(answer: impl TryInto<i64>) -> std::io::Result<i64> {
    match answer.try_into() {
        Ok(-1) => Err(std::io::Error::last_os_error()),
        answer => Ok(answer.unwrap_or(i64::MAX)),
    }
}

/// A string of libc.
fn text(string: *const c_char) -> Option<String> {
    // SAFETY: every caller passes what libc gave: nothing, or a string with its end.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned())
}

#[orket_runtime::extension(id = "orket.corpus", capabilities = ["clock", "console", "kv", "rng"])]
pub mod corpus {
    #[workload]
    pub use crate::hashing::{
        inconsistent_order, map_float_sum, map_order, map_tie, random_state, retain_order, set_of_two,
    };

    #[workload]
    pub use crate::entropy::{
        aux_random, coin, device_random, entropy_bytes, getrandom_by_number, getrandom_bytes, mkstemp_name,
        rare_event, raw_getrandom, uuid_file,
    };

    #[workload]
    pub use crate::time::{
        boot_clock, clock_by_number, clock_granularity, coarse_clock, cpu_clock, elapsed, instants,
        local_hour, mtime_now, poll_timeout, processor_times, raw_clock, sleep_overshoot, srand_time,
        system_elapsed, time_call, timeout_branch, timer_signal, timeval, uptime_file, wall_day,
        wall_nanoseconds, wall_seconds, wall_year,
    };

    #[workload]
    pub use crate::environment::{
        arguments, backtrace_wanted, columns, current_folder, env_count, env_order, exe_path, home,
        locale_name, path_list, temp_folder, umask_mode, user_name,
    };

    #[workload]
    pub use crate::identity::{
        groups, host_name, kernel_release, machine_id, niceness, own_user, parent_pid, personality, pid,
        pid_seeded, scheduler, sessions, signals_blocked, signals_ignored, thread_number,
    };

    #[workload]
    pub use crate::machine::{
        affinity, cgroup, current_processor, disk_free, free_memory, hardware_bits, host_addresses,
        limit_of_files, limit_of_stack, load_average, processors_online, resource_usage, swap_file,
        total_memory, usable_processors,
    };

    #[workload]
    pub use crate::files::{
        access_time, blocks, device_number, etc_hosts, etc_passwd, exe_mtime, file_number, inode,
        listing_order, mounts, mtime, newest_wins, open_files, real_path,
    };

    #[workload]
    pub use crate::memory::{
        address_bucket, address_order, code_address, heap_address, heap_garbage, library_address,
        map_address, memory_maps, padding, program_break, stack_address, stack_garbage, thread_address,
        vdso_address,
    };

    #[workload]
    pub use crate::numbers::{collation, cpu_brand, cpu_features, cycles, math_functions};

    #[workload]
    pub use crate::concurrency::{
        alarm_count, data_race, first_wins, fork_pid, other_program, parallel_sum, thread_ids, thread_order,
        timer_file,
    };

    #[workload]
    pub use crate::chunks::{input_chunks, input_first_read, input_kind, output_kind};

    #[workload]
    pub use crate::terminal::{colour_choice, controlling_terminal, is_terminal, terminal_width};

    #[workload]
    pub use crate::state::{leftover_file, leftover_here, leftover_shared};

    #[workload]
    pub use crate::controls::{
        ctl_fixed_fold, ctl_fixed_hasher, ctl_float_text, ctl_kv, ctl_lookup_only, ctl_read_to_end,
        ctl_seeded_numbers, ctl_sorted_listing, ctl_sorted_map, ctl_stable_sort, ctl_static_text,
        ctl_type_ids, ctl_unstable_sort, ctl_virtual_clock,
    };
}

orket_runtime::main!(crate::corpus);
