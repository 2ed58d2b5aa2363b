#![no_main]

#[path = "../src/entry.rs"]
#[allow(dead_code, reason = "each target calls one of its functions")]
mod entry;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entry::expression(bytes));
