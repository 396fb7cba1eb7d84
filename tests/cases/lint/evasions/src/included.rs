include!("included.txt");
