// The handler convention for C functions (docs/abi.md).
#ifndef LAMBDA_H
#define LAMBDA_H

#include <stddef.h>
#include <stdint.h>

#define LAMBDA_IMPORT(name) __attribute__((import_module("lambda"), import_name(name)))
#define LAMBDA_EXPORT(name) __attribute__((export_name(name)))

// Writes a line into the function's log. Printing to stderr does the same.
LAMBDA_IMPORT("log") void lambda_log(const char *text, size_t length);

// Ends this invocation as a handled error; return 0 from the handler after calling it.
LAMBDA_IMPORT("fail")
void lambda_fail(const char *type, size_t type_length, const char *message, size_t message_length);

// Calls another service with a JSON body; returns the HTTP status. lambda_answer copies the answer's body, as much as there is
// room for, and returns its whole length.
LAMBDA_IMPORT("call")
uint32_t lambda_call(const char *operation, size_t operation_length, const char *body, size_t body_length);
LAMBDA_IMPORT("answer") size_t lambda_answer(char *into, size_t room);

// What a handler returns: the response's address in the upper half, its length in the lower.
static inline uint64_t lambda_response(const void *bytes, size_t length) {
  return (uint64_t)(uintptr_t)bytes << 32 | (uint32_t)length;
}

#endif
