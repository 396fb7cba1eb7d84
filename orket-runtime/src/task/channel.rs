//! What one task tells another.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A way for values from tasks to another task, in the order in which they were sent.
///
/// ```
/// use orket_runtime::task::{Tasks, channel};
/// # fn main() -> orket_runtime::Result<()> {
/// let (sender, receiver) = channel();
/// let mut tasks = Tasks::in_turns();
/// tasks.spawn("counter", async move { (1..4).for_each(|n| sender.send(n)); 0 });
/// tasks.spawn("adder", async move {
///     let mut sum = 0;
///     while let Some(n) = receiver.receive().await {
///         sum += n;
///     }
///     sum
/// });
/// assert_eq!(tasks.join()?, [0, 6]);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Rc::new(RefCell::new(Shared { queue: VecDeque::new(), senders: 1, waiting: None }));
    (Sender(shared.clone()), Receiver(shared))
}

struct Shared<T> {
    queue: VecDeque<T>,
    senders: usize,
    waiting: Option<Waker>,
}

impl<T> Shared<T> {
    fn wake(&mut self) {
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }
}

/// The end of a [`channel`] that values are put into.
pub struct Sender<T>(Rc<RefCell<Shared<T>>>);

impl<T> Sender<T> {
    /// Puts a value in. It is there at once, and read when the reader goes on.
    ///
    /// ```
    /// let (sender, _receiver) = orket_runtime::task::channel();
    /// sender.send("a note");
    /// ```
    pub fn send(&self, value: T) {
        let mut shared = self.0.borrow_mut();
        shared.queue.push_back(value);
        shared.wake();
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.borrow_mut().senders += 1;
        Self(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = self.0.borrow_mut();
        shared.senders -= 1;
        if shared.senders == 0 {
            shared.wake();
        }
    }
}

/// The end of a [`channel`] that values come out of.
pub struct Receiver<T>(Rc<RefCell<Shared<T>>>);

impl<T> Receiver<T> {
    /// The next value; waits until there is one. `None` when there is none and nobody is left who could send.
    ///
    /// ```
    /// # use orket_runtime::task::{Receiver, Tasks};
    /// async fn all(receiver: Receiver<u8>) -> Vec<u8> {
    ///     let mut all = Vec::new();
    ///     while let Some(value) = receiver.receive().await {
    ///         all.push(value);
    ///     }
    ///     all
    /// }
    /// ```
    pub async fn receive(&self) -> Option<T> {
        poll_fn(|context| {
            let mut shared = self.0.borrow_mut();
            match shared.queue.pop_front() {
                None if shared.senders > 0 => {
                    shared.waiting = Some(context.waker().clone());
                    Poll::Pending
                }
                value => Poll::Ready(value),
            }
        })
        .await
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
