//! `keygen`: a pair of keys to sign runs with.

use crate::args::KeygenArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report};
use orket_engine::attest::Pair;

/// Draws a key and writes both halves.
pub(super) fn run(args: &KeygenArgs, report: &Report) -> Result<Exit> {
    let pair = Pair::create(&args.out, args.replace)?;
    report.status(
        "Created",
        &format!("{} (private: keep it, and keep it out of version control)", pair.private.display()),
    );
    report.status("Created", &format!("{} (public: give it to those who verify)", pair.public.display()));
    report.status("Key", &pair.keyid.to_string());
    report.message(&Message::Key(&pair));
    Ok(Exit::Ok)
}
