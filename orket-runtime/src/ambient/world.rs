//! What a virtual standard library answers from: a stream, a clock, and a count of all that was asked.
//!
//! Atomics because the entry points of libc may be called by any thread at any time. A process with one
//! thread pays for plain loads and stores.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};

use orket_contract::ambient::{CALLERS_MAX, EPOCH_NS, Kind, LOOK_NS};
use orket_contract::protocol::{Flip, GuestFrame, Observation};

use super::numbers::Numbers;
#[cfg(any(test, feature = "testing"))]
use super::numbers::Own;
use crate::capabilities::RandomStream;

/// The stream of what is drawn while there are several threads.
const OF_THREADS: u64 = u64::MAX;

/// The callers of an observation, innermost first; zeros follow the last.
type Callers = [AtomicU64; CALLERS_MAX];

/// Where the random bytes of a task come from: each task has a stream of its own, so that what one draws does not shift what
/// another gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Which stream; 0 is that of what is in no task.
    stream: u64,
    /// How many draws it has made.
    draws: u64,
    /// How many groups of tasks were made in it.
    groups: u64,
}

impl Lane {
    /// The lane of a task, by the lane and the group that it was spawned in, and its place there.
    pub(crate) fn of_task(outer: u64, group: u64, place: u64) -> Self {
        let stream = [outer, group, place].into_iter().fold(0, |stream: u64, word| {
            scrambled(stream.wrapping_add(word).wrapping_add(0x9e37_79b9_7f4a_7c15))
        });
        Self { stream: stream.clamp(1, OF_THREADS - 1), draws: 0, groups: 0 }
    }
}

/// One virtual surrounding. It begins as zeros, which take no room in a program's file.
pub(crate) struct World {
    key: [AtomicU64; 4],
    draws: AtomicU64,
    lane: [AtomicU64; 3],
    /// The first draw that is flipped, the one after the last, and how.
    flip: [AtomicU64; 3],
    /// One more than the draw whose callers are kept; 0 for none.
    trace: AtomicU64,
    traced: Callers,
    /// How much later than [`EPOCH_NS`] the clock starts, wrapping.
    start: AtomicU64,
    time: AtomicU64,
    counts: [AtomicU64; Kind::ALL.len()],
    told: [AtomicU64; Kind::ALL.len()],
    callers: [Callers; Kind::ALL.len()],
    unseen: AtomicBool,
    /// One more than the kind of what the sandbox has refused last; 0 for what is of none.
    refused: AtomicU8,
    /// Where it is not the guest's.
    #[cfg(any(test, feature = "testing"))]
    files: Option<Own>,
}

impl World {
    /// A world whose clock starts where that of a run does, and whose stream is the one of what runs before `main`.
    pub(crate) const fn new() -> Self {
        Self {
            key: [const { AtomicU64::new(0) }; 4],
            draws: AtomicU64::new(0),
            lane: [const { AtomicU64::new(0) }; 3],
            flip: [const { AtomicU64::new(0) }; 3],
            trace: AtomicU64::new(0),
            traced: [const { AtomicU64::new(0) }; CALLERS_MAX],
            start: AtomicU64::new(0),
            time: AtomicU64::new(0),
            counts: [const { AtomicU64::new(0) }; Kind::ALL.len()],
            told: [const { AtomicU64::new(0) }; Kind::ALL.len()],
            callers: [const { [const { AtomicU64::new(0) }; CALLERS_MAX] }; Kind::ALL.len()],
            unseen: AtomicBool::new(false),
            refused: AtomicU8::new(0),
            #[cfg(any(test, feature = "testing"))]
            files: None,
        }
    }

    /// The seed is known: draws follow from this key from now on, numbered on.
    pub(super) fn begin(&self, key: [u64; 4], flip: Option<Flip>, trace: Option<u64>) {
        for (word, value) in self.key.iter().zip(key) {
            word.store(value, Relaxed);
        }
        let flip = flip.map_or([0; 3], |flip| [flip.from, flip.to, flip.by.into()]);
        for (end, value) in self.flip.iter().zip(flip) {
            end.store(value, Relaxed);
        }
        self.trace.store(trace.map_or(0, |draw| draw.wrapping_add(1)), Relaxed);
    }

