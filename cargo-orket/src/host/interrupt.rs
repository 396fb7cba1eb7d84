//! Ctrl-C: no child stays behind and nothing half-written is published.

use crate::exit::Exit;
use crate::report::{Message, Report};
use orket_engine::Interrupt;

/// From here on Ctrl-C, or a request to terminate, ends what runs and then this process.
///
/// The process ends from the handler, because the main thread may wait for a person who never types again.
pub(crate) fn end_on_interrupt(interrupt: Interrupt, report: &Report) {
    let report = report.clone();
    let handler = move || {
        interrupt.fire();
        report.resume();
        report.message(&Message::summary(Exit::Interrupted));
        std::process::exit(Exit::Interrupted.number().into());
    };
    // It fails only where a handler is set already, and one is enough.
    let _ = ctrlc::set_handler(handler);
}
