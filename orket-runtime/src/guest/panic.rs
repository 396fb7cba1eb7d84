//! Panics of the author's code become failures that name their place.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process;

use orket_contract::code;
use orket_contract::protocol::{self, Failure, GuestFrame};

use super::BROKEN;
use super::stream::Stream;
use crate::ambient;

thread_local! {
    /// The last panic of this thread: the payload that unwinds does not know its place.
    static LAST: RefCell<Option<Failure>> = const { RefCell::new(None) };
}

/// What unwinds when the stream is broken.
struct BrokenStream;

/// How the author's code came to an end that is no return.
#[derive(Debug, PartialEq)]
pub(super) enum Caught {
    /// It panicked.
    Panicked(Failure),
    /// The stream broke while it ran.
    Broken,
}

/// Keeps message and place of every panic; where panics abort, reports them there and then.
pub(super) fn remember(stream: Stream) {
    panic::set_hook(Box::new(move |info| {
        let failure = describe(info);
        if cfg!(panic = "abort") {
            // The process ends either way; without a reader the host knows it as `guest.exited`.
            if let Some(observed) = ambient::observed() {
                let _ = protocol::write(&mut stream.clone(), &observed, &[]);
            }
            let _ = protocol::write(&mut stream.clone(), &GuestFrame::Failed { failure }, &[]);
        } else {
            LAST.set(Some(failure));
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> Failure {
    let message = message(info.payload());
    Failure {
        code: code::GUEST_PANICKED.to_owned(),
        message,
        location: info.location().map(ToString::to_string),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Runs code that may panic.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Caught> {
    // What the author's code leaves half done is not looked at again: its run has failed.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        if payload.is::<BrokenStream>() {
            return Caught::Broken;
        }
        let unknown = || Failure {
            code: code::GUEST_PANICKED.to_owned(),
            message: message(payload.as_ref()),
            location: None,
        };
        Caught::Panicked(LAST.take().unwrap_or_else(unknown))
    })
}

/// Leaves the author's code, whatever it would do with an error: nobody listens any more.
pub(super) fn broken_stream() -> ! {
    if cfg!(panic = "abort") {
        process::exit(i32::from(BROKEN));
    }
    panic::resume_unwind(Box::new(BrokenStream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_with_its_message() {
        let caught = caught(|| -> () { panic::resume_unwind(Box::new("the door is locked".to_owned())) });
        let Err(Caught::Panicked(failure)) = caught else { panic!("{caught:?}") };
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str()),
            ("guest.panicked", "the door is locked")
        );
    }

    #[test]
    fn a_broken_stream_is_no_panic_of_the_author() {
        assert_eq!(caught(|| -> () { broken_stream() }), Err(Caught::Broken));
    }
}
