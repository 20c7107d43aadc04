//! An allocator that overwrites freed memory with zeros.
//!
//! 1. A frame leaves traces in the decoder, in the input of the networks, and in the networks themselves. So a look
//!    overwrites every block that Rust code frees.
//! 2. The kernel overwrites what is still allocated at the end of the process, before another process gets it.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, Ordering};

/// An allocator on top of another one. It overwrites freed blocks after [`begin`] was called.
pub struct ZeroingAlloc<A>(pub A);

static WIPES: AtomicBool = AtomicBool::new(false);

/// Starts overwriting, for the rest of the process.
pub fn begin() {
    WIPES.store(true, Ordering::Relaxed);
}

// SAFETY: the inner allocator does the work; blocks are only written between their last use and their release.
unsafe impl<A: GlobalAlloc> GlobalAlloc for ZeroingAlloc<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WIPES.load(Ordering::Relaxed) {
            // The compiler would remove an ordinary write to a block that is freed next.
            unsafe { libc::explicit_bzero(block.cast(), layout.size()) };
        }
        unsafe { self.0.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !WIPES.load(Ordering::Relaxed) {
            return unsafe { self.0.realloc(block, layout, size) };
        }
        // The inner allocator could move the block and leave the old bytes behind.
        unsafe {
            let new = self.0.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::System;
    use std::sync::Mutex;

    /// Records the content of freed blocks.
    struct Watching(Mutex<Vec<Vec<u8>>>);

    // SAFETY: same as the system allocator.
    unsafe impl GlobalAlloc for Watching {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            let left = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            self.0.lock().unwrap().push(left.to_vec());
            unsafe { System.dealloc(block, layout) }
        }
    }

    #[test]
    fn a_block_is_overwritten_when_it_is_freed_and_when_it_moves() {
        begin();
        let memory = ZeroingAlloc(Watching(Mutex::default()));
        let layout = Layout::array::<u8>(64).unwrap();
        unsafe {
            let block = memory.alloc(layout);
            block.write_bytes(7, 64);
            let block = memory.realloc(block, layout, 128);
            assert_eq!(std::slice::from_raw_parts(block, 64), [7; 64]);
            block.write_bytes(7, 128);
            memory.dealloc(block, Layout::array::<u8>(128).unwrap());
        }
        assert_eq!(*memory.0.0.lock().unwrap(), [vec![0; 64], vec![0; 128]]);
    }
}
