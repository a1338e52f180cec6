/* libc's names, as PostgreSQL imports them. Each passes on what is not a sealed file.
 *
 * What would carry bytes past the seal is refused: mapping a sealed file, writing files outside the data folder, and
 * starting other programs, which would inherit descriptors but not the library.
 */
#define _GNU_SOURCE
#include "seal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOOK __attribute__((visibility("default")))
#define ALSO(name) __attribute__((visibility("default"), alias(#name)))
#define LIBC(name, ...) (((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__))

/* ---- descriptors ---- */

enum { MOST_DESCRIPTORS = 65536 };
static struct sealed *open_files[MOST_DESCRIPTORS];

static struct sealed *sealed_at(int fd) { return fd >= 0 && fd < MOST_DESCRIPTORS ? open_files[fd] : NULL; }

static int refuse(int reason) {
  errno = reason;
  return -1;
}

static void forget(int fd) {
  struct sealed *file = sealed_at(fd);
  if (!file) return;
  open_files[fd] = NULL;
  if (--file->descriptors == 0) cipher_free(file);
}

static int shared(int fd, struct sealed *file) {
  if (fd < 0 || !file) return fd;
  if (fd >= MOST_DESCRIPTORS) {
    syscall(SYS_close, fd);
    return refuse(EMFILE);
  }
  open_files[fd] = file;
  file->descriptors++;
  return fd;
}

HOOK int close(int fd) {
  forget(fd);
  return (int)syscall(SYS_close, fd);
}

HOOK int dup(int fd) { return shared((int)syscall(SYS_dup, fd), sealed_at(fd)); }

HOOK int dup3(int fd, int onto, int flags) {
  struct sealed *file = sealed_at(fd);
  int made = (int)syscall(SYS_dup3, fd, onto, flags);
  if (made < 0) return made;
  forget(onto);
  return shared(made, file);
}

HOOK int dup2(int fd, int onto) {
  if (fd == onto) return fcntl(fd, F_GETFD) < 0 ? -1 : fd;
  return dup3(fd, onto, 0);
}

HOOK int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void *argument = va_arg(arguments, void *);
  va_end(arguments);
  int outcome = (int)syscall(SYS_fcntl, fd, command, argument);
  return command == F_DUPFD || command == F_DUPFD_CLOEXEC ? shared(outcome, sealed_at(fd)) : outcome;
}
ALSO(fcntl) int fcntl64(int, int, ...);

/* ---- opening ---- */

/* Devices and the lock beside a socket, which holds a process number. */
static bool may_be_written_outside(const char *path) {
  struct stat status;
  const char *slash = strrchr(path, '/');
  if (strncmp(slash ? slash + 1 : path, ".s.PGSQL.", 9) == 0) return true;
  return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
  enum place place = folder == AT_FDCWD || path[0] == '/' ? place_of(path) : OUTSIDE;
  if (place == OUTSIDE && writes && !may_be_written_outside(path)) return refuse(EPERM);
  if (place != SEALED) return (int)syscall(SYS_openat, folder, path, flags, mode);

  /* A write inside a block reads it first, and at the end of the file it is sealed where the end is. */
  int ours = flags & ~(O_APPEND | O_DIRECT);
  if ((flags & O_ACCMODE) == O_WRONLY) ours = (ours & ~O_ACCMODE) | O_RDWR;
  int fd = (int)syscall(SYS_openat, folder, path, ours, mode);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) return fd;
  struct sealed *file = file_attach(fd, path);
  if (!file) {
    int reason = errno;
    syscall(SYS_close, fd);
    return refuse(reason);
  }
  file->append = (flags & O_APPEND) != 0;
  if (shared(fd, file) < 0) cipher_free(file);
  return sealed_at(fd) ? fd : -1;
}

