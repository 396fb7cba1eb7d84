//~ import.internal: source
//~ ambient.socket: source
pub const VERSION: &str = orket_runtime::internal::SDK_VERSION;
pub fn bind() -> bool {
    std::net::UdpSocket::bind("localhost:1").is_ok()
}
