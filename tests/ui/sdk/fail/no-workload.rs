use orket_runtime::workload::Registry;

pub fn list(registry: &mut Registry) {
    registry.add("hello");
//               ^^^^^^^ E0277
}

fn main() {}
