#[orket_runtime::extension(id = "hello.world")]
pub struct Hello;
//  ^^^^^^ extension.not-a-module

fn main() {}
