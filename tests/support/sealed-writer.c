/* Does to a sealed file what the lines on standard input say, and answers each on standard output. The files it sees
 * are those of the library; the test does the same to plain buffers.
 *
 *   open <slot> <path> <flags>        close <slot>            dup <slot> <new slot>
 *   pwrite <slot> <offset> <hex>      write <slot> <hex>      pread <slot> <offset> <length>   read <slot> <length>
 *   seek <slot> <offset>              truncate <slot> <n>     size <slot>                      sync <slot>
 *   writev <slot> <offset> <hex>      (in three parts)        readv <slot> <offset> <length>
 *   puts <path> <mode> <hex>          gets <path>             rename <from> <to>               copy <from> <to>
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST = 1 << 20 };
static int slots[16];
static char line[2 * MOST + 4096], word[2 * MOST + 1];
static unsigned char bytes[MOST];

static int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

static size_t unhex(const char *hex) {
  size_t length = strlen(hex) / 2;
  if (hex[0] == '-') return 0;
  for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return length;
}

static void hex(ssize_t length) {
  if (length < 0) {
    printf("error %d\n", errno);
    return;
  }
  putchar('=');
  for (ssize_t i = 0; i < length; i++) printf("%02x", bytes[i]);
  putchar('\n');
}

static void number(long long value) {
  if (value < 0) printf("error %d\n", errno);
  else printf("%lld\n", value);
}

static void parts(struct iovec to[3], size_t length) {
  size_t one = length / 3, two = length / 5;
  to[0] = (struct iovec){bytes, one};
  to[1] = (struct iovec){bytes + one, two};
  to[2] = (struct iovec){bytes + one + two, length - one - two};
}

int main(void) {
  char verb[16], path[1024], other[1024];
  int slot, flags;
  long long offset, length;
  struct iovec pieces[3];
  struct stat status;
  while (fgets(line, sizeof line, stdin)) {
    sscanf(line, "%15s", verb);
    const char *rest = line + strlen(verb);
    if (!strcmp(verb, "open")) {
      sscanf(rest, "%d %1023s %d", &slot, path, &flags);
      number(slots[slot] = open(path, flags, 0600));
    } else if (!strcmp(verb, "close")) {
      sscanf(rest, "%d", &slot);
      number(close(slots[slot]));
    } else if (!strcmp(verb, "dup")) {
      sscanf(rest, "%d %d", &slot, &flags);
      number(slots[flags] = dup(slots[slot]));
    } else if (!strcmp(verb, "pwrite")) {
      sscanf(rest, "%d %lld %s", &slot, &offset, word);
      number(pwrite(slots[slot], bytes, unhex(word), offset));
    } else if (!strcmp(verb, "write")) {
      sscanf(rest, "%d %s", &slot, word);
      number(write(slots[slot], bytes, unhex(word)));
    } else if (!strcmp(verb, "writev")) {
      sscanf(rest, "%d %lld %s", &slot, &offset, word);
      parts(pieces, unhex(word));
      number(pwritev(slots[slot], pieces, 3, offset));
    } else if (!strcmp(verb, "pread")) {
      sscanf(rest, "%d %lld %lld", &slot, &offset, &length);
      hex(pread(slots[slot], bytes, length, offset));
    } else if (!strcmp(verb, "read")) {
      sscanf(rest, "%d %lld", &slot, &length);
      hex(read(slots[slot], bytes, length));
    } else if (!strcmp(verb, "readv")) {
      sscanf(rest, "%d %lld %lld", &slot, &offset, &length);
      parts(pieces, length);
      hex(preadv(slots[slot], pieces, 3, offset));
    } else if (!strcmp(verb, "seek")) {
      sscanf(rest, "%d %lld", &slot, &offset);
      number(lseek(slots[slot], offset, SEEK_SET));
    } else if (!strcmp(verb, "truncate")) {
      sscanf(rest, "%d %lld", &slot, &length);
      number(ftruncate(slots[slot], length));
    } else if (!strcmp(verb, "size")) {
      sscanf(rest, "%d", &slot);
      number(fstat(slots[slot], &status) < 0 ? -1 : status.st_size);
    } else if (!strcmp(verb, "sync")) {
      sscanf(rest, "%d", &slot);
      number(fsync(slots[slot]));
    } else if (!strcmp(verb, "puts")) {
      sscanf(rest, "%1023s %15s %s", path, other, word);
      FILE *stream = fopen(path, other);
      size_t count = unhex(word);
      number(!stream || fwrite(bytes, 1, count, stream) != count || fsync(fileno(stream)) < 0 || fclose(stream) ? -1 : 0);
    } else if (!strcmp(verb, "gets")) {
      sscanf(rest, "%1023s", path);
      FILE *stream = fopen(path, "r");
      ssize_t got = stream ? (ssize_t)fread(bytes, 1, MOST, stream) : -1;
      if (stream) fclose(stream);
      hex(got);
    } else if (!strcmp(verb, "rename")) {
      sscanf(rest, "%1023s %1023s", path, other);
      number(rename(path, other));
    } else if (!strcmp(verb, "copy")) {
      sscanf(rest, "%1023s %1023s", path, other);
      int from = open(path, O_RDONLY), to = open(other, O_CREAT | O_TRUNC | O_WRONLY, 0600);
      ssize_t got;
      while ((got = copy_file_range(from, NULL, to, NULL, MOST, 0)) > 0) continue;
      number(got);
      close(from), close(to);
    }
    fflush(stdout);
  }
  return 0;
}
