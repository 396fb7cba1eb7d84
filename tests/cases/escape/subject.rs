//! All attempts by subject.

use crate::attempt::Attempt;
use crate::{
    descriptors, execution, files, ipc, kernel, lifetime, limits, machine, metadata, network, privileges,
    processes, repeat, signals,
};

/// What attempts have in common.
pub(crate) const SUBJECTS: &[(&str, &[Attempt])] = &[
    ("files to read", files::READ),
    ("files to change", files::CHANGE),
    ("devices", files::DEVICES),
    ("proc and sys", files::PROC),
    ("metadata", metadata::METADATA),
    ("descriptors", descriptors::DESCRIPTORS),
    ("programs", execution::PROGRAMS),
    ("code in memory", execution::CODE),
    ("new processes", processes::MAKE),
    ("life after the host", lifetime::ATTEMPTS),
    ("other processes", processes::OTHER),
    ("signals", signals::SIGNALS),
    ("privileges", privileges::PRIVILEGES),
    ("namespaces", privileges::NAMESPACES),
    ("mounts", privileges::MOUNTS),
    ("internet", network::INTERNET),
    ("socket families", network::FAMILIES),
    ("local sockets", network::LOCAL),
    ("shared by name", ipc::IPC),
    ("settings of the kernel", kernel::SETTINGS),
    ("rare parts of the kernel", kernel::SURFACE),
    ("terminals", kernel::TERMINALS),
    ("memory", limits::SHARE),
    ("kernel objects", limits::OBJECTS),
    ("space", limits::SPACE),
    ("addresses", repeat::ADDRESSES),
    ("words of the kernel at the start", repeat::START),
    ("moment and machine", repeat::MOMENT),
    ("x86-64", machine::MACHINE),
];

/// Every attempt, in order.
pub(crate) fn all() -> impl Iterator<Item = &'static Attempt> {
    SUBJECTS.iter().flat_map(|(_, attempts)| attempts.iter())
}
