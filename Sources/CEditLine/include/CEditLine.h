// A line editor with history and completion, on libedit, which is loaded with dlopen on first use: the package
// builds and runs where it is not installed. libedit's own functions take variable arguments, which Swift cannot
// call; so here is the part of them that Ovid needs. One editor at a time, on one thread.
// Reference: the manual page editline(3).

#ifndef OVID_CEDITLINE_H
#define OVID_CEDITLINE_H

#include <stddef.h>

typedef struct OvidEditor OvidEditor;

/// What the key TAB does: text to insert at the cursor, and lines to show below the input. Both are freed by the
/// editor, and may be NULL.
typedef struct {
  char *insertion;
  char *listing;
} OvidCompletion;

/// `line` is the input, `cursor` the offset of the cursor in it, both in bytes of UTF-8.
typedef OvidCompletion (*OvidComplete)(void *context, const char *line, size_t length, size_t cursor);

enum {
  OVID_LINE_END = -1,
  OVID_LINE_INTERRUPTED = -2,
};

/// Loads libedit. Answers 0 and writes a message if it cannot be loaded.
int ovid_editor_load(char *message, size_t capacity);

/// An editor of the terminal that is standard input and output; NULL if there can be none. A byte that arrives at
/// the descriptor `wake` interrupts reading.
OvidEditor *ovid_editor_open(int wake, int history_size, OvidComplete complete, void *context);
void ovid_editor_close(OvidEditor *editor);

/// Reads one line: its length in bytes without the line end, or OVID_LINE_…. The line is valid until the next call.
long ovid_editor_read(OvidEditor *editor, const char *prompt, const char **line);

void ovid_editor_remember(OvidEditor *editor, const char *entry);
/// Both answer 0 if the file cannot be used.
int ovid_editor_load_history(OvidEditor *editor, const char *path);
int ovid_editor_save_history(OvidEditor *editor, const char *path);

#endif
