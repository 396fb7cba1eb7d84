use orket_runtime::prelude::*;

#[workload]
pub struct Hello;

fn main() {}
