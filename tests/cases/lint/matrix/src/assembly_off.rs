//~ native.assembly: source
#[cfg(target_arch = "riscv64")]
core::arch::global_asm!("nop");
