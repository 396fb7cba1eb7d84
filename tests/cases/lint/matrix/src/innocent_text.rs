/// Unlike `orket_runtime::internal::SDK_VERSION`, this is a text: asm!("x").
pub const TEXT: &str = "orket_runtime::internal::SDK_VERSION std::thread::spawn";
