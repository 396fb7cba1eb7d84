fn takes(_: Option<&orket_runtime::internal::WorkloadEntry>) {}
