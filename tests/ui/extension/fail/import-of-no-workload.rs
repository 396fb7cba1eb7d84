mod other {
    pub fn plain() {}
}

#[orket_runtime::extension(id = "hello.world")]
pub mod hello {
    #[workload]
    pub use crate::other::plain;
//          ^^^^^^^^^^^^^^^^^^^ E0432
}

fn main() {}
