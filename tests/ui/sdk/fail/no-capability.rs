use std::rc::Rc;

use orket_runtime::capabilities::Capability;

pub fn answer() -> Rc<dyn Capability> {
    Rc::new("console")
//  ^^^^^^^^^^^^^^^^^^ E0277
}

fn main() {}
