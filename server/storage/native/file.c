/* Reading and writing sealed files at any offset and length.
 *
 * Whole blocks of 16 bytes are sealed and written as they are: PostgreSQL's pages, whoever writes them, need no lock.
 * A write that begins or ends inside a block must read it first, and one that adds to the end must know where that is:
 * these take a lock on the file for as long as they last. There are no holes: a gap before a write, or what ftruncate
 * adds, is filled with sealed zeros, so that bytes which were zeroed on the disk do not read as zeros.
 */
#define _GNU_SOURCE
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char ATTRIBUTE[] = "user.portcullis.seal";
struct attribute {
  uint8_t version, id[ID_BYTES], check[CHECK_BYTES];
};

enum { CHUNK = 16 * UNIT, MANY = 1000 };
/* One block more at each end, for what is read around an odd write. */
static uint8_t bounce[CHUNK + 2 * BLOCK] __attribute__((aligned(4096)));

static size_t least(size_t a, size_t b) { return a < b ? a : b; }
static off_t block_of(off_t offset) { return offset - offset % BLOCK; }

/* Fewer bytes than asked for only at the end of the file. */
static ssize_t read_fully(int fd, uint8_t *to, size_t length, off_t offset) {
  size_t done = 0;
  while (done < length) {
    ssize_t got = syscall(SYS_pread64, fd, to + done, length - done, offset + (off_t)done);
    if (got < 0) return -1;
    if (got == 0) break;
    done += (size_t)got;
  }
  return (ssize_t)done;
}

/* Fewer bytes than asked for only after an error, which errno tells. */
static size_t write_fully(int fd, const uint8_t *from, size_t length, off_t offset) {
  size_t done = 0;
  while (done < length) {
    ssize_t put = syscall(SYS_pwrite64, fd, from + done, length - done, offset + (off_t)done);
    if (put <= 0) break;
    done += (size_t)put;
  }
  return done;
}

static off_t size_of(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? status.st_size : -1;
}

static int lock(int fd, short kind) {
  struct flock whole = {.l_type = kind, .l_whence = SEEK_SET};
  int outcome;
  do outcome = fcntl(fd, F_SETLKW, &whole);
  while (outcome < 0 && errno == EINTR);
  return outcome;
}

static void unlock(int fd) {
  int kept = errno;
  lock(fd, F_UNLCK);
  errno = kept;
}

/* The id of a file, and whether it is ours to open: a wrong DEK, a changed id and a newer format are told apart. */
struct sealed *file_attach(int fd, const char *path) {
  struct attribute found, fresh = {.version = FORMAT_VERSION};
  for (;;) {
    ssize_t length = fgetxattr(fd, ATTRIBUTE, &found, sizeof found);
    if (length == sizeof found) break;
    if (length >= 0 || errno == ERANGE) {
      complain("%s: its seal has a length of its own: made by a newer version, or damaged", path);
      errno = EPROTONOSUPPORT;
      return NULL;
    }
    if (errno != ENODATA) {
      complain("%s: its seal cannot be read: %s", path, strerror(errno));
      return NULL;
    }
    if (size_of(fd) != 0) {
      /* Unless another process was quicker to seal what was empty just now. */
      if (fgetxattr(fd, ATTRIBUTE, NULL, 0) >= 0) continue;
      complain("%s: holds bytes but no seal: it is not from this data folder, or was copied without its attributes", path);
      errno = EBADMSG;
      return NULL;
    }
    if (getrandom(fresh.id, ID_BYTES, 0) != ID_BYTES) give_up("no randomness");
    struct sealed *file = cipher_new(fresh.id, fresh.check);
    if (fsetxattr(fd, ATTRIBUTE, &fresh, sizeof fresh, XATTR_CREATE) == 0) return file;
    cipher_free(file);
    if (errno != EEXIST) {
      complain("%s: its seal cannot be written: %s", path, strerror(errno));
      return NULL;
    }
  }
  if (found.version != FORMAT_VERSION) {
    complain("%s: sealed in format %d, and this library knows format %d", path, found.version, FORMAT_VERSION);
    errno = EPROTONOSUPPORT;
    return NULL;
  }
  uint8_t check[CHECK_BYTES];
  struct sealed *file = cipher_new(found.id, check);
  if (memcmp(check, found.check, CHECK_BYTES) == 0) return file;
  cipher_free(file);
  complain("%s: sealed under another data encryption key, or its seal was changed", path);
  errno = EKEYREJECTED;
  return NULL;
}

/* Blocks that are asked for in part may be rewritten by another process at this moment, where the bytes asked for stay
 * what they are. Half of the old block and half of the new would open to neither, so these are read until they rest. */
static ssize_t read_at_rest(int fd, size_t span, off_t offset, bool odd) {
  for (int i = 0;; i++) {
    ssize_t got = read_fully(fd, bounce, span, offset);
    if (got <= 0 || i == MANY || (!odd && got % BLOCK == 0)) return got;
    uint8_t first[BLOCK], last[BLOCK];
    off_t end = block_of(got - 1);
    ssize_t head = read_fully(fd, first, BLOCK, offset), foot = read_fully(fd, last, BLOCK, offset + end);
    if (head == (ssize_t)least(BLOCK, (size_t)got) && memcmp(first, bounce, (size_t)head) == 0 &&
        foot == (ssize_t)least(BLOCK, (size_t)(got - end)) && memcmp(last, bounce + end, (size_t)foot) == 0 &&
        (foot < BLOCK || got == (ssize_t)span || size_of(fd) == offset + got))
      return got;
  }
}

struct cursor {
  const struct iovec *part;
  size_t used;
};

