/* The format: how the bytes of a file at an offset are sealed. server/storage/format.ts says the same in TypeScript.
 *
 * - Keys of a file: HKDF-SHA512(secret = DEK, salt = the file's id, info), 80 bytes: the two AES-256 keys of XTS, and a
 *   check value that is kept beside the id, so that a wrong DEK or a changed id is known before a byte is read.
 * - A unit of 8 KiB is one data unit of AES-256-XTS; its tweak is its number in the file (little endian).
 * - A file's last length % 16 bytes are XORed with a keystream: XTS of a zero block, under a tweak no unit has. So each
 *   block of 16 bytes stands alone, and a file keeps its length.
 */
#include "seal.h"

#include <stdlib.h>
#include <string.h>

/* Of libcrypto 1.1 and 3; declared here so that its headers need not be installed. */
typedef struct evp_cipher_ctx_st EVP_CIPHER_CTX;
typedef struct evp_cipher_st EVP_CIPHER;
typedef struct evp_md_st EVP_MD;
extern EVP_CIPHER_CTX *EVP_CIPHER_CTX_new(void);
extern void EVP_CIPHER_CTX_free(EVP_CIPHER_CTX *);
extern const EVP_CIPHER *EVP_aes_256_xts(void);
extern int EVP_CipherInit_ex(EVP_CIPHER_CTX *, const EVP_CIPHER *, void *engine, const uint8_t *key, const uint8_t *iv,
                             int encrypt);
extern int EVP_CipherUpdate(EVP_CIPHER_CTX *, uint8_t *out, int *written, const uint8_t *in, int length);
extern const EVP_MD *EVP_sha512(void);
extern uint8_t *HMAC(const EVP_MD *, const void *key, int key_length, const uint8_t *data, size_t length, uint8_t *mac,
                     unsigned *mac_length);

enum { HASH_BYTES = 64, XTS_KEY_BYTES = 64 };
static const char INFO[] = "portcullis sealed file v1";
static const uint8_t *the_dek;

void cipher_use(const uint8_t *dek) { the_dek = dek; }

static void hmac(const uint8_t *key, int key_length, const uint8_t *data, size_t length, uint8_t mac[HASH_BYTES]) {
  if (!HMAC(EVP_sha512(), key, key_length, data, length, mac, NULL)) give_up("HMAC failed");
}

/* HKDF (RFC 5869): two rounds of output, of which the second is cut to the check value. */
static void derive(const uint8_t id[ID_BYTES], uint8_t keys[XTS_KEY_BYTES], uint8_t check[CHECK_BYTES]) {
  enum { INFO_BYTES = sizeof INFO - 1 };
  uint8_t secret[HASH_BYTES], second[HASH_BYTES], message[HASH_BYTES + INFO_BYTES + 1];
  hmac(id, ID_BYTES, the_dek, DEK_BYTES, secret);
  memcpy(message + HASH_BYTES, INFO, INFO_BYTES);
  message[HASH_BYTES + INFO_BYTES] = 1;
  hmac(secret, HASH_BYTES, message + HASH_BYTES, INFO_BYTES + 1, keys);
  memcpy(message, keys, HASH_BYTES);
  message[HASH_BYTES + INFO_BYTES] = 2;
  hmac(secret, HASH_BYTES, message, sizeof message, second);
  memcpy(check, second, CHECK_BYTES);
  explicit_bzero(secret, sizeof secret);
  explicit_bzero(second, sizeof second);
  explicit_bzero(message, sizeof message);
}

static void *context(const uint8_t keys[XTS_KEY_BYTES], int encrypt) {
  EVP_CIPHER_CTX *made = EVP_CIPHER_CTX_new();
  if (!made || EVP_CipherInit_ex(made, EVP_aes_256_xts(), NULL, keys, NULL, encrypt) != 1) give_up("no AES-256-XTS");
  return made;
}

struct sealed *cipher_new(const uint8_t id[ID_BYTES], uint8_t check[CHECK_BYTES]) {
  uint8_t keys[XTS_KEY_BYTES];
  struct sealed *file = calloc(1, sizeof *file);
  if (!file) give_up("out of memory");
  derive(id, keys, check);
  file->opener = context(keys, 0);
  file->sealer = context(keys, 1);
  explicit_bzero(keys, sizeof keys);
  return file;
}

void cipher_free(struct sealed *file) {
  EVP_CIPHER_CTX_free(file->opener); /* wipes the key */
  EVP_CIPHER_CTX_free(file->sealer);
  free(file);
}

static void xts(void *context, const uint8_t tweak[BLOCK], uint8_t *bytes, size_t length) {
  int written = 0;
  if (EVP_CipherInit_ex(context, NULL, NULL, NULL, tweak, -1) != 1 ||
      EVP_CipherUpdate(context, bytes, &written, bytes, (int)length) != 1 || written != (int)length)
    give_up("AES-256-XTS failed");
}

static void tweak_of(uint8_t tweak[BLOCK], uint64_t unit) {
  memset(tweak, 0, BLOCK);
  for (int i = 0; i < 8; i++) tweak[i] = (uint8_t)(unit >> (8 * i));
}

/* Whole blocks of one unit. The tweak of a block follows from those before it, so they are gone through as well. */
static void blocks(void *context, uint8_t *bytes, uint64_t unit, size_t start, size_t length) {
  uint8_t tweak[BLOCK], scratch[UNIT];
  tweak_of(tweak, unit);
  if (start == 0) {
    xts(context, tweak, bytes, length);
    return;
  }
  memset(scratch, 0, start);
  memcpy(scratch + start, bytes, length);
  xts(context, tweak, scratch, start + length);
  memcpy(bytes, scratch + start, length);
}

/* The same for sealing and opening. */
static void tail(struct sealed *file, uint8_t *bytes, uint64_t unit, size_t start, size_t length) {
  uint8_t tweak[BLOCK], stream[BLOCK] = {0};
  tweak_of(tweak, unit);
  tweak[8] = (uint8_t)(start / BLOCK);
  tweak[9] = (uint8_t)(start / BLOCK >> 8);
  tweak[15] = 1;
  xts(file->sealer, tweak, stream, BLOCK);
  for (size_t i = 0; i < length; i++) bytes[i] ^= stream[i];
}

static void go_through(struct sealed *file, void *context, uint8_t *bytes, off_t offset, size_t length) {
  while (length > 0) {
    uint64_t unit = (uint64_t)offset / UNIT;
    size_t start = (size_t)(offset % UNIT);
    size_t part = length < UNIT - start ? length : UNIT - start;
    size_t whole = part - part % BLOCK;
    if (whole) blocks(context, bytes, unit, start, whole);
    if (whole < part) tail(file, bytes + whole, unit, start + whole, part - whole);
    bytes += part;
    offset += part;
    length -= part;
  }
}

void cipher_seal(struct sealed *file, uint8_t *bytes, off_t offset, size_t length) {
  go_through(file, file->sealer, bytes, offset, length);
  count_sealed(length);
}

void cipher_open(struct sealed *file, uint8_t *bytes, off_t offset, size_t length) {
  go_through(file, file->opener, bytes, offset, length);
  count_opened(length);
}
