/* A disk that can be watched, spoiled and cut off: put before libc by LD_PRELOAD.

   Owns what happens below one folder: every call that changes it is counted, can be written down, and the one that
   was asked for fails with an errno, or ends the process on the spot, as kill -9 does. Everything else is libc's.
   Compiled and armed by shim.py, which has the numbers below under the same names. Linux and glibc only. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { ANY, CREATE, WRITE, TRUNCATE, SYNC, RENAME, UNLINK, MKDIR, KINDS };
enum { NOTHING, REFUSE, KILL_BEFORE, KILL_TORN, KILL_AFTER };
enum { OP_OPEN = 1, OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_RENAME, OP_UNLINK, OP_MKDIR, OP_RMDIR };

#define MAX_FDS 4096
#define MAX_PATH 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[MAX_PATH];
static size_t root_length;
static long counts[KINDS];
static int wanted_kind, wanted_action, wanted_errno, wanted_all;
static long wanted_number, fired;
static uint32_t opened[MAX_FDS], last_open;
static int log_fd = -1;

#define REAL(name) ((type_##name)real(&found_##name, #name))
#define FOUND(name) static void *found_##name;
static void *real(void **found, const char *name) { return *found ? *found : (*found = dlsym(RTLD_NEXT, name)); }
FOUND(openat64) FOUND(close) FOUND(write) FOUND(pwrite64) FOUND(ftruncate64) FOUND(truncate64) FOUND(fsync)
FOUND(fdatasync) FOUND(renameat) FOUND(unlinkat) FOUND(mkdirat) FOUND(sendfile64) FOUND(copy_file_range)
typedef int (*type_openat64)(int, const char *, int, ...);
typedef int (*type_close)(int);
typedef ssize_t (*type_write)(int, const void *, size_t);
typedef ssize_t (*type_pwrite64)(int, const void *, size_t, off64_t);
typedef int (*type_ftruncate64)(int, off64_t);
typedef int (*type_truncate64)(const char *, off64_t);
typedef int (*type_fsync)(int);
typedef int (*type_fdatasync)(int);
typedef int (*type_renameat)(int, const char *, int, const char *);
typedef int (*type_unlinkat)(int, const char *, int);
typedef int (*type_mkdirat)(int, const char *, mode_t);
typedef ssize_t (*type_sendfile64)(int, int, off64_t *, size_t);
typedef ssize_t (*type_copy_file_range)(int, off64_t *, int, off64_t *, size_t, unsigned);

/* ---- what shim.py calls ----------------------------------------------------------------- */

void shim_watch(const char *folder) {
    pthread_mutex_lock(&lock);
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    memset(counts, 0, sizeof counts);
    wanted_action = NOTHING;
    fired = 0;
    pthread_mutex_unlock(&lock);
}

void shim_arm(int kind, long number, int action, int error, int all_from_there) {
    pthread_mutex_lock(&lock);
    wanted_kind = kind;
    wanted_number = counts[kind] + number;
    wanted_action = action;
    wanted_errno = error;
    wanted_all = all_from_there;
    pthread_mutex_unlock(&lock);
}

void shim_log(const char *path) {
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

long shim_count(int kind) { return counts[kind]; }
long shim_fired(void) { return fired; }

/* ---- what stands below the folder ------------------------------------------------------- */

static int absolute(int folder, const char *path, char *whole) {
    char base[MAX_PATH] = "", link[64];
    if (path[0] == '/') return snprintf(whole, MAX_PATH, "%s", path) < MAX_PATH;
    if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
    else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0) return 0;
    base[length] = 0;
    return snprintf(whole, MAX_PATH, "%s/%s", base, path) < MAX_PATH;
}

static const char *below(int folder, const char *path, char *whole) {
    if (!root_length || !absolute(folder, path, whole)) return NULL;
    if (strncmp(whole, root, root_length) || (whole[root_length] != '/' && whole[root_length] != 0)) return NULL;
    return whole[root_length] ? whole + root_length + 1 : whole + root_length;
}

