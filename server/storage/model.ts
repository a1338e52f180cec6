/** The format of sealed files; `native/cipher.c` and `native/file.c` say the same in C. */
export const FORMAT_VERSION = 1
export const ID_BYTES = 16
export const CHECK_BYTES = 16
/** What one tweak covers: a page of PostgreSQL. */
export const UNIT_BYTES = 8192
/** What AES enciphers at once. */
export const BLOCK_BYTES = 16

/** Holds version, id and check value of a file; file systems copy it with the file where they are asked to. */
export const SEAL_ATTRIBUTE = 'user.portcullis.seal'

/** What is kept beside a sealed file. Not secret. */
export type Seal = { version: number; id: Buffer; check: Buffer }

/** Files at the top of a data folder that are needed from outside and hold nothing of the user's. */
export const PLAIN_FILES = ['PG_VERSION']
/** Files of a running server, which no copy takes along. */
export const TRANSIENT_FILES = ['postmaster.pid', 'postmaster.opts']

/**
 * Settings under which no byte goes past the seal, for the command line of `postgres`, where nothing in a file or of
 * `ALTER SYSTEM` overrides them. The library refuses what they would switch on in any case.
 */
export const PINNED_SETTINGS = {
  // io_uring hands buffers to the kernel below libc.
  io_method: 'sync',
  // Would be files of the data folder mapped into memory.
  dynamic_shared_memory_type: 'posix',
  // Direct I/O asks for an alignment that odd reads do not have.
  debug_io_direct: '',
  // Programs that the server would start, and that the library refuses to.
  archive_mode: 'off',
  restore_command: '',
  archive_cleanup_command: '',
  recovery_end_command: '',
  ssl_passphrase_command: '',
} as const

/** How much was sealed and opened since the data folder was made: pages (or parts) of 8 KiB, and bytes. */
export type Counters = { pagesSealed: number; pagesOpened: number; bytesSealed: number; bytesOpened: number }

export type SealLibrary = { available: true; path: string } | { available: false; reason: string }
