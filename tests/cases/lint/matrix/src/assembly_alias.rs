//~ native.assembly: source
pub fn nothing() {
    macro_rules! hidden {
        () => {
            unsafe { core::arch::asm!("") }
        };
    }
    hidden!();
}
