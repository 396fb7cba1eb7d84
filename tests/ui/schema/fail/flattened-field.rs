use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub struct Input {
    #[serde(flatten)]
//          ^^^^^^^ schema.unsupported
    rest: Rest,
}

#[derive(serde::Deserialize, Schema)]
pub struct Rest {
    a: u8,
}

fn main() {}
