// Counts the words of its event. It teaches the command convention: a plain program which reads the
// event from stdin, answers on stdout and logs on stderr. Nothing in it knows of Lambda, and it runs
// in any WASI runtime:  echo '{"text":"to be or not"}' | wasmtime wordcount.wasm

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static void log_variable(const char *name) {
  const char *value = getenv(name);
  fputs(name, stderr);
  fputs(" is ", stderr);
  fputs(value != NULL ? value : "not set", stderr);
  fputs("\n", stderr);
}

int main(void) {
  log_variable("AWS_LAMBDA_FUNCTION_NAME");
  log_variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");

  long words = 0, bytes = 0;
  int in_word = 0;
  for (int c; (c = getchar()) != EOF; bytes++) {
    int is_letter = isalnum(c) || c >= 0x80 || (in_word && c == '\'');
    words += is_letter && !in_word;
    in_word = is_letter;
  }
  if (ferror(stdin)) {
    perror("stdin");
    return 1;
  }
  printf("{\"words\":%ld,\"bytes\":%ld}\n", words, bytes);
  return 0;
}
