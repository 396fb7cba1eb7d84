fn shown() -> String {
    format!("{}", orket_runtime::internal::SDK_VERSION)
}
