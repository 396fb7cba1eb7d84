#[orket_runtime::extension(id = "hello.world")]
pub fn hello() {}

#[orket_runtime::extension(id = "hello.world")]
pub struct Hello;

fn main() {}
