//! Concurrency that repeats: tasks that take turns on one thread, and work on many items with results in their order.
//!
//! Threads are refused in Reliable Mode, because who comes first is decided by the machine. [`Tasks`] let several pieces of
//! work go on side by side all the same: each runs until it waits or [pauses](pause), and who goes on next follows from the order in
//! which they were spawned, or from the seed. [`map`] is for work on many items that do not know of each other.
//!
//! ```
//! use orket_runtime::task::{Tasks, pause};
//! use std::cell::RefCell;
//! # fn main() -> orket_runtime::Result<()> {
//! let heard = RefCell::new(Vec::new());
//! let mut tasks = Tasks::in_turns();
//! for (name, notes) in [("flute", 2), ("drum", 3)] {
//!     let heard = &heard;
//!     tasks.spawn(name, async move {
//!         for note in 0..notes {
//!             heard.borrow_mut().push((name, note));
//!             pause().await;
//!         }
//!         notes
//!     });
//! }
//! assert_eq!(tasks.join()?, [2, 3]);
//! assert_eq!(heard.take(), [("flute", 0), ("drum", 0), ("flute", 1), ("drum", 1), ("drum", 2)]);
//! # Ok(())
//! # }
//! ```
//!
//! A task may await whatever is no runtime's own: another task's [`Receiver`], or the channels and locks of crates such as `futures`.
//! A capability call is answered before anything else goes on, so that calls have one order, too.
//!
//! In a governed run each task also has a stream of its own for what crates draw from the standard library, such as `uuid` or
//! `rand`: it follows from the seed, from which group of tasks it is and from its place there. So a draw of one task does not shift
//! those of another. The keys of a `HashMap` are no such draw: std draws them once a thread and counts up.
//!
//! Invariants: no thread is started; equal code with equal streams goes the same way each time.

mod channel;
mod tasks;

pub use channel::{Receiver, Sender, channel};
pub use tasks::Tasks;

use crate::ambient::{self, Lane};
use std::future::poll_fn;
use std::task::Poll;

/// Lets the other tasks go on first.
///
/// ```
/// # use orket_runtime::task::{Tasks, pause};
/// # fn main() -> orket_runtime::Result<()> {
/// let mut tasks = Tasks::in_turns();
/// tasks.spawn("patient", async {
///     pause().await;
///     "done"
/// });
/// assert_eq!(tasks.join()?, ["done"]);
/// # Ok(())
/// # }
/// ```
pub async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Does the same work on every item, and gives the results in the order of the items.
///
/// In Reliable Mode one item after the other; the bounds leave room for doing it on several processors where threads are allowed, so
/// nothing may depend on who is first. Where the work needs random numbers, give each item a stream of its own
/// ([`RandomStream::fork`](crate::capabilities::RandomStream::fork)); what crates draw past the capabilities comes from one as well.
///
/// ```
/// use orket_runtime::task;
/// let lengths = task::map(["ash", "birch", "fir"], |name| name.len());
/// assert_eq!(lengths, [3, 5, 3]);
///
/// let parsed: Result<Vec<u8>, _> = task::map(["1", "x", "300"], str::parse).into_iter().collect();
/// assert_eq!(parsed.unwrap_err().to_string(), "invalid digit found in string", "the first in order");
/// ```
pub fn map<T, R, F>(items: impl IntoIterator<Item = T>, work: F) -> Vec<R>
where
    T: Send,
    R: Send,
    F: Fn(T) -> R + Sync,
{
    let (outer, group) = ambient::begin_group();
    let in_lane = |(place, item): (usize, T)| {
        ambient::in_lane(&mut Lane::of_task(outer, group, place as u64), || work(item))
    };
    items.into_iter().enumerate().map(in_lane).collect()
}
