//! Whether something repeats, and what it depends on if it does not.
//!
//! ```text
//! Reference   what a run is compared with: a record, the first run, or its refusal
//! verify      a way to run it once → Found: the verdict, and what it rests on
//! statement   what was found, for others to see
//! deciding    which random numbers decide, where it repeats for its seed
//! reduce      what a difference shows with, made smaller as long as it still shows
//! ```
//! First runs in equal surroundings, so that what differs by itself is told apart; then hostile ones; where one of those differs, what of
//! its surroundings is to blame is found by leaving parts of them out, and confirmed with and without.

mod cause;
mod draws;
mod found;
mod reduce;
mod reference;
mod search;
mod statement;

pub use draws::{Decided, Flipped, deciding};
pub use found::{Claim, Draw, Found, Seen, Verdict};
pub use reduce::{Matter, reduce};
pub use reference::Reference;
pub use search::{Attempts, Run, Trial, verify};
pub use statement::{TEST_RESULT, Tested, statement};
