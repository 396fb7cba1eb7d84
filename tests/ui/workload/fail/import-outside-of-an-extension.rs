use orket_runtime::prelude::*;

mod other {
    pub fn hello() {}
}

#[workload]
    use other::hello;
//  ^^^ workload.hidden

fn main() {
    hello();
}
