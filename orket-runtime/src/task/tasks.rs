//! Tasks and who of them goes on next.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use orket_contract::code;

use crate::ambient::{self, Lane};
use crate::capabilities::RandomStream;
use crate::result::{Error, Result};

/// Pieces of work that take turns on one thread. `T` is what each gives back.
///
/// ```
/// use orket_runtime::prelude::*;
/// use orket_runtime::task::{Tasks, pause};
///
/// /// Two players roll until one has enough; the seed decides who rolls when, and what.
/// fn race(ctx: &mut WorkloadContext) -> Result<Vec<u64>> {
///     let dice = ctx.capabilities.rng()?.stream("dice")?;
///     let mut tasks = Tasks::shuffled(dice.fork("turns"));
///     for name in ["red", "blue"] {
///         let mut own = dice.fork(name);
///         tasks.spawn(name, async move {
///             let mut sum = 0;
///             while sum < 20 {
///                 sum += own.range(1..7);
///                 pause().await;
///             }
///             sum
///         });
///     }
///     tasks.join()
/// }
/// ```
pub struct Tasks<'a, T> {
    order: Order,
    tasks: Vec<Task<'a, T>>,
    /// Where random bytes of its tasks come from.
    group: (u64, u64),
}

/// Who of those that can go on goes on.
enum Order {
    /// The one that has waited longest.
    Turns,
    /// The one that the stream says.
    Shuffled(RandomStream),
}

struct Task<'a, T> {
    name: String,
    state: State<'a, T>,
    ready: Arc<Ready>,
    /// Whether it is among those that can go on.
    queued: bool,
    lane: Lane,
}

enum State<'a, T> {
    Going(Pin<Box<dyn Future<Output = T> + 'a>>),
    Done(T),
}

/// Whether what a task waits for is there.
struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'a, T> Tasks<'a, T> {
    /// Tasks that take turns, in the order in which they were spawned.
    ///
    /// ```
    /// # use orket_runtime::task::Tasks;
    /// # fn main() -> orket_runtime::Result<()> {
    /// let mut tasks = Tasks::in_turns();
    /// tasks.spawn("first", async { 1 });
    /// tasks.spawn("second", async { 2 });
    /// assert_eq!(tasks.join()?, [1, 2]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn in_turns() -> Self {
        Self::ordered(Order::Turns)
    }

    /// Tasks of which any that can go on may be the next: the stream decides, so every seed is another course of
    /// events, and the same one each time.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, task::Tasks, Result};
    /// fn both(rng: &Rng) -> Result<Vec<u8>> {
    ///     let mut tasks = Tasks::shuffled(rng.stream("turns")?);
    ///     tasks.spawn("a", async { 1 });
    ///     tasks.spawn("b", async { 2 });
    ///     tasks.join()
    /// }
    /// ```
    #[must_use]
    pub fn shuffled(stream: RandomStream) -> Self {
        Self::ordered(Order::Shuffled(stream))
    }

    fn ordered(order: Order) -> Self {
        Self { order, tasks: Vec::new(), group: ambient::begin_group() }
    }

    /// Adds a task. Nothing of it runs before [`join`](Self::join). The name stands in errors.
    ///
    /// ```
    /// # use orket_runtime::task::Tasks;
    /// let mut tasks = Tasks::in_turns();
    /// tasks.spawn("greeter", async { println!("hello") });
    /// # tasks.join().unwrap();
    /// ```
    pub fn spawn(&mut self, name: impl Into<String>, work: impl Future<Output = T> + 'a) {
        let ready = Arc::new(Ready(AtomicBool::new(true)));
        let (outer, group) = self.group;
        let lane = Lane::of_task(outer, group, self.tasks.len() as u64);
        self.tasks.push(Task {
            name: name.into(),
            state: State::Going(Box::pin(work)),
            ready,
            queued: false,
            lane,
        });
    }

    /// Runs all of them to their ends, and gives what they came to in the order in which they were spawned.
    ///
    /// ```
    /// # use orket_runtime::task::Tasks;
    /// let mut tasks = Tasks::<()>::in_turns();
    /// tasks.spawn("lazy", std::future::pending());
    /// let error = tasks.join().unwrap_err();
    /// assert_eq!((error.code(), error.message()), ("task.stuck", "nobody will wake the tasks that wait: `lazy`"));
    /// ```
    ///
    /// # Errors
    /// `task.stuck` when those that are left wait for each other, or for what never comes.
    #[track_caller]
    pub fn join(mut self) -> Result<Vec<T>> {
        // Those that can go on, the one that waits longest first.
        let mut turns = Vec::with_capacity(self.tasks.len());
        loop {
            self.see_ready(&mut turns);
            let Some(next) = self.order.next(&mut turns) else { break };
            self.tasks[next].go_on();
        }
        let waiting: Vec<&str> = self.tasks.iter().filter_map(Task::waiting).collect();
        if !waiting.is_empty() {
            let message = format!("nobody will wake the tasks that wait: `{}`", waiting.join("`, `"));
            return Err(Error::new(code::TASK_STUCK, message));
        }
        Ok(self.tasks.into_iter().filter_map(Task::result).collect())
    }

    /// Adds those that can go on since the last time.
    fn see_ready(&mut self, turns: &mut Vec<usize>) {
        for (at, task) in self.tasks.iter_mut().enumerate() {
            if !task.queued && task.waiting().is_some() && task.ready.0.load(Ordering::Relaxed) {
                task.queued = true;
                turns.push(at);
            }
        }
    }
}

