/* What Node.js lacks: reading and writing an extended attribute of a file. Node-API's functions are part of the node
 * program and stable for ever; declared here so that its headers need not be downloaded. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/xattr.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *arguments, napi_value *self, void **data);
extern int napi_get_value_string_utf8(napi_env, napi_value, char *, size_t room, size_t *length);
extern int napi_get_buffer_info(napi_env, napi_value, void **bytes, size_t *length);
extern int napi_create_buffer_copy(napi_env, size_t length, const void *bytes, void **copy, napi_value *);
extern int napi_create_int32(napi_env, int32_t, napi_value *);
extern int napi_create_function(napi_env, const char *name, size_t length, napi_callback, void *data, napi_value *);
extern int napi_set_named_property(napi_env, napi_value, const char *, napi_value);

enum { PATH_BYTES = 4096, NAME_BYTES = 256, VALUE_BYTES = 256 };
struct request {
  char path[PATH_BYTES], name[NAME_BYTES];
  void *value;
  size_t length;
};

/* path, name, and a Buffer when there is something to write */
static void read_request(napi_env env, napi_callback_info info, struct request *request) {
  napi_value arguments[3];
  size_t count = 3;
  memset(request, 0, sizeof *request);
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  napi_get_value_string_utf8(env, arguments[0], request->path, PATH_BYTES, NULL);
  napi_get_value_string_utf8(env, arguments[1], request->name, NAME_BYTES, NULL);
  if (count == 3) napi_get_buffer_info(env, arguments[2], &request->value, &request->length);
}

/* The number of the error, for the caller to make an error of. */
static napi_value failure(napi_env env) {
  napi_value number;
  napi_create_int32(env, errno, &number);
  return number;
}

static napi_value get(napi_env env, napi_callback_info info) {
  struct request request;
  char value[VALUE_BYTES];
  read_request(env, info, &request);
  ssize_t length = getxattr(request.path, request.name, value, sizeof value);
  if (length < 0) return failure(env);
  napi_value copy;
  napi_create_buffer_copy(env, (size_t)length, value, NULL, &copy);
  return copy;
}

static napi_value set(napi_env env, napi_callback_info info) {
  struct request request;
  read_request(env, info, &request);
  errno = 0;
  setxattr(request.path, request.name, request.value, request.length, 0);
  return failure(env);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "get", 3, get, NULL, &function);
  napi_set_named_property(env, exports, "get", function);
  napi_create_function(env, "set", 3, set, NULL, &function);
  napi_set_named_property(env, exports, "set", function);
  return exports;
}
