const VERSION: &str = renamed::internal::SDK_VERSION;
