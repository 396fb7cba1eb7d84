use orket_runtime::prelude::*;

#[workload]
pub struct Hello;
//  ^^^^^^ workload.signature

fn main() {}
