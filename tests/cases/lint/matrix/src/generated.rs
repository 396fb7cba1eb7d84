//~ include.source: source
include!(concat!(env!("OUT_DIR"), "/matrix_generated.rs"));
