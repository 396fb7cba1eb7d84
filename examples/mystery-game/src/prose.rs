//! Text for a terminal of eighty columns.

/// The widest line that the game writes.
pub const COLUMNS: usize = 78;

/// Breaks `text` into lines of at most [`COLUMNS`] characters. Words are never
/// split, and continuation lines keep the indent of the first.
pub fn wrap(text: &str) -> Vec<String> {
    text.lines().flat_map(wrap_line).collect()
}

fn wrap_line(line: &str) -> Vec<String> {
    if line.chars().count() <= COLUMNS {
        return vec![line.to_owned()];
    }
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut lines = vec![indent.clone()];
    for word in line.split_whitespace() {
        let current = lines.last_mut().expect("starts with one line");
        let empty = current.len() == indent.len();
        if !empty && current.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(format!("{indent}{word}"));
        } else {
            if !empty {
                current.push(' ');
            }
            current.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_between_words() {
        let text = format!("  {}", "mystery ".repeat(30));
        for line in wrap(&text) {
            assert!(line.chars().count() <= COLUMNS);
            assert!(line.starts_with("  mystery"));
        }
    }

    #[test]
    fn short_text_and_empty_lines_stay() {
        assert_eq!(wrap("one\n\n  two"), ["one", "", "  two"]);
    }
}
