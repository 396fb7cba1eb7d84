use orket_runtime::Schema;

#[derive(Schema)]
pub union Input {
//  ^^^^^ schema.unsupported
    a: u8,
    b: u8,
}

fn main() {}
