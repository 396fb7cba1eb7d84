use orket_runtime::Schema;

#[derive(Schema)]
pub struct Input {
    #[serde(default, default)]
//                   ^^^^^^^ schema.unsupported
    a: u8,
}

fn main() {}
