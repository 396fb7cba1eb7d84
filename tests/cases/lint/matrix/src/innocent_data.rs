pub const TEXT: &str = include_str!("data.txt");
