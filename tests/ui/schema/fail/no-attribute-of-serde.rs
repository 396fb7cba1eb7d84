use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    #[serde(rename "b")]
//                 ^^^ schema.unsupported
    a: u8,
}

fn main() {}
