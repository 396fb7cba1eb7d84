#[extension(id = "mystery game", capabilities = ["consol"], runtme = "1")]
pub mod mystery {
    #[workload]
    pub use crate::other::*;
}
