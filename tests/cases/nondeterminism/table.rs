//! All classes by family, and what is to come of each. What a class reads is said where it is written, in `program`.

use crate::class::Ambient::Either;
use crate::class::{Class, INTRINSIC, STILL, control, equal, varies};

/// What classes have in common.
pub(crate) const FAMILIES: &[(&str, &[Class])] = &[
    ("hashing", HASHING),
    ("entropy", ENTROPY),
    ("time", TIME),
    ("environment", ENVIRONMENT),
    ("identity", IDENTITY),
    ("machine", MACHINES),
    ("files", FILES),
    ("memory", MEMORY),
    ("numbers", NUMBERS),
    ("concurrency", CONCURRENCY),
    ("input", INPUT),
    ("terminal", TERMINAL),
    ("state", STATE),
    ("controls", CONTROLS),
];

/// Every class, in order.
pub(crate) fn all() -> impl Iterator<Item = &'static Class> {
    FAMILIES.iter().flat_map(|(_, classes)| classes.iter())
}

const HASHING: &[Class] = &[
    equal("map_order", INTRINSIC),
    equal("set_of_two", INTRINSIC),
    equal("retain_order", INTRINSIC),
    equal("map_float_sum", INTRINSIC),
    equal("map_tie", INTRINSIC),
    equal("random_state", INTRINSIC),
    equal("inconsistent_order", INTRINSIC),
];

const ENTROPY: &[Class] = &[
    equal("getrandom_bytes", INTRINSIC),
    equal("entropy_bytes", INTRINSIC),
    equal("getrandom_by_number", INTRINSIC),
    equal("raw_getrandom", INTRINSIC).refused("result.error", "Function not implemented"),
    equal("device_random", INTRINSIC).absent(),
    equal("aux_random", INTRINSIC),
    equal("uuid_file", INTRINSIC).absent(),
    equal("mkstemp_name", INTRINSIC),
    equal("coin", INTRINSIC),
    equal("rare_event", INTRINSIC),
];

const TIME: &[Class] = &[
    equal("wall_nanoseconds", INTRINSIC),
    equal("wall_seconds", Either(&["time"])),
    varies("wall_day", &["time"]),
    varies("wall_year", &["time"]),
    equal("system_elapsed", INTRINSIC),
    equal("elapsed", INTRINSIC),
    equal("instants", INTRINSIC),
    equal("timeout_branch", INTRINSIC),
    equal("coarse_clock", INTRINSIC),
    equal("boot_clock", INTRINSIC),
    equal("cpu_clock", INTRINSIC),
    equal("processor_times", INTRINSIC),
    equal("clock_granularity", STILL),
    equal("timeval", INTRINSIC),
    equal("time_call", Either(&["time"])),
    equal("srand_time", Either(&["time"])),
    equal("clock_by_number", INTRINSIC),
    equal("raw_clock", INTRINSIC).refused("result.error", "Function not implemented"),
    equal("uptime_file", INTRINSIC).absent(),
    equal("mtime_now", INTRINSIC),
    varies("local_hour", &["tz"]),
    equal("sleep_overshoot", INTRINSIC),
    equal("poll_timeout", INTRINSIC),
    equal("timer_signal", INTRINSIC).denied(),
];

const ENVIRONMENT: &[Class] = &[
    varies("home", &["home"]),
    varies("user_name", &["environment"]),
    varies("env_count", &["environment", "locale"]),
    varies("env_order", &["environment", "locale"]),
    varies("path_list", &["path"]),
    varies("columns", &["columns"]),
    varies("backtrace_wanted", &["environment"]),
    varies("locale_name", &["locale"]),
    equal("temp_folder", STILL),
    varies("current_folder", &["cwd"]).denied(),
    varies("exe_path", &["exe-path"]).denied(),
    varies("arguments", &["exe-path"]),
    varies("umask_mode", &["umask"]),
];

const IDENTITY: &[Class] = &[
    equal("pid", INTRINSIC),
    equal("pid_seeded", INTRINSIC),
    equal("parent_pid", STILL),
    equal("sessions", INTRINSIC),
    equal("thread_number", INTRINSIC),
    varies("own_user", &["uid"]),
    equal("groups", STILL).denied(),
    varies("host_name", &["hostname"]),
    varies("kernel_release", &["kernel"]),
    equal("machine_id", STILL).absent(),
    equal("niceness", STILL),
    equal("scheduler", STILL).denied(),
    varies("personality", &["aslr", "kernel"]).denied(),
    equal("signals_blocked", STILL),
    equal("signals_ignored", STILL),
];