static uint32_t watched(int fd) { return fd >= 0 && fd < MAX_FDS ? opened[fd] : 0; }

/* ---- counting, spoiling, writing down --------------------------------------------------- */

static int due(int kind) {
    counts[kind]++;
    counts[ANY]++;
    if (wanted_action == NOTHING || (wanted_kind != kind && wanted_kind != ANY)) return NOTHING;
    long number = counts[wanted_kind];
    if (number < wanted_number || (number > wanted_number && !wanted_all)) return NOTHING;
    fired++;
    if (wanted_action == KILL_BEFORE) kill(getpid(), SIGKILL);
    return wanted_action;
}

static int refused(void) {
    errno = wanted_errno;
    return -1;
}

static void put(uint8_t op, uint32_t id, int64_t place, const char *path, const void *data, size_t size) {
    if (log_fd < 0) return;
    size_t named = path ? strlen(path) : 0;
    char head[25];
    uint32_t path_size = (uint32_t)named;
    uint64_t data_size = size;
    head[0] = (char)op;
    memcpy(head + 1, &id, 4);
    memcpy(head + 5, &place, 8);
    memcpy(head + 13, &path_size, 4);
    memcpy(head + 17, &data_size, 8);
    syscall(SYS_write, log_fd, head, sizeof head);
    if (named) syscall(SYS_write, log_fd, path, named);
    if (size) syscall(SYS_write, log_fd, data, size);
}

static void after(int action) {
    if (action == KILL_AFTER) kill(getpid(), SIGKILL);
}

/* One call that changes the folder: counted, and then refused, deadly, or done and written down. */
#define CHANGE(kind, call, op, id, place, path, data, size)              \
    do {                                                                 \
        pthread_mutex_lock(&lock);                                       \
        int action = due(kind);                                          \
        long done = action == REFUSE ? refused() : (long)(call);         \
        int kept = errno;                                                \
        if (done >= 0) put(op, id, place, path, data, size);             \
        after(action == KILL_TORN ? KILL_AFTER : action);                \
        pthread_mutex_unlock(&lock);                                     \
        errno = kept;                                                    \
        return done;                                                     \
    } while (0)

/* ---- opening and closing ---------------------------------------------------------------- */

static int opening(int folder, const char *path, int flags, mode_t mode) {
    char whole[MAX_PATH];
    const char *name = below(folder, path, whole);
    if (!name) return REAL(openat64)(folder, path, flags, mode);
    struct stat found;
    pthread_mutex_lock(&lock);
    int makes = (flags & O_CREAT) && stat(whole, &found) != 0;
    int action = makes ? due(CREATE) : NOTHING;
    int fd = action == REFUSE ? refused() : REAL(openat64)(folder, path, flags, mode);
    int kept = errno;
    if (fd >= 0 && fd < MAX_FDS) {
        opened[fd] = ++last_open;
        put(OP_OPEN, last_open, makes | (flags & O_TRUNC ? 2 : 0), name, NULL, 0);
    }
    after(action == KILL_TORN ? KILL_AFTER : action);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return fd;
}

static mode_t mode_of(int flags, va_list more) {
    return flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(more, int) : 0;
}

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list more;                                                    \
        va_start(more, flags);                                           \
        mode_t mode = mode_of(flags, more);                              \
        va_end(more);                                                    \
        return opening(AT_FDCWD, path, flags, mode);                     \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                     \
    int name(int folder, const char *path, int flags, ...) {             \
        va_list more;                                                    \
        va_start(more, flags);                                           \
        mode_t mode = mode_of(flags, more);                              \
        va_end(more);                                                    \
        return opening(folder, path, flags, mode);                       \
    }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
    if (fd >= 0 && fd < MAX_FDS) opened[fd] = 0;
    return REAL(close)(fd);
}

/* ---- writing ---------------------------------------------------------------------------- */

