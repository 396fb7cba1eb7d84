//! The program that the host runs.

orket_runtime::main!(mystery_game::mystery);
