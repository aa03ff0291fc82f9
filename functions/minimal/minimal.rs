// rustc --edition 2024 --target wasm32-unknown-unknown --crate-type cdylib -O minimal.rs

#[unsafe(no_mangle)]
extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::leak(vec![0; len].into_boxed_slice()).as_mut_ptr()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

#[unsafe(no_mangle)]
unsafe extern "C" fn handler(ptr: *mut u8, len: usize) -> u64 {
    let event = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(ptr, len)) };
    let response = format!(r#"{{"eventBytes":{}}}"#, event.len());
    let response = Box::leak(response.into_boxed_str()); // the host calls `dealloc` on it
    (response.as_ptr() as u64) << 32 | response.len() as u64
}
