//! Shows what happens during a run.

use crate::report::{Message, Report};
use orket_contract::protocol::Level;
use orket_engine::capability::console::visible;
use orket_engine::{Event, Observer};

/// Tells a report about every event.
pub(crate) struct Watch<'a> {
    /// Whom to tell.
    pub(crate) report: &'a Report,
}

impl Observer for Watch<'_> {
    fn on_event(&mut self, event: &Event) {
        self.report.message(&Message::Event(event));
        // An extension's words must not drive the terminal; as JSON they cannot.
        match event {
            Event::Phase { phase } => self.report.detail("Phase", &phase.to_string()),
            Event::Trace { name, payload } => {
                self.report.detail("Trace", &visible(&format!("{name} {payload}")));
            }
            Event::Log { level: Level::Warn, message } => self.report.warn(&visible(message)),
            Event::Log { level: Level::Error, message } => self.report.log_error(&visible(message)),
            Event::Log { level: Level::Info, message } => self.report.status("Log", &visible(message)),
            Event::Log { level: Level::Debug, message } => self.report.detail("Log", &visible(message)),
        }
    }
}
