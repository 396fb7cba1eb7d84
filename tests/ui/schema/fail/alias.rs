use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    #[serde(alias = "b")]
//          ^^^^^ schema.unsupported
    a: u8,
}

fn main() {}
