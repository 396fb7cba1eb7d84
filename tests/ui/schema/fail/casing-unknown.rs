use orket_runtime::Schema;

#[derive(Schema)]
#[serde(rename_all = "Title Case")]
//      ^^^^^^^^^^ schema.unsupported
pub struct Input {
    a: u8,
}

fn main() {}
