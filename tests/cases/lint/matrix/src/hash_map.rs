//~ ambient.hash-order: clippy
use std::collections::HashMap;
pub fn count(words: &[String]) -> usize {
    let mut seen = HashMap::new();
    words.iter().for_each(|word| *seen.entry(word).or_insert(0) += 1);
    seen.len()
}
