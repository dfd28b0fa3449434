// Loading libgccjit.

#include "CGccJit.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"libgccjit.so.0", "libgccjit.0.dylib", "libgccjit.so"};

int ovid_gccjit_load(OvidGccJit *table, char *message, size_t capacity) {
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, capacity, "%s is not installed", names[0]);
    return 0;
  }
#define F(result, name, parameters) \
  { \
    void *address = dlsym(library, "gcc_jit_" #name); \
    if (!address) { \
      snprintf(message, capacity, "%s has no function gcc_jit_" #name, names[0]); \
      dlclose(library); \
      return 0; \
    } \
    memcpy(&table->name, &address, sizeof address); \
  }
  OVID_GCCJIT_FUNCTIONS(F)
#undef F
  return 1;
}
