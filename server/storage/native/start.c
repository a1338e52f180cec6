/* What the process was given: the data encryption key through a pipe, the data folder, the counters; and the memory
 * that holds the key. Everything here happens before main(), and without it there is no main(). */
#define _GNU_SOURCE
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEY_AREA = 4096 };
static uint8_t *key_area;

/* Read by the portal's metrics; the order is that of server/storage/counters.ts. */
static struct counters {
  uint64_t pages_sealed, pages_opened, bytes_sealed, bytes_opened;
} uncounted, *counters = &uncounted;

void count_sealed(size_t bytes) {
  __atomic_fetch_add(&counters->pages_sealed, (bytes + UNIT - 1) / UNIT, __ATOMIC_RELAXED);
  __atomic_fetch_add(&counters->bytes_sealed, bytes, __ATOMIC_RELAXED);
}

void count_opened(size_t bytes) {
  __atomic_fetch_add(&counters->pages_opened, (bytes + UNIT - 1) / UNIT, __ATOMIC_RELAXED);
  __atomic_fetch_add(&counters->bytes_opened, bytes, __ATOMIC_RELAXED);
}

static void say(const char *format, va_list arguments) {
  char line[PATH_MAX + 256] = "sealed storage: ";
  size_t length = strlen(line);
  vsnprintf(line + length, sizeof line - length - 1, format, arguments);
  strcat(line, "\n");
  syscall(SYS_write, STDERR_FILENO, line, strlen(line));
}

void complain(const char *format, ...) {
  int kept = errno;
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  errno = kept;
}

void give_up(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  _exit(1);
}

/* The data folder as it was named and as it is. */
static char named_folder[PATH_MAX], real_folder[PATH_MAX];
static enum { ELSEWHERE, AT_THE_TOP, BELOW } working_folder;

static const char *below(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == 0) ? path + length : NULL;
}

void place_moved(void) {
  char folder[PATH_MAX];
  const char *rest = getcwd(folder, sizeof folder) ? below(folder, real_folder) : NULL;
  working_folder = !rest ? ELSEWHERE : *rest ? BELOW : AT_THE_TOP;
}

/* Needed from outside while the server is stopped or starts, and without user data: which process runs and how it was
 * started, and the version of the files. */
static bool is_plain(const char *name) {
  return strcmp(name, "postmaster.pid") == 0 || strcmp(name, "postmaster.opts") == 0 || strcmp(name, "PG_VERSION") == 0;
}

/* By its name alone: PostgreSQL's links out of the data folder (tablespaces, WAL) lead to sealed files. */
enum place place_of(const char *path) {
  const char *rest = path;
  bool top = working_folder == AT_THE_TOP;
  if (path[0] == '/') {
    rest = below(path, named_folder);
    if (!rest) rest = below(path, real_folder);
    if (!rest) return OUTSIDE;
    top = true;
  } else if (working_folder == ELSEWHERE) {
    return OUTSIDE;
  }
  for (const char *dots = strstr(rest, ".."); dots; dots = strstr(dots + 2, ".."))
    if ((dots == rest || dots[-1] == '/') && (dots[2] == '/' || dots[2] == 0)) return OUTSIDE;
  while (*rest == '/' || (rest[0] == '.' && rest[1] == '/')) rest++;
  return top && is_plain(rest) ? PLAIN : SEALED;
}

/* fork() does not hand on that memory is locked. Where no more may be locked, it is at least never dumped. */
static void lock_key_area(void) { (void)!mlock(key_area, KEY_AREA); }

static void wipe(void) { explicit_bzero(key_area, KEY_AREA); }

static void receive_key(int fd) {
  key_area = mmap(NULL, KEY_AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (key_area == MAP_FAILED) give_up("out of memory");
  madvise(key_area, KEY_AREA, MADV_DONTDUMP);
  lock_key_area();
  pthread_atfork(NULL, NULL, lock_key_area);
  size_t length = 0;
  for (;;) {
    ssize_t got = syscall(SYS_read, fd, key_area + length, DEK_BYTES + 1 - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += (size_t)got;
  }
  syscall(SYS_close, fd);
  if (length != DEK_BYTES) give_up("the data encryption key was not handed over: %zu bytes instead of %d", length, DEK_BYTES);
  mprotect(key_area, KEY_AREA, PROT_READ);
  cipher_use(key_area);
}

static void share_counters(const char *path) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  void *shared = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (shared == MAP_FAILED) give_up("%s: %s", path, strerror(errno));
  syscall(SYS_close, fd);
  counters = shared;
}

static const char *variable(const char *name) {
  const char *value = getenv(name);
  if (!value || !*value) give_up("%s is not set: this library is not loaded by hand", name);
  return value;
}

/* Held by every process that is forked from this one, and gone with the last: no second server opens the folder.
 * Programs that agree to share it keep servers out alone. */
static void hold_folder(void) {
  int kind = getenv("PORTCULLIS_SEAL_SHARED") ? LOCK_SH : LOCK_EX;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, real_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 || flock(fd, kind | LOCK_NB) < 0) give_up("%s: another server has it open (%s)", real_folder, strerror(errno));
}

__attribute__((constructor)) static void start(void) {
  prctl(PR_SET_PDEATHSIG, SIGQUIT); /* nobody keeps the key once the engine is gone: PostgreSQL ends itself and its children */
  prctl(PR_SET_DUMPABLE, 0); /* no core dumps, no debugger, no reading of /proc/self/mem */
  const char *folder = variable("PORTCULLIS_SEAL_FOLDER");
  snprintf(named_folder, sizeof named_folder, "%s", folder);
  if (!realpath(folder, real_folder)) give_up("%s: %s", folder, strerror(errno));
  place_moved();
  hold_folder();
  share_counters(variable("PORTCULLIS_SEAL_COUNTERS"));
  receive_key(atoi(variable("PORTCULLIS_SEAL_KEY_FD")));
  unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
  if (key_area && mprotect(key_area, KEY_AREA, PROT_READ | PROT_WRITE) == 0) wipe();
}