static ssize_t writing(int fd, const void *data, size_t size, off64_t place, int moves) {
    pthread_mutex_lock(&lock);
    int action = due(WRITE);
    ssize_t done;
    if (action == REFUSE) {
        done = refused();
    } else {
        if (action == KILL_TORN) size /= 2;
        done = moves ? REAL(write)(fd, data, size) : REAL(pwrite64)(fd, data, size, place);
    }
    int kept = errno;
    if (done > 0) put(OP_WRITE, opened[fd], place, NULL, data, (size_t)done);
    after(action == KILL_TORN ? KILL_AFTER : action);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return done;
}

ssize_t write(int fd, const void *data, size_t size) {
    if (!watched(fd)) return REAL(write)(fd, data, size);
    return writing(fd, data, size, lseek64(fd, 0, SEEK_CUR), 1);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t place) {
    if (!watched(fd)) return REAL(pwrite64)(fd, data, size, place);
    return writing(fd, data, size, place, 0);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t place) { return pwrite64(fd, data, size, place); }

/* Copies inside the kernel would pass us by: whoever asks falls back to reading and writing. */
ssize_t sendfile64(int to, int from, off64_t *place, size_t size) {
    if (!watched(to)) return REAL(sendfile64)(to, from, place, size);
    errno = EINVAL;
    return -1;
}

ssize_t sendfile(int to, int from, off_t *place, size_t size) { return sendfile64(to, from, place, size); }

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *place, size_t size, unsigned flags) {
    if (!watched(to)) return REAL(copy_file_range)(from, at, to, place, size, flags);
    errno = EINVAL;
    return -1;
}

int ftruncate64(int fd, off64_t size) {
    if (!watched(fd)) return REAL(ftruncate64)(fd, size);
    CHANGE(TRUNCATE, REAL(ftruncate64)(fd, size), OP_TRUNCATE, opened[fd], size, NULL, NULL, 0);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int truncate64(const char *path, off64_t size) {
    char whole[MAX_PATH];
    const char *name = below(AT_FDCWD, path, whole);
    if (!name) return REAL(truncate64)(path, size);
    CHANGE(TRUNCATE, REAL(truncate64)(path, size), OP_TRUNCATE, 0, size, name, NULL, 0);
}

int truncate(const char *path, off_t size) { return truncate64(path, size); }

int fsync(int fd) {
    if (!watched(fd)) return REAL(fsync)(fd);
    CHANGE(SYNC, REAL(fsync)(fd), OP_SYNC, opened[fd], 0, NULL, NULL, 0);
}

int fdatasync(int fd) {
    if (!watched(fd)) return REAL(fdatasync)(fd);
    CHANGE(SYNC, REAL(fdatasync)(fd), OP_SYNC, opened[fd], 0, NULL, NULL, 0);
}

/* ---- names ------------------------------------------------------------------------------ */

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    char one[MAX_PATH], other[MAX_PATH];
    const char *source = below(from_folder, from, one), *target = below(to_folder, to, other);
    if (!source && !target) return REAL(renameat)(from_folder, from, to_folder, to);
    CHANGE(RENAME, REAL(renameat)(from_folder, from, to_folder, to), OP_RENAME, 0, 0, source ? source : "",
           target ? target : "", target ? strlen(target) : 0);
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int folder, const char *path, int flags) {
    char whole[MAX_PATH];
    const char *name = below(folder, path, whole);
    if (!name) return REAL(unlinkat)(folder, path, flags);
    CHANGE(UNLINK, REAL(unlinkat)(folder, path, flags), flags & AT_REMOVEDIR ? OP_RMDIR : OP_UNLINK, 0, 0, name, NULL,
           0);
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int remove(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    char whole[MAX_PATH];
    const char *name = below(folder, path, whole);
    if (!name) return REAL(mkdirat)(folder, path, mode);
    CHANGE(MKDIR, REAL(mkdirat)(folder, path, mode), OP_MKDIR, 0, 0, name, NULL, 0);
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
