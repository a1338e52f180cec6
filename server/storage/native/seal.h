/* Sealed files under PostgreSQL: what the four parts of the library know of each other. See ../README.md. */
#ifndef PORTCULLIS_SEAL_H
#define PORTCULLIS_SEAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum {
  FORMAT_VERSION = 1,
  DEK_BYTES = 32,
  ID_BYTES = 16,
  CHECK_BYTES = 16,
  UNIT = 8192, /* what one tweak covers: a page of PostgreSQL */
  BLOCK = 16,  /* what AES enciphers at once */
};

/* An open sealed file. Descriptors that dup() made share it. */
struct sealed {
  unsigned descriptors;
  bool append;
  void *opener, *sealer; /* contexts of libcrypto, each with this file's key */
};

/* cipher.c: bytes in memory. */
void cipher_use(const uint8_t *dek);
struct sealed *cipher_new(const uint8_t id[ID_BYTES], uint8_t check[CHECK_BYTES]);
void cipher_free(struct sealed *file);
/* `offset` is a multiple of BLOCK; `length` too, unless the bytes end with the file. */
void cipher_seal(struct sealed *file, uint8_t *bytes, off_t offset, size_t length);
void cipher_open(struct sealed *file, uint8_t *bytes, off_t offset, size_t length);

/* file.c: bytes in files, with the meaning of the system calls they are named after. */
struct sealed *file_attach(int fd, const char *path);
ssize_t file_preadv(struct sealed *file, int fd, const struct iovec *to, int count, off_t offset);
ssize_t file_pwritev(struct sealed *file, int fd, const struct iovec *from, int count, off_t offset);
int file_truncate(struct sealed *file, int fd, off_t length);

/* start.c: what the process was given. */
enum place { OUTSIDE, PLAIN, SEALED };
enum place place_of(const char *path);
void place_moved(void); /* the working directory changed */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void give_up(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void count_sealed(size_t bytes);
void count_opened(size_t bytes);

#endif