    /// A world for a test: with a key, and a clock that starts somewhere.
    #[cfg(feature = "testing")]
    pub(crate) fn starting(key: [u8; 32], start_ns: u64) -> Box<Self> {
        let world = Box::new(Self { files: Some(Own::new()), ..Self::new() });
        let word = |at: usize| key[at * 8..][..8].try_into().map_or(0, u64::from_le_bytes);
        world.begin([0, 1, 2, 3].map(word), None, None);
        world.start.store(start_ns.wrapping_sub(EPOCH_NS), Relaxed);
        world
    }

    pub(super) fn look_away(&self, unseen: bool) {
        self.unseen.store(unseen, Relaxed);
    }

    /// Counts an observation; the first of its kind is kept with its callers.
    pub(super) fn observe(&self, kind: Kind) {
        let count = &self.counts[kind as usize];
        if !self.unseen.load(Relaxed) && add(count, 1) == 0 {
            keep_callers(&self.callers[kind as usize]);
        }
    }

    /// The sandbox has refused something. What is of no kind is not counted.
    pub(super) fn refuse(&self, kind: Option<Kind>) {
        self.refused.store(kind.map_or(0, |kind| kind as u8 + 1), Relaxed);
        if let Some(kind) = kind {
            self.observe(kind);
        }
    }

    /// Virtual time, in nanoseconds since the start.
    pub(super) fn time(&self) -> u64 {
        self.time.load(Relaxed)
    }

    /// Looks at the clock, which moves it.
    pub(super) fn look(&self, kind: Kind) -> u64 {
        self.observe(kind);
        let time = self.time.load(Relaxed);
        // The end of time stays the end.
        if time > u64::MAX - LOOK_NS { u64::MAX } else { add(&self.time, LOOK_NS).saturating_add(LOOK_NS) }
    }

    /// The same as the time since 1970.
    pub(super) fn date(&self) -> u64 {
        self.start().saturating_add(self.look(Kind::WallClock))
    }

    /// The date at the start, which is that of every file.
    pub(super) fn start(&self) -> u64 {
        self.start.load(Relaxed).wrapping_add(EPOCH_NS)
    }

    /// Lets time pass.
    pub(super) fn pass(&self, ns: u64) {
        self.observe(Kind::Sleep);
        self.arrive(self.time().saturating_add(ns));
    }

    /// Lets time pass up to a point; it never goes back.
    pub(super) fn arrive(&self, at: u64) {
        self.time.fetch_max(at, Relaxed);
    }

    /// Goes on in another lane, and says in which it was.
    pub(super) fn change_lane(&self, Lane { stream, draws, groups }: Lane) -> Lane {
        let [stream, draws, groups] = [(0, stream), (1, draws), (2, groups)]
            .map(|(at, word): (usize, _)| self.lane[at].swap(word, Relaxed));
        Lane { stream, draws, groups }
    }

    /// Counts a group of tasks: what the lanes of its tasks are made of.
    pub(super) fn begin_group(&self) -> (u64, u64) {
        (self.lane[0].load(Relaxed), add(&self.lane[2], 1))
    }

    /// The next random bytes.
    pub(super) fn draw(&self, bytes: &mut [u8]) {
        self.observe(Kind::Entropy);
        let draw = add(&self.draws, 1);
        if self.trace.load(Relaxed) == draw.wrapping_add(1) {
            keep_callers(&self.traced);
        }
        let [from, to, by] = [0, 1, 2].map(|at: usize| self.flip[at].load(Relaxed));
        let (stream, own) = self.source(draw, has_one_thread());
        // Draws are counted from below, so there are numbers above that no draw has.
        let number = if (from..to).contains(&draw) { !own ^ (by << 48) } else { own };
        let key = [0, 1, 2, 3].map(|word: usize| self.key[word].load(Relaxed) ^ stream);
        let mut stream = RandomStream::of_draw(key, number);
        for piece in bytes.chunks_mut(8) {
            piece.copy_from_slice(&stream.next_u64().to_le_bytes()[..piece.len()]);
        }
    }

    /// The stream of a draw, and its number there. Threads do not share a lane, which says in two words where it is.
    fn source(&self, draw: u64, has_one_thread: bool) -> (u64, u64) {
        if has_one_thread { (self.lane[0].load(Relaxed), add(&self.lane[1], 1)) } else { (OF_THREADS, draw) }
    }

