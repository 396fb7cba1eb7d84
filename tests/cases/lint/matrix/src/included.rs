//~ include.source: source
include!("included.txt");
