use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input(u8, #[serde(default)] u8);
//                   ^ schema.unsupported

fn main() {}