static void copy(struct cursor *at, uint8_t *bytes, size_t length, bool into) {
  while (length > 0) {
    size_t n = least(length, at->part->iov_len - at->used);
    uint8_t *theirs = (uint8_t *)at->part->iov_base + at->used;
    if (into) memcpy(theirs, bytes, n);
    else memcpy(bytes, theirs, n);
    bytes += n;
    length -= n;
    at->used += n;
    if (at->used == at->part->iov_len) *at = (struct cursor){at->part + 1, 0};
  }
}

static size_t total_of(const struct iovec *parts, int count) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += parts[i].iov_len;
  return total;
}

/* Up to the end of a unit, so that the next turn starts with one. */
static size_t chunk_at(off_t offset, size_t left) { return least(left, CHUNK - (size_t)(offset % UNIT)); }

ssize_t file_preadv(struct sealed *file, int fd, const struct iovec *to, int count, off_t offset) {
  size_t total = total_of(to, count), done = 0;
  struct cursor at = {to, 0};
  if (count == 1 && offset % BLOCK == 0 && total % BLOCK == 0) {
    /* A page, which is what most reads ask for, is opened where it is wanted; unless it ends inside a block. */
    ssize_t got = read_fully(fd, to->iov_base, total, offset);
    if (got > 0 && got % BLOCK == 0) cipher_open(file, to->iov_base, offset, (size_t)got);
    if (got <= 0 || got % BLOCK == 0) return got;
  }
  while (done < total) {
    off_t from = offset + (off_t)done, start = block_of(from);
    size_t head = (size_t)(from - start), part = chunk_at(from, total - done);
    size_t span = (head + part + BLOCK - 1) / BLOCK * BLOCK;
    ssize_t got = read_at_rest(fd, span, start, head > 0 || span > head + part);
    if (got < 0) return done ? (ssize_t)done : -1;
    if ((size_t)got <= head) break;
    cipher_open(file, bounce, start, (size_t)got);
    part = least(part, (size_t)got - head);
    copy(&at, bounce + head, part, true);
    done += part;
    if ((size_t)got < span) break;
  }
  return (ssize_t)done;
}

/* The clear text of a block that is about to be written in part; zeros after the end of the file. */
static int read_block(struct sealed *file, int fd, uint8_t block[BLOCK], off_t offset) {
  memset(block, 0, BLOCK);
  ssize_t got = read_fully(fd, block, BLOCK, offset);
  if (got < 0) return -1;
  cipher_open(file, block, offset, (size_t)got);
  return 0;
}

/* `*size` is the file's length, and at least `offset`. An odd write must hold the lock. */
static ssize_t write_parts(struct sealed *file, int fd, const struct iovec *from, size_t total, off_t offset, off_t *size) {
  struct cursor at = {from, 0};
  size_t done = 0;
  while (done < total) {
    off_t to = offset + (off_t)done, start = block_of(to);
    size_t head = (size_t)(to - start), part = chunk_at(to, total - done);
    size_t length = head + part;
    off_t end = to + (off_t)part;
    if (head && read_block(file, fd, bounce, start) < 0) break;
    if (end % BLOCK && end < *size) {
      uint8_t block[BLOCK];
      size_t in = (size_t)(end % BLOCK), kept = least(BLOCK, (size_t)(*size - block_of(end)));
      if (read_block(file, fd, block, block_of(end)) < 0) break;
      memcpy(bounce + length, block + in, kept - in);
      length += kept - in;
    }
    copy(&at, bounce + head, part, false);
    cipher_seal(file, bounce, start, length);
    size_t put = write_fully(fd, bounce, length, start);
    if (put < length) {
      done += put < head ? 0 : least(part, put - head);
      break;
    }
    done += part;
    if (end > *size) *size = end;
  }
  return done || total == 0 ? (ssize_t)done : -1;
}

static int fill(struct sealed *file, int fd, off_t end, off_t *size) {
  static const uint8_t zeros[CHUNK];
  while (*size < end) {
    struct iovec gap = {(void *)zeros, least(CHUNK, (size_t)(end - *size))};
    if (write_parts(file, fd, &gap, gap.iov_len, *size, size) < 0) return -1;
  }
  return 0;
}

ssize_t file_pwritev(struct sealed *file, int fd, const struct iovec *from, int count, off_t offset) {
  size_t total = total_of(from, count);
  off_t size = size_of(fd);
  if (size < 0) return -1;
  if (total == 0) return 0;
  if (!file->append && offset % BLOCK == 0 && total % BLOCK == 0 && offset <= size)
    return write_parts(file, fd, from, total, offset, &size);

  if (lock(fd, F_WRLCK) < 0) return -1;
  ssize_t done = -1;
  size = size_of(fd);
  if (file->append) offset = size;
  if (size >= 0 && fill(file, fd, offset, &size) == 0) done = write_parts(file, fd, from, total, offset, &size);
  unlock(fd);
  return done;
}

/* Cuts a file inside a block: what remains of the block becomes the file's tail, which is sealed in another way. */
static int cut(struct sealed *file, int fd, off_t length) {
  uint8_t block[BLOCK];
  size_t rest = (size_t)(length % BLOCK);
  if (rest && read_block(file, fd, block, block_of(length)) < 0) return -1;
  if (syscall(SYS_ftruncate, fd, length) < 0) return -1;
  if (!rest) return 0;
  cipher_seal(file, block, block_of(length), rest);
  return write_fully(fd, block, rest, block_of(length)) == rest ? 0 : -1;
}

int file_truncate(struct sealed *file, int fd, off_t length) {
  if (lock(fd, F_WRLCK) < 0) return -1;
  off_t size = size_of(fd);
  int outcome = size < 0 ? -1 : length > size ? fill(file, fd, length, &size) : length < size ? cut(file, fd, length) : 0;
  unlock(fd);
  return outcome;
}
