#[cfg(test)]
mod tests {
    #[test]
    fn waits() {
        std::thread::spawn(|| ()).join().unwrap();
        let _ = std::time::Instant::now();
    }
}
