use orket_runtime as sdk;
const VERSION: &str = sdk::internal::SDK_VERSION;
