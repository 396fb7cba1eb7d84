use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
pub struct Input {
//         ^^^^^ schema.unsupported
    a: u8,
    #[serde(rename = "a")]
    b: u8,
}

fn main() {}
