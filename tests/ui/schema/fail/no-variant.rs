use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub enum Input {}
//       ^^^^^ schema.unsupported

fn main() {}
