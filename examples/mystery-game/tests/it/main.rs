//! The tests of the game as a whole: many worlds, many scripts, and the extension
//! as the host would run it.

mod answers;
mod contents;
mod detective;
mod hosted;
mod random_scripts;
mod table;
mod worlds;
