//! The C face of the disk: the functions that SQLite calls, each a translation and nothing more.

#![allow(unsafe_code, reason = "SQLite reaches a VFS only through C function pointers and raw memory")]

mod open_file;

use std::ffi::{CStr, CString, c_char, c_int};
use std::mem::size_of;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64, sqlite3_vfs};

use super::Shared;
use super::state::{ErrorCode, OpenMode};
use open_file::{METHODS, OpenFile, Opened, opened};

/// Longer than any path a test makes.
const PATH_BYTES_MAX: c_int = 1024;

/// 1970-01-01 as SQLite counts: milliseconds since noon in Greenwich on 24 November 4714 BC.
const UNIX_EPOCH_JULIAN_MS: sqlite3_int64 = 210_866_760_000_000;

static DISKS_MADE: AtomicU64 = AtomicU64::new(0);

/// A VFS that SQLite knows by name as long as this lives.
#[derive(Debug)]
pub(super) struct RegisteredVfs {
    vfs: NonNull<sqlite3_vfs>,
    name: String,
}

// SAFETY: the pointer is only handed to `sqlite3_vfs_unregister`, which takes SQLite's own lock; what it
// points to is never freed, and after registering only SQLite writes to it.
unsafe impl Send for RegisteredVfs {}
// SAFETY: as above; a shared reference gives access to the name only.
unsafe impl Sync for RegisteredVfs {}

