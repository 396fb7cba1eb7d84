//~ native.assembly: source
pub fn nothing() {
    unsafe { std::arch::asm!("") };
}
