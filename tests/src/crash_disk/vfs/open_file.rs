//! The functions that SQLite calls on an open file.

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_io_methods};

use super::super::Shared;
use super::super::locks::{LockLevel, SharedMemory};
use super::super::state::Handle;
use super::{answer, code, size};

/// What SQLite allocates for each open file: its own header, then ours.
#[repr(C)]
pub(super) struct OpenFile {
    pub(super) base: sqlite3_file,
    pub(super) ours: *mut Opened,
}

pub(super) struct Opened {
    pub(super) disk: Arc<Shared>,
    pub(super) handle: Handle,
    pub(super) writable: bool,
    pub(super) delete_on_close: bool,
    pub(super) keeps_wal: bool,
    pub(super) memory: Option<Arc<SharedMemory>>,
}

impl Opened {
    fn unmap(&mut self) {
        if let Some(memory) = self.memory.take() {
            memory.unlock_all(self.handle.number);
        }
    }
}

pub(super) static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shared_memory_map),
    xShmLock: Some(shared_memory_lock),
    xShmBarrier: Some(shared_memory_barrier),
    xShmUnmap: Some(shared_memory_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `file` was opened by [`super::open`] and not closed; one connection uses it, under its mutex, so the
/// reference is the only one for the length of the call.
pub(super) unsafe fn opened<'call>(file: *mut sqlite3_file) -> &'call mut Opened {
    // SAFETY: `super::open` put a live box there, and only `close` takes it away.
    unsafe { &mut *(*file.cast::<OpenFile>()).ours }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once; the box was made in `super::open`.
    let mut opened = unsafe { Box::from_raw((*file.cast::<OpenFile>()).ours) };
    opened.unmap();
    opened.disk.state().close(opened.handle, opened.delete_on_close);
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    to: *mut c_void,
    amount: c_int,
    from: sqlite3_int64,
) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    let state = opened.disk.state();
    let bytes = size(amount).and_then(|amount| Ok((amount, state.read(opened.handle, size(from)?, amount)?)));
    match bytes {
        Ok((amount, bytes)) => {
            // SAFETY: `to` has room for `amount` bytes, of which `bytes` are the first. SQLite relies on
            // zeros after a short read.
            unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), to.cast::<u8>(), bytes.len());
                to.cast::<u8>().add(bytes.len()).write_bytes(0, amount - bytes.len());
            }
            if bytes.len() < amount { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    from: *const c_void,
    amount: c_int,
    to: sqlite3_int64,
) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    if !opened.writable {
        return ffi::SQLITE_READONLY;
    }
    code(size(amount).and_then(|amount| {
        // SAFETY: SQLite gives `amount` readable bytes.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), amount) };
        opened.disk.state().write(opened.handle, size(to)?, bytes)
    }))
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, len: sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    code(size(len).and_then(|len| opened.disk.state().resize(opened.handle, len)))
}

unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    code(opened.disk.state().sync(opened.handle))
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, out: *mut sqlite3_int64) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    let len = opened.disk.state().len_bytes(opened.handle);
    // SAFETY: `out` is valid.
    unsafe { answer(len.and_then(|len| len.try_into().map_err(|_| ffi::SQLITE_IOERR)), out) }
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    code(opened.disk.state().lock(opened.handle, LockLevel::from_code(level)))
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    opened.disk.state().unlock(opened.handle, LockLevel::from_code(level));
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    let reserved = opened.disk.state().is_reserved(opened.handle);
    // SAFETY: `out` is valid.
    unsafe { answer(reserved.map(c_int::from), out) }
}

unsafe extern "C" fn file_control(file: *mut sqlite3_file, operation: c_int, argument: *mut c_void) -> c_int {
    if operation != ffi::SQLITE_FCNTL_PERSIST_WAL {
        return ffi::SQLITE_NOTFOUND;
    }
    // SAFETY: an open file, and for this operation an int: negative asks, all else sets.
    unsafe {
        let (opened, wanted) = (opened(file), argument.cast::<c_int>());
        if *wanted < 0 {
            *wanted = opened.keeps_wal.into();
        } else {
            opened.keeps_wal = *wanted != 0;
        }
    }
    ffi::SQLITE_OK
}

/// As SQLite on Unix answers, so that it takes the same paths as in production. It trusts no write of this
/// size to be atomic, hence tearing at 512 bytes is fair.
unsafe extern "C" fn sector_size(_file: *mut sqlite3_file) -> c_int {
    4096
}

/// The same as on Unix: writing a range leaves the bytes around it alone, even when the power goes.
unsafe extern "C" fn device_characteristics(_file: *mut sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE | ffi::SQLITE_IOCAP_SUBPAGE_READ
}

unsafe extern "C" fn shared_memory_map(
    file: *mut sqlite3_file,
    region: c_int,
    region_bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: an open file, and a valid place for the address.
    let opened = unsafe {
        *out = ptr::null_mut();
        opened(file)
    };
    let mut address = || {
        let memory = opened.disk.state().shared_memory(opened.handle)?;
        let memory = opened.memory.get_or_insert(memory);
        // No region and no wish for one is a success with a null address.
        let address = memory.region(size(region)?, size(region_bytes)?, extend != 0);
        Ok(address.map_or(ptr::null_mut(), |address| address.cast()))
    };
    // SAFETY: as above.
    unsafe { answer(address(), out) }
}

unsafe extern "C" fn shared_memory_lock(
    file: *mut sqlite3_file,
    first: c_int,
    n: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: an open file.
    let opened = unsafe { opened(file) };
    let (handle, unlock) = (opened.handle, flags & ffi::SQLITE_SHM_UNLOCK != 0);
    code((|| {
        if !unlock {
            opened.disk.state().check_alive(handle)?;
        }
        let memory = opened.memory.as_ref().ok_or(ffi::SQLITE_IOERR_SHMLOCK)?;
        let (first, n) = (size(first)?, size(n)?);
        if unlock {
            memory.unlock(handle.number, first, n)
        } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
            memory.lock_shared(handle.number, first, n)
        } else {
            memory.lock_exclusive(handle.number, first, n)
        }
    })())
}

unsafe extern "C" fn shared_memory_barrier(_file: *mut sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shared_memory_unmap(file: *mut sqlite3_file, _and_delete: c_int) -> c_int {
    // SAFETY: an open file.
    unsafe { opened(file) }.unmap();
    ffi::SQLITE_OK
}