    /// The number of a file: files are numbered in the order in which they are looked at.
    pub(super) fn number(&self, device: u64, inode: u64) -> u64 {
        self.files().of(device, inode)
    }

    /// The file is no more: one that has its device and inode later is another.
    pub(super) fn forget(&self, device: u64, inode: u64) {
        self.files().forget(device, inode);
    }

    fn files(&self) -> Numbers<'_> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(own) = &self.files {
            return own.files();
        }
        Numbers::of_guest()
    }

    /// What was observed since it was told last, unless it was nothing.
    pub(super) fn observed(&self) -> Option<GuestFrame> {
        let observations: Vec<Observation> =
            Kind::ALL.into_iter().filter_map(|kind| self.news(kind)).collect();
        let traced = kept(&self.traced);
        self.traced[0].store(0, Relaxed);
        let refused = self.refused.swap(0, Relaxed);
        let refused = Kind::ALL.into_iter().find(|kind| *kind as u8 + 1 == refused);
        let some = !observations.is_empty() || !traced.is_empty();
        some.then(|| GuestFrame::Observed { observations, traced, refused, at: Some(self.time()) })
    }

    fn news(&self, kind: Kind) -> Option<Observation> {
        let at = kind as usize;
        let count = self.counts[at].load(Relaxed);
        let told = self.told[at].swap(count, Relaxed);
        let callers = if told == 0 { kept(&self.callers[at]) } else { Vec::new() };
        (count > told).then(|| Observation { kind, count: count - told, callers })
    }
}

/// Whether the calling thread is the only one in its world.
pub(super) fn has_one_thread() -> bool {
    #[cfg(virtual_std)]
    return super::libc::lives_alone();
    #[cfg(not(virtual_std))]
    true
}

/// Adds and gives what was there. A thread that is alone need not lock the bus for it.
fn add(cell: &AtomicU64, amount: u64) -> u64 {
    #[cfg(virtual_std)]
    if super::libc::is_alone() {
        let there = cell.load(Relaxed);
        cell.store(there.wrapping_add(amount), Relaxed);
        return there;
    }
    cell.fetch_add(amount, Relaxed)
}

fn keep_callers(room: &Callers) {
    #[cfg(virtual_std)]
    super::libc::callers(|place, address| room.get(place).map(|cell| cell.store(address, Relaxed)).is_some());
    #[cfg(not(virtual_std))]
    let _ = room;
}

fn kept(callers: &Callers) -> Vec<u64> {
    callers.iter().map(|cell| cell.load(Relaxed)).take_while(|address| *address != 0).collect()
}

