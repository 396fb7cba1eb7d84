use orket_runtime::prelude::*;

mod other {
    pub fn hello() {}
}

#[workload]
use other::hello;

fn main() {
    hello();
}
