//~ import.internal: compiler source
#[cfg(test)]
mod tests {
    #[test]
    fn version() {
        assert!(!orket_runtime::internal::SDK_VERSION.is_empty());
    }
}
