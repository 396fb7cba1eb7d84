pub fn map() -> std::collections::BTreeMap<u8, orket_runtime::prelude::Value> {
    std::collections::BTreeMap::new()
}
