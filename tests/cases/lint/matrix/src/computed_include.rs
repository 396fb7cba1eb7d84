//~ include.source: source
//~ include.computed: source
include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/computed.txt"));