impl RegisteredVfs {
    pub(super) fn register(disk: &Arc<Shared>) -> Self {
        let name = format!("crash-disk-{}", DISKS_MADE.fetch_add(1, Ordering::Relaxed));
        let c_name = CString::new(name.clone()).expect("the name has no NUL");
        let vfs = Box::new(sqlite3_vfs {
            iVersion: 2,
            szOsFile: size_of::<OpenFile>() as c_int,
            mxPathname: PATH_BYTES_MAX,
            pNext: ptr::null_mut(),
            zName: c_name.into_raw(),
            // Weak, so that the leak is a few bytes and not the files.
            pAppData: Box::into_raw(Box::new(Arc::downgrade(disk))).cast(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: None,
            xGetLastError: None,
            xCurrentTimeInt64: Some(current_time),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        });
        // Leaked: a connection keeps this pointer until it is closed, with or without open files, and SQLite
        // does not tell when the last one has gone.
        let vfs = NonNull::from(Box::leak(vfs));
        // SAFETY: the structure and all that it points to stay valid for ever.
        let code = unsafe { ffi::sqlite3_vfs_register(vfs.as_ptr(), 0) };
        assert_eq!(code, ffi::SQLITE_OK, "SQLite did not take the VFS");
        Self { vfs, name }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for RegisteredVfs {
    fn drop(&mut self) {
        // SAFETY: registered in `register` and still allocated; SQLite only takes it from its list.
        unsafe { ffi::sqlite3_vfs_unregister(self.vfs.as_ptr()) };
    }
}

/// # Safety
/// `vfs` is the one made by [`RegisteredVfs::register`].
unsafe fn disk(vfs: *mut sqlite3_vfs) -> Result<Arc<Shared>, ErrorCode> {
    // SAFETY: the box behind `pAppData` is never freed and never written to.
    let disk = unsafe { &*(*vfs).pAppData.cast::<Weak<Shared>>() };
    disk.upgrade().ok_or(ffi::SQLITE_CANTOPEN)
}

/// # Safety
/// `name` is null or a C string that outlives the call.
unsafe fn text(name: *const c_char) -> Option<String> {
    // SAFETY: promised by the caller.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned())
}

/// Refuses a journal or WAL to a connection whose database handle died with the power: the new handle would
/// be a live one, and through it the past could write to the disk.
/// # Safety
/// `name` and `flags` are those of an xOpen call.
unsafe fn is_asked_by_the_dead(disk: &Shared, name: *const c_char, flags: c_int) -> bool {
    if name.is_null() || flags & (ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL) == 0 {
        return false;
    }
    // SAFETY: SQLite allows exactly this call for the name of a journal or WAL that it gave to xOpen. The
    // file belongs to the connection that is calling us; it is ours if the methods are.
    unsafe {
        let database = ffi::sqlite3_database_file_object(name);
        !database.is_null()
            && ptr::eq((*database).pMethods, &METHODS)
            && disk.state().check_alive(opened(database).handle).is_err()
    }
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives room for `szOsFile` bytes. No methods means: failed, and not to be closed.
    unsafe { (*file).pMethods = ptr::null() };
    let attempt = || {
        // SAFETY: the pointers are those of this call.
        let (disk, path) = unsafe { (disk(vfs)?, text(name)) };
        // SAFETY: as above.
        if unsafe { is_asked_by_the_dead(&disk, name, flags) } {
            return Err(ffi::SQLITE_IOERR);
        }
        let mode = OpenMode {
            create: flags & ffi::SQLITE_OPEN_CREATE != 0,
            must_be_new: flags & ffi::SQLITE_OPEN_EXCLUSIVE != 0,
        };
        let handle = disk.state().open(path.as_deref(), mode)?;
        Ok(Opened {
            disk,
            handle,
            writable: flags & ffi::SQLITE_OPEN_READWRITE != 0,
            delete_on_close: flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0,
            keeps_wal: false,
            memory: None,
        })
    };
    let opened = match attempt() {
        Ok(opened) => opened,
        Err(code) => return code,
    };
    let ours = Box::into_raw(Box::new(opened));
    // SAFETY: `file` has the room of an `OpenFile`, `flags_out` is null or valid.
    unsafe {
        file.cast::<OpenFile>().write(OpenFile { base: sqlite3_file { pMethods: &METHODS }, ours });
        answer(Ok(flags), flags_out)
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, _sync_directory: c_int) -> c_int {
    // SAFETY: our VFS, and a name for this call.
    let (disk, name) = unsafe { (disk(vfs), text(name)) };
    code(disk.and_then(|disk| disk.state().delete(name.as_deref().unwrap_or_default())))
}

unsafe extern "C" fn access(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    _flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: our VFS, and a name for this call.
    let (disk, name) = unsafe { (disk(vfs), text(name)) };
    let exists = disk.and_then(|disk| disk.state().has_content(name.as_deref().unwrap_or_default()));
    // SAFETY: `out` is valid.
    unsafe { answer(exists.map(c_int::from), out) }
}

/// A name is its own full path: there are no directories and no current one.
unsafe extern "C" fn full_pathname(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: a C string for this call.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if size(room).is_ok_and(|room| name.len() <= room) {
        // SAFETY: `out` has `room` bytes, and the name with its NUL fits.
        unsafe { ptr::copy_nonoverlapping(name.as_ptr().cast(), out, name.len()) };
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_CANTOPEN
    }
}

unsafe extern "C" fn randomness(vfs: *mut sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    // SAFETY: our VFS.
    let Ok(disk) = (unsafe { disk(vfs) }) else { return 0 };
    let mut state = disk.state();
    for index in 0..size(amount).unwrap_or(0) {
        // SAFETY: `out` has `amount` bytes.
        unsafe { out.add(index).write(state.random.bits().to_le_bytes()[0].cast_signed()) };
    }
    amount
}

/// Really sleeps, for the busy handler counts its naps and not the clock: with shorter ones a timeout of
/// seconds would be over before the other thread had a turn.
unsafe extern "C" fn sleep(_vfs: *mut sqlite3_vfs, microseconds: c_int) -> c_int {
    std::thread::sleep(Duration::from_micros(microseconds.try_into().unwrap_or(0)));
    microseconds
}

unsafe extern "C" fn current_time(_vfs: *mut sqlite3_vfs, out: *mut sqlite3_int64) -> c_int {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = sqlite3_int64::try_from(since_epoch.as_millis()).unwrap_or(0);
    // SAFETY: `out` is valid.
    unsafe { answer(Ok(UNIX_EPOCH_JULIAN_MS + ms), out) }
}

fn code(result: Result<(), ErrorCode>) -> c_int {
    result.err().unwrap_or(ffi::SQLITE_OK)
}

fn size(number: impl TryInto<usize>) -> Result<usize, ErrorCode> {
    number.try_into().map_err(|_| ffi::SQLITE_IOERR)
}

/// Puts an answer where SQLite wants it.
/// # Safety
/// `out` is null or valid for a write.
unsafe fn answer<T>(result: Result<T, ErrorCode>, out: *mut T) -> c_int {
    match result {
        Ok(value) => {
            if !out.is_null() {
                // SAFETY: promised by the caller.
                unsafe { out.write(value) };
            }
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}
