#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orket_fuzz::target::network(bytes));