/// The steps with which SplitMix64 makes its numbers.
fn scrambled(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(flip: Option<Flip>) -> World {
        let world = World::new();
        world.begin([1, 2, 3, 4], flip, None);
        world
    }

    fn draws(world: &World) -> Vec<[u8; 20]> {
        let draw = |_| {
            let mut bytes = [0; 20];
            world.draw(&mut bytes);
            bytes
        };
        (0..5).map(draw).collect()
    }

    #[test]
    fn a_flipped_draw_differs_alone() {
        let (plain, flipped) = (draws(&world(None)), draws(&world(Some(Flip { from: 3, to: 4, by: 0 }))));
        let unlike: Vec<bool> = plain.iter().zip(&flipped).map(|(plain, flipped)| plain != flipped).collect();
        assert_eq!(unlike, [false, false, false, true, false]);
        assert_eq!(plain, draws(&world(None)));
        let unique: std::collections::BTreeSet<_> = plain.iter().chain(&flipped[3..4]).collect();
        assert_eq!(unique.len(), 6);
        let several = draws(&world(Some(Flip { from: 1, to: 4, by: 0 })));
        let unlike: Vec<bool> = plain.iter().zip(&several).map(|(plain, several)| plain != several).collect();
        assert_eq!(unlike, [false, true, true, true, false]);
        let otherwise = draws(&world(Some(Flip { from: 3, to: 4, by: 1 })));
        assert!(otherwise[3] != flipped[3] && otherwise[3] != plain[3]);
        assert_eq!(several[3], flipped[3], "each is changed alike, whatever is changed with it");
    }

    #[test]
    fn what_one_lane_draws_does_not_shift_what_another_gets() {
        let world = world(None);
        let draw = || {
            let mut bytes = [0; 8];
            world.draw(&mut bytes);
            bytes
        };
        let lanes = || [0, 1].map(|place| Lane::of_task(0, 0, place));
        let within = |lane: &mut Lane, times: usize| {
            let outer = world.change_lane(*lane);
            let drawn: Vec<_> = (0..times).map(|_| draw()).collect();
            *lane = world.change_lane(outer);
            drawn
        };
        let [mut first, mut second] = lanes();
        let one_by_one =
            [within(&mut first, 1), within(&mut second, 1), within(&mut first, 1), within(&mut second, 1)];
        let [mut first, mut second] = lanes();
        let (many, few) = (within(&mut first, 9), within(&mut second, 2));
        assert_eq!(one_by_one.concat(), [many[0], few[0], many[1], few[1]]);
        assert_eq!(
            draw(),
            draws(&self::world(None))[0][..8],
            "what is in no task goes on as if there were none"
        );
        assert!(!many.contains(&few[0]) && many[0] != many[1]);
        let unique: std::collections::BTreeSet<_> = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]
            .map(|(outer, group, place)| Lane::of_task(outer, group, place).stream)
            .into();
        assert_eq!(unique.len(), 4);
    }

    #[test]
    fn draws_of_several_threads_are_all_apart() {
        let world = world(None);
        let mut lane = Lane::of_task(0, 0, 0);
        let draw = |number| world.source(number, false);
        let alone = [0, 1].map(|number| world.source(number, true));
        let drawn: Vec<_> = std::thread::scope(|threads| {
            let all = [0, 1].map(|thread| {
                threads.spawn(move || (0..500).map(|at| draw(2 + thread * 500 + at)).collect::<Vec<_>>())
            });
            for _ in 0..500 {
                lane = world.change_lane(lane);
            }
            all.into_iter().flat_map(|thread| thread.join().expect("it draws")).collect()
        });
        let unique: std::collections::BTreeSet<_> = alone.into_iter().chain(drawn).collect();
        assert_eq!(unique.len(), 1002);
    }

    #[test]
    fn what_was_refused_last_is_told_once() {
        let refused = |world: &World| match world.observed() {
            Some(GuestFrame::Observed { refused, .. }) => refused,
            _ => None,
        };
        let world = World::new();
        for kind in [Kind::Thread, Kind::Process] {
            world.refuse(Some(kind));
        }
        assert_eq!(refused(&world), Some(Kind::Process));
        world.look(Kind::MonotonicClock);
        assert_eq!(refused(&world), None);
        world.refuse(Some(Kind::Thread));
        world.refuse(None);
        assert_eq!(refused(&world), None);
    }

    #[test]
    fn time_passes_by_looks_and_sleep_and_never_back() {
        let world = World::new();
        assert_eq!((world.look(Kind::MonotonicClock), world.look(Kind::MonotonicClock)), (1_000, 2_000));
        world.pass(5_000);
        assert_eq!(world.date(), EPOCH_NS + 8_000);
        world.arrive(7_000);
        assert_eq!(world.time(), 8_000);
        world.pass(u64::MAX);
        assert_eq!(world.time(), u64::MAX);
        assert_eq!([world.look(Kind::MonotonicClock), world.look(Kind::MonotonicClock)], [u64::MAX; 2]);
    }

    #[test]
    fn observations_are_told_once() {
        let world = World::new();
        assert_eq!(world.observed(), None);
        world.look(Kind::MonotonicClock);
        world.look(Kind::MonotonicClock);
        world.look_away(true);
        world.draw(&mut [0]);
        world.look_away(false);
        let Some(GuestFrame::Observed { observations, at, .. }) = world.observed() else { panic!("nothing") };
        let counts: Vec<_> = observations.iter().map(|seen| (seen.kind, seen.count)).collect();
        assert_eq!((counts.as_slice(), at), ([(Kind::MonotonicClock, 2)].as_slice(), Some(2_000)));
        assert_eq!(world.observed(), None);
    }
}
