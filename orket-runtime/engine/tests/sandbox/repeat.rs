//! What a guest finds is the same whatever its host has: in every profile, each fact of a closed list.

use crate::bench::{Bench, probe};
use crate::host::{MARK, play_as_nobody};
use crate::runner::Case;
use orket_engine::sandbox::{Layer, Profile};
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

pub(crate) const CASES: &[Case] = &[
    ("repeat::surroundings_are_the_same_whatever_the_host_has", surroundings_are_the_same),
    ("repeat::surroundings_are_the_same_for_an_ordinary_user", surroundings_are_the_same_for_nobody),
    ("repeat::mathematics_has_the_same_digits_on_every_processor", digits_are_the_same),
    ("repeat::where_addresses_cannot_be_fixed_only_what_need_not_repeat_starts", without_layout),
    ("repeat::where_nothing_can_be_traced_only_what_need_not_repeat_starts", without_a_tracer),
];

/// A host with habits: another folder, other words, limits, masks and descriptors.
const HABITS: &str = "cd / && umask 077 && ulimit -S -c 0 && ulimit -S -s 4096 && ulimit -S -n 800 && ulimit -S -l 16 \
    && exec env -i HOME=/nowhere TZ=Asia/Tokyo LC_ALL=et_EE.UTF-8 LD_DEBUG_OUTPUT=/nowhere COLUMNS=17 PATH=/bin \
    nice -n 7 \"$@\" 7</dev/null";

fn surroundings_are_the_same() {
    let itself = std::env::current_exe().unwrap();
    let words = [itself.to_str().unwrap(), MARK, "surroundings"];
    let plain = Command::new(words[0]).args(&words[1..]).output().unwrap();
    let odd = Command::new("sh").args(["-c", HABITS, "sh"]).args(words).output().unwrap();
    let said = |output: std::process::Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let (plain, odd) = (said(plain), said(odd));
    assert!(plain.lines().count() > 3 * 80, "{plain}");
    for (one, other) in plain.lines().zip(odd.lines()) {
        assert_eq!(one, other);
    }
}

fn surroundings_are_the_same_for_nobody() {
    play_as_nobody("same-surroundings");
}

pub(crate) fn check() {
    surroundings_are_the_same();
}

/// What a guest says in each profile, but for what that profile does not hide.
#[allow(clippy::print_stdout)] // the answer
pub(crate) fn say() {
    for profile in Profile::ALL {
        let mut bench = Bench::new();
        bench.confinement.profile = Some(profile);
        // Root's guest is another user, who must get there.
        for folder in
            [bench.folder.path(), &bench.confinement.stage, &bench.confinement.stage.join("artifacts")]
        {
            std::fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        }
        let made = bench.inside("surroundings");
        assert!(made.done() && made.exit.success(), "{profile}: {made:?}");
        let is_told = |fact: &&str| match fact.split(' ').next() {
            Some("process" | "name") => profile.contains(Layer::Processes),
            Some("user") => profile.contains(Layer::Processes) && !rustix::process::geteuid().is_root(),
            _ => true,
        };
        made.said.lines().filter(is_told).for_each(|fact| println!("{profile}: {fact}"));
    }
}

fn digits_are_the_same() {
    let inside = Bench::new().inside("digits");
    let outside = |tunables: &str| {
        let output = Command::new(probe()).arg("digits").env("GLIBC_TUNABLES", tunables).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    // A processor without fused multiplication has these; of the others, each has its own.
    let old = outside(
        "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-FMA,-FMA4,-AVX_Usable,-AVX2_Usable,-FMA_Usable,-FMA4_Usable",
    );
    assert!(inside.done(), "{inside:?}");
    assert_eq!(inside.said, old);
    let all: BTreeSet<String> = [old, outside("")].into();
    #[cfg(target_arch = "x86_64")]
    assert_eq!(all.len(), if std::arch::is_x86_feature_detected!("fma") { 2 } else { 1 });
    #[cfg(not(target_arch = "x86_64"))]
    assert_eq!(all.len(), 1);
}

fn without_layout() {
    play_as_nobody("without-layout");
}

fn without_a_tracer() {
    play_as_nobody("without-a-tracer");
}
