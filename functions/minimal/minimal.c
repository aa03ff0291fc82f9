// clang --target=wasm32-wasi -Os -mexec-model=reactor minimal.c -o minimal.wasm

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("alloc") void *alloc(size_t length) { return malloc(length); }

EXPORT("dealloc") void dealloc(void *address, size_t length) { (void)length, free(address); }

EXPORT("handler") uint64_t handler(char *event, size_t length) {
  char *response = malloc(64); // the host calls `dealloc` on it
  int written = snprintf(response, 64, "{\"eventBytes\":%zu}", length);
  free(event);
  return (uint64_t)(uintptr_t)response << 32 | (uint32_t)written;
}
