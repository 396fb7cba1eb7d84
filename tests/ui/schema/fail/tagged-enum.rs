use orket_runtime::Schema;

#[derive(serde::Deserialize, Schema)]
#[serde(tag = "kind")]
//      ^^^ schema.unsupported
pub enum Input {
    A { a: u8 },
}

fn main() {}
