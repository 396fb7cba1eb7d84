use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
pub type Map = HashMap<u8, u8, BuildHasherDefault<DefaultHasher>>;
pub fn map() -> Map {
    Map::default()
}
