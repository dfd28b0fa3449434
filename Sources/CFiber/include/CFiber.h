// Switching between native stacks of one thread, with the C library's contexts: makecontext(3) takes a function of
// variable arguments, which Swift cannot call.

#ifndef OVID_CFIBER_H
#define OVID_CFIBER_H

#include <stddef.h>

typedef struct OvidContext OvidContext;

/// A context for the stack that is running, or for one that `ovid_context_prepare` gives it. Freed by
/// `ovid_context_free`. NULL: no memory.
OvidContext *ovid_context_make(void);
void ovid_context_free(OvidContext *context);

/// Lets the first switch to `context` call `entry`, which must not return, on the stack of `bytes` bytes at `low`.
void ovid_context_prepare(OvidContext *context, void *low, size_t bytes, void (*entry)(void *), void *argument);

/// Goes on in `to`; returns when somebody switches to `from`.
void ovid_context_switch(OvidContext *from, OvidContext *to);

#endif