impl Order {
    fn next(&mut self, turns: &mut Vec<usize>) -> Option<usize> {
        let at = match self {
            _ if turns.is_empty() => return None,
            Self::Turns => 0,
            Self::Shuffled(stream) => stream.below(turns.len() as u64) as usize,
        };
        Some(turns.remove(at))
    }
}

impl<T> Task<'_, T> {
    /// Its name, if it has not come to its end.
    fn waiting(&self) -> Option<&str> {
        matches!(self.state, State::Going(_)).then_some(self.name.as_str())
    }

    fn go_on(&mut self) {
        self.queued = false;
        // Before it goes on, because it may wake itself.
        self.ready.0.store(false, Ordering::Relaxed);
        let State::Going(work) = &mut self.state else { return };
        let waker = Waker::from(self.ready.clone());
        let context = &mut Context::from_waker(&waker);
        if let Poll::Ready(result) = ambient::in_lane(&mut self.lane, || work.as_mut().poll(context)) {
            self.state = State::Done(result);
        }
    }

    fn result(self) -> Option<T> {
        match self.state {
            State::Done(result) => Some(result),
            State::Going(_) => None,
        }
    }
}

impl<T> fmt::Debug for Tasks<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tasks.iter().map(|task| &task.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{channel, pause};
    use super::*;
    use std::cell::RefCell;

    fn stream(n: u64) -> RandomStream {
        RandomStream::from_key(&format!("{n:064x}")).expect("a key").fork("turns")
    }

    /// The order in which four tasks with three steps each go on.
    fn course(order: Order) -> Vec<usize> {
        let steps = RefCell::new(Vec::new());
        let mut tasks = Tasks::ordered(order);
        for id in 0..4 {
            let steps = &steps;
            tasks.spawn(id.to_string(), async move {
                for _ in 0..3 {
                    steps.borrow_mut().push(id);
                    pause().await;
                }
                id
            });
        }
        assert_eq!(tasks.join().expect("they end"), [0, 1, 2, 3]);
        steps.into_inner()
    }

    #[test]
    fn turns_are_fair_and_a_seed_is_a_course_of_events() {
        assert_eq!(course(Order::Turns), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
        let courses: Vec<_> = (1..20).map(|seed| course(Order::Shuffled(stream(seed)))).collect();
        let again: Vec<_> = (1..20).map(|seed| course(Order::Shuffled(stream(seed)))).collect();
        assert_eq!(courses, again);
        let different: std::collections::BTreeSet<_> = courses.iter().collect();
        assert!(different.len() > 15, "{different:?}");
        assert_eq!(courses[0], [0, 1, 3, 2, 1, 3, 3, 2, 2, 1, 0, 0], "it never changes");
    }

    #[test]
    fn who_waits_is_woken_and_who_waits_in_vain_is_named() {
        let (sender, receiver) = channel();
        let mut tasks = Tasks::in_turns();
        tasks.spawn("reader", async move {
            let mut all = Vec::new();
            while let Some(item) = receiver.receive().await {
                all.push(item);
            }
            all
        });
        tasks.spawn("writer", async move {
            for item in 0..3 {
                sender.send(item);
                pause().await;
            }
            Vec::new()
        });
        assert_eq!(tasks.join().expect("they end"), [vec![0, 1, 2], vec![]]);
        let (kept, receiver) = channel::<u8>();
        let mut tasks = Tasks::in_turns();
        tasks.spawn("eager", async { None });
        tasks.spawn("vain", async move { receiver.receive().await });
        let error = tasks.join().expect_err("nobody sends");
        assert_eq!((error.code(), error.message().contains("`vain`")), (code::TASK_STUCK, true));
        assert!(!error.message().contains("eager"));
        drop(kept);
    }

    #[test]
    fn no_task_is_no_work() {
        assert!(Tasks::<u8>::in_turns().join().expect("nothing").is_empty());
    }
}
