//~ native.extern: source
unsafe extern "C" {
    pub safe fn getppid() -> i32;
}