static mode_t mode_in(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

HOOK int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_in(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
ALSO(open) int open64(const char *, int, ...);

HOOK int openat(int folder, const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_in(flags, arguments);
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}
ALSO(openat) int openat64(int, const char *, int, ...);

HOOK int creat(const char *path, mode_t mode) { return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
ALSO(creat) int creat64(const char *, mode_t);

HOOK int __open_2(const char *path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
ALSO(__open_2) int __open64_2(const char *, int);

HOOK int chdir(const char *path) {
  int outcome = (int)syscall(SYS_chdir, path);
  place_moved();
  return outcome;
}

/* ---- reading and writing ---- */

HOOK ssize_t pread(int fd, void *to, size_t length, off_t offset) {
  struct sealed *file = sealed_at(fd);
  if (!file) return syscall(SYS_pread64, fd, to, length, offset);
  return file_preadv(file, fd, &(struct iovec){to, length}, 1, offset);
}
ALSO(pread) ssize_t pread64(int, void *, size_t, off_t);
HOOK ssize_t __pread_chk(int fd, void *to, size_t length, off_t offset, size_t room) {
  return length > room ? (abort(), -1) : pread(fd, to, length, offset);
}
ALSO(__pread_chk) ssize_t __pread64_chk(int, void *, size_t, off_t, size_t);

HOOK ssize_t pwrite(int fd, const void *from, size_t length, off_t offset) {
  struct sealed *file = sealed_at(fd);
  if (!file) return syscall(SYS_pwrite64, fd, from, length, offset);
  return file_pwritev(file, fd, &(struct iovec){(void *)from, length}, 1, offset);
}
ALSO(pwrite) ssize_t pwrite64(int, const void *, size_t, off_t);

HOOK ssize_t preadv(int fd, const struct iovec *to, int count, off_t offset) {
  struct sealed *file = sealed_at(fd);
  return file ? file_preadv(file, fd, to, count, offset) : syscall(SYS_preadv, fd, to, count, offset, 0);
}
ALSO(preadv) ssize_t preadv64(int, const struct iovec *, int, off_t);

HOOK ssize_t pwritev(int fd, const struct iovec *from, int count, off_t offset) {
  struct sealed *file = sealed_at(fd);
  return file ? file_pwritev(file, fd, from, count, offset) : syscall(SYS_pwritev, fd, from, count, offset, 0);
}
ALSO(pwritev) ssize_t pwritev64(int, const struct iovec *, int, off_t);

/* At the descriptor's own position, which the kernel keeps. */
static ssize_t moved(int fd, off_t from, ssize_t by) {
  if (by > 0) lseek(fd, from + by, SEEK_SET);
  return by;
}

HOOK ssize_t readv(int fd, const struct iovec *to, int count) {
  struct sealed *file = sealed_at(fd);
  if (!file) return syscall(SYS_readv, fd, to, count);
  off_t at = lseek(fd, 0, SEEK_CUR);
  return moved(fd, at, file_preadv(file, fd, to, count, at));
}

HOOK ssize_t writev(int fd, const struct iovec *from, int count) {
  struct sealed *file = sealed_at(fd);
  if (!file) return syscall(SYS_writev, fd, from, count);
  if (!file->append) {
    off_t at = lseek(fd, 0, SEEK_CUR);
    return moved(fd, at, file_pwritev(file, fd, from, count, at));
  }
  ssize_t done = file_pwritev(file, fd, from, count, 0);
  if (done > 0) lseek(fd, 0, SEEK_END);
  return done;
}

HOOK ssize_t read(int fd, void *to, size_t length) {
  return sealed_at(fd) ? readv(fd, &(struct iovec){to, length}, 1) : syscall(SYS_read, fd, to, length);
}
HOOK ssize_t __read_chk(int fd, void *to, size_t length, size_t room) {
  return length > room ? (abort(), -1) : read(fd, to, length);
}

HOOK ssize_t write(int fd, const void *from, size_t length) {
  return sealed_at(fd) ? writev(fd, &(struct iovec){(void *)from, length}, 1) : syscall(SYS_write, fd, from, length);
}

HOOK ssize_t copy_file_range(int from, off_t *from_offset, int to, off_t *to_offset, size_t length, unsigned flags) {
  if (!sealed_at(from) && !sealed_at(to))
    return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
  static char part[16 * UNIT];
  if (length > sizeof part) length = sizeof part;
  ssize_t got = from_offset ? pread(from, part, length, *from_offset) : read(from, part, length);
  if (got <= 0) return got;
  ssize_t put = to_offset ? pwrite(to, part, (size_t)got, *to_offset) : write(to, part, (size_t)got);
  if (!from_offset && put < got) lseek(from, (put < 0 ? 0 : put) - got, SEEK_CUR);
  if (from_offset && put > 0) *from_offset += put;
  if (to_offset && put > 0) *to_offset += put;
  return put;
}

/* ---- lengths ---- */

HOOK int ftruncate(int fd, off_t length) {
  struct sealed *file = sealed_at(fd);
  return file ? file_truncate(file, fd, length) : (int)syscall(SYS_ftruncate, fd, length);
}
ALSO(ftruncate) int ftruncate64(int, off_t);

HOOK int truncate(const char *path, off_t length) {
  int fd = open(path, O_RDWR);
  if (fd < 0) return -1;
  int outcome = ftruncate(fd, length), reason = errno;
  close(fd);
  errno = reason;
  return outcome;
}
ALSO(truncate) int truncate64(const char *, off_t);

/* PostgreSQL then writes zeros, which are sealed. */
HOOK int posix_fallocate(int fd, off_t offset, off_t length) {
  return sealed_at(fd) ? EOPNOTSUPP : LIBC(posix_fallocate, fd, offset, length);
}
ALSO(posix_fallocate) int posix_fallocate64(int, off_t, off_t);

HOOK int fallocate(int fd, int mode, off_t offset, off_t length) {
  return sealed_at(fd) ? refuse(EOPNOTSUPP) : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}
ALSO(fallocate) int fallocate64(int, int, off_t, off_t);

HOOK void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  if (!(flags & MAP_ANONYMOUS) && sealed_at(fd)) {
    errno = ENODEV;
    return MAP_FAILED;
  }
  return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}
ALSO(mmap) void *mmap64(void *, size_t, int, int, int, off_t);

/* ---- streams: libc reads and writes them by calls of its own, so a sealed file gets functions of ours ---- */

struct stream {
  int fd;
  FILE *handle;
  struct stream *next;
};
static struct stream *streams;

static ssize_t stream_read(void *cookie, char *to, size_t length) { return read(((struct stream *)cookie)->fd, to, length); }

static ssize_t stream_write(void *cookie, const char *from, size_t length) {
  ssize_t done = write(((struct stream *)cookie)->fd, from, length);
  return done < 0 ? 0 : done; /* so fopencookie(3) wants it */
}

static int stream_seek(void *cookie, off64_t *position, int whence) {
  off_t to = lseek(((struct stream *)cookie)->fd, *position, whence);
  if (to >= 0) *position = to;
  return to < 0 ? -1 : 0;
}

static int stream_close(void *cookie) {
  struct stream *ended = cookie;
  for (struct stream **at = &streams; *at; at = &(*at)->next) {
    if (*at != ended) continue;
    *at = ended->next;
    break;
  }
  int outcome = close(ended->fd);
  free(ended);
  return outcome;
}

HOOK FILE *fdopen(int fd, const char *mode) {
  if (!sealed_at(fd)) return LIBC(fdopen, fd, mode);
  cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
  struct stream *made = malloc(sizeof *made);
  FILE *handle = made ? fopencookie(made, mode, functions) : NULL;
  if (!handle) {
    free(made);
    return NULL;
  }
  *made = (struct stream){fd, handle, streams};
  streams = made;
  return handle;
}

static int flags_of(const char *mode) {
  int flags = strchr(mode, '+') ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
  if (mode[0] == 'w') flags |= O_CREAT | O_TRUNC;
  if (mode[0] == 'a') flags |= O_CREAT | O_APPEND;
  if (strchr(mode, 'x')) flags |= O_EXCL;
  if (strchr(mode, 'e')) flags |= O_CLOEXEC;
  return flags;
}

HOOK FILE *fopen(const char *path, const char *mode) {
  int fd = open_at(AT_FDCWD, path, flags_of(mode), 0666);
  if (fd < 0) return NULL;
  FILE *made = fdopen(fd, mode);
  if (!made) close(fd);
  return made;
}
ALSO(fopen) FILE *fopen64(const char *, const char *);

HOOK FILE *freopen(const char *path, const char *mode, FILE *stream) {
  if (path && place_of(path) == SEALED) {
    errno = EPERM;
    return NULL;
  }
  return LIBC(freopen, path, mode, stream);
}
ALSO(freopen) FILE *freopen64(const char *, const char *, FILE *);

HOOK int fileno(FILE *stream) {
  for (struct stream *at = streams; at; at = at->next)
    if (at->handle == stream) return at->fd;
  return LIBC(fileno, stream);
}

/* ---- other programs ---- */

static int no_program(void) {
  complain("the server may not start other programs: they would see sealed bytes, or write what is not sealed");
  return refuse(EPERM);
}

HOOK int system(const char *command) { return command ? no_program() : 0; }
HOOK FILE *popen(const char *command, const char *mode) {
  (void)command, (void)mode;
  no_program();
  return NULL;
}
HOOK int execve(const char *path, char *const arguments[], char *const environment[]) {
  (void)path, (void)arguments, (void)environment;
  return no_program();
}
ALSO(execve) int execvpe(const char *, char *const[], char *const[]);
HOOK int execv(const char *path, char *const arguments[]) {
  (void)path, (void)arguments;
  return no_program();
}
ALSO(execv) int execvp(const char *, char *const[]);
HOOK int execl(const char *path, const char *first, ...) {
  (void)path, (void)first;
  return no_program();
}
ALSO(execl) int execlp(const char *, const char *, ...);
ALSO(execl) int execle(const char *, const char *, ...);
HOOK int fexecve(int fd, char *const arguments[], char *const environment[]) {
  (void)fd, (void)arguments, (void)environment;
  return no_program();
}
HOOK int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                     const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
  (void)pid, (void)path, (void)actions, (void)attributes, (void)arguments, (void)environment;
  no_program();
  return EPERM;
}
ALSO(posix_spawn)
int posix_spawnp(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
                 char *const[]);
