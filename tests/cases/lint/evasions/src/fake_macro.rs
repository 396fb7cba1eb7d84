/// Not the attribute that it looks like.
macro_rules! workload {
    () => {
        orket_runtime::internal::SDK_VERSION
    };
}
const VERSION: &str = workload!();
