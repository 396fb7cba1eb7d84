use orket_runtime::Schema;

#[derive(Schema)]
#[schema(krate = orket_runtime)]
//       ^^^^^ option.unknown
pub struct Input {
    a: u8,
}

fn main() {}
