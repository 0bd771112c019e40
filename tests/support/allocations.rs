//! Counts the memory that a piece of code holds at its peak.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with an account for each thread.
struct Counting;

thread_local! {
    /// Bytes held now, and at most.
    static ACCOUNT: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn count(bytes: isize) {
    // A thread that ends has no account any more.
    let _ = ACCOUNT.try_with(|account| {
        let (held, most) = account.get();
        account.set((held + bytes, most.max(held + bytes)));
    });
}

fn signed(size: usize) -> isize {
    isize::try_from(size).unwrap_or(isize::MAX)
}

// SAFETY: every call goes to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(signed(layout.size()));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-signed(layout.size()));
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that the code held at once.
pub fn peak_of(code: impl FnOnce()) -> usize {
    let (held, _) = ACCOUNT.get();
    ACCOUNT.set((held, held));
    code();
    let (_, most) = ACCOUNT.get();
    usize::try_from(most - held).unwrap()
}
