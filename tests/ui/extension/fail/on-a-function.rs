#[orket_runtime::extension(id = "hello.world")]
pub fn hello() {}
//  ^^ extension.not-a-module

fn main() {}
