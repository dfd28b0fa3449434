#define _XOPEN_SOURCE 700
#include "CFiber.h"

#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>

#ifdef __APPLE__
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
#endif

struct OvidContext {
  ucontext_t machine;
  void (*entry)(void *);
  void *argument;
};

OvidContext *ovid_context_make(void) { return calloc(1, sizeof(OvidContext)); }

void ovid_context_free(OvidContext *context) { free(context); }

// Arguments of a context's function are of type int.
static void begin(unsigned high, unsigned low) {
  OvidContext *context = (OvidContext *)((uintptr_t)high << 32 | low);
  context->entry(context->argument);
}

void ovid_context_prepare(OvidContext *context, void *low, size_t bytes, void (*entry)(void *), void *argument) {
  getcontext(&context->machine);
  context->machine.uc_stack.ss_sp = low;
  context->machine.uc_stack.ss_size = bytes;
  context->machine.uc_link = NULL;
  context->entry = entry;
  context->argument = argument;
  uintptr_t address = (uintptr_t)context;
  makecontext(&context->machine, (void (*)(void))begin, 2, (unsigned)(address >> 32), (unsigned)address);
}

void ovid_context_switch(OvidContext *from, OvidContext *to) { swapcontext(&from->machine, &to->machine); }
