use orket_runtime::capabilities::CapabilityRegistry;

pub fn provide(registry: &mut CapabilityRegistry) {
    let _ = registry.merge(&"console");
//                         ^^^^^^^^^^ E0277
}

fn main() {}
