use orket_runtime::Schema;

#[derive(Schema)]
#[serde(transparent)]
pub struct Input {
//         ^^^^^ schema.unsupported
    a: u8,
    b: u8,
}

fn main() {}