const MACHINES: &[Class] = &[
    varies("usable_processors", &["cpus"]),
    equal("processors_online", STILL),
    varies("affinity", &["cpus"]),
    equal("current_processor", Either(&["cpus"])),
    varies("limit_of_files", &["open-files"]),
    varies("limit_of_stack", &["stack"]),
    equal("total_memory", STILL),
    equal("free_memory", INTRINSIC),
    equal("load_average", INTRINSIC).absent(),
    equal("swap_file", INTRINSIC).absent(),
    equal("disk_free", INTRINSIC).denied(),
    equal("resource_usage", INTRINSIC),
    equal("hardware_bits", STILL),
    equal("cgroup", STILL).absent(),
    equal("host_addresses", STILL).refused("result.error", "failed to lookup address information"),
];

const FILES: &[Class] = &[
    varies("listing_order", &["fs-order"]),
    equal("inode", INTRINSIC),
    varies("device_number", &["fs-order"]),
    equal("blocks", STILL),
    varies("mtime", &["mtime"]),
    equal("access_time", INTRINSIC),
    varies("newest_wins", &["fs-order", "mtime"]),
    varies("real_path", &["cwd"]).denied(),
    equal("file_number", STILL),
    varies("open_files", &["fds"]),
    equal("exe_mtime", STILL).denied(),
    equal("etc_passwd", STILL).absent(),
    equal("etc_hosts", STILL).absent(),
    equal("mounts", STILL).absent(),
];

const MEMORY: &[Class] = &[
    equal("heap_address", INTRINSIC),
    equal("stack_address", INTRINSIC),
    equal("code_address", INTRINSIC),
    equal("library_address", INTRINSIC),
    equal("map_address", INTRINSIC),
    equal("program_break", INTRINSIC),
    equal("thread_address", INTRINSIC),
    equal("vdso_address", INTRINSIC),
    equal("memory_maps", INTRINSIC).absent(),
    equal("address_order", INTRINSIC),
    equal("address_bucket", INTRINSIC),
    equal("heap_garbage", INTRINSIC),
    equal("stack_garbage", INTRINSIC),
    equal("padding", INTRINSIC),
];

const NUMBERS: &[Class] = &[
    varies("math_functions", &["hwcaps"]),
    equal("cpu_features", STILL),
    equal("cpu_brand", STILL),
    equal("cycles", INTRINSIC),
    varies("collation", &["locale"]),
];

const CONCURRENCY: &[Class] = &[
    equal("thread_order", INTRINSIC).threaded(),
    equal("first_wins", INTRINSIC).threaded(),
    equal("parallel_sum", INTRINSIC).threaded(),
    equal("data_race", INTRINSIC).threaded(),
    equal("thread_ids", INTRINSIC).threaded(),
    equal("fork_pid", INTRINSIC).forking(),
    equal("other_program", INTRINSIC).absent(),
    equal("alarm_count", INTRINSIC).denied(),
    equal("timer_file", INTRINSIC).denied(),
];

const INPUT: &[Class] = &[
    equal("input_chunks", STILL),
    equal("input_first_read", STILL),
    equal("input_kind", STILL),
    varies("output_kind", &["tty"]),
];

const TERMINAL: &[Class] = &[
    varies("is_terminal", &["tty"]),
    varies("colour_choice", &["environment"]),
    varies("terminal_width", &["tty", "columns"]),
    equal("controlling_terminal", STILL).absent(),
];

const STATE: &[Class] = &[
    varies("leftover_file", &["fresh-state"]).absent(),
    varies("leftover_here", &["fresh-state"]).refused("result.error", "Read-only file system"),
    equal("leftover_shared", INTRINSIC).denied(),
];

const CONTROLS: &[Class] = &[
    control("ctl_sorted_map"),
    control("ctl_lookup_only"),
    control("ctl_fixed_hasher"),
    control("ctl_sorted_listing"),
    control("ctl_read_to_end"),
    control("ctl_seeded_numbers"),
    control("ctl_virtual_clock"),
    control("ctl_kv"),
    control("ctl_fixed_fold"),
    control("ctl_float_text"),
    control("ctl_stable_sort"),
    control("ctl_unstable_sort"),
    control("ctl_type_ids"),
    control("ctl_static_text"),
];
