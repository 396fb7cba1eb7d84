//~ native.extern: source
unsafe extern "C" {
    #[link_name = "getppid"]
    pub safe fn innocent() -> i32;
}
