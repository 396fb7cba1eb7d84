use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    #[serde(deserialize_with = "read")]
//          ^^^^^^^^^^^^^^^^ schema.unsupported
    a: u8,
}

fn main() {}
