#[workload(id = "a b", plan = 3, materials = ["../secret"])]
pub async unsafe fn refused<T>(&self, a: u8, b: u8) {
    let broken = ;
}
