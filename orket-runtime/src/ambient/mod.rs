//! The virtual standard library: what a program takes from its surroundings, answered from the seed.
//!
//! On Linux with a dynamic glibc the program of an extension defines libc's entry points itself
//! ([`libc`]). Where a host has started it they answer from the one [`World`] of the process: random
//! bytes from the seed, the virtual clock of the `clock` capability, a machine that is everywhere the
//! same. In a test they do so for a thread that asks for it ([`within`]). Anywhere else they pass on to
//! libc, as if they were not there.
//!
//! Invariants: an answer allocates nothing and takes no lock (but for the entries of a folder), and depends
//! on nothing but the world; every answer is counted, and the first of each kind is kept with its callers.

#[cfg(virtual_std)]
mod libc;
mod numbers;
mod world;

use orket_contract::protocol::{Ambient, GuestFrame};

pub(crate) use world::{Lane, World};

use crate::capabilities::RandomStream;

/// The world that the calling thread lives in, if it is a virtual one.
fn world() -> Option<&'static World> {
    #[cfg(virtual_std)]
    return libc::world();
    #[cfg(not(virtual_std))]
    None
}

/// The virtual time, in nanoseconds since the start; `None` where time is the machine's.
pub(crate) fn time() -> Option<u64> {
    world().map(World::time)
}

/// Lets virtual time pass up to this point.
pub(crate) fn arrive(at: Option<u64>) {
    if let (Some(world), Some(at)) = (world(), at) {
        world.arrive(at);
    }
}

/// Starts the world of a guest as its host says. A key that is none leaves the stream as it was.
pub(crate) fn begin(ambient: &Ambient) {
    if let Some(world) = world() {
        if let Some(key) = RandomStream::words(&ambient.key) {
            world.begin(key, ambient.flip, ambient.trace);
        }
        world.arrive(ambient.at);
    }
}

/// What was observed since the last time, unless it was nothing.
pub(crate) fn observed() -> Option<GuestFrame> {
    world().and_then(World::observed)
}

/// Counts a group of tasks, and says how to make the lanes of its tasks: by the lane and the number of the group.
pub(crate) fn begin_group() -> (u64, u64) {
    world().map_or((0, 0), World::begin_group)
}

/// Does something in the lane of a task, which keeps what it has drawn; also where that panics. Lanes are for a thread that
/// is alone.
pub(crate) fn in_lane<T>(lane: &mut Lane, work: impl FnOnce() -> T) -> T {
    struct Inside<'a> {
        world: &'static World,
        lane: &'a mut Lane,
        outer: Lane,
    }
    impl Drop for Inside<'_> {
        fn drop(&mut self) {
            *self.lane = self.world.change_lane(self.outer);
        }
    }
    let Some(world) = world().filter(|_| world::has_one_thread()) else { return work() };
    let outer = world.change_lane(*lane);
    let _back = Inside { world, lane, outer };
    work()
}

/// Does something of the SDK's own that is nobody's observation.
pub(crate) fn unseen<T>(work: impl FnOnce() -> T) -> T {
    let Some(world) = world() else { return work() };
    world.look_away(true);
    let done = work();
    world.look_away(false);
    done
}

/// Runs something in a world of its own, if this platform has that: the calling thread alone lives there.
#[cfg(feature = "testing")]
pub(crate) fn within<T>(world: Box<World>, work: impl FnOnce() -> T) -> T {
    #[cfg(virtual_std)]
    let _back = libc::enter(world);
    #[cfg(not(virtual_std))]
    let _ = world;
    work()
}
