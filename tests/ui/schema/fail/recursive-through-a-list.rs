use orket_runtime::Schema;

#[derive(Schema)]
pub enum Input {
    Leaf(u8),
    Branch(Vec<Self>),
//             ^^^^ schema.recursive
}

fn main() {}
