// Loading and driving libedit. Its header is not needed to build: the declarations here are of its stable
// interface, soname 2 (and of soname 0, the same under another distribution's numbering).

#define _GNU_SOURCE
#include "CEditLine.h"

#include <dlfcn.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

typedef struct editline EditLine;
typedef struct history History;
typedef struct {
  int num;
  const char *str;
} HistEvent;
typedef struct {
  const char *buffer, *cursor, *lastchar;
} LineInfo;

enum {
  EL_PROMPT = 0, EL_EDITOR = 2, EL_SIGNAL = 3, EL_BIND = 4, EL_ADDFN = 9, EL_HIST = 10, EL_GETCFN = 13,
  EL_CLIENTDATA = 14, EL_REFRESH = 20,
  H_SETSIZE = 1, H_ENTER = 10, H_LOAD = 17, H_SAVE = 18, H_SETUNIQUE = 20,
  CC_REFRESH = 4, CC_ERROR = 6, CC_REDISPLAY = 8,
};

static struct {
  EditLine *(*el_init)(const char *, FILE *, FILE *, FILE *);
  void (*el_end)(EditLine *);
  const char *(*el_gets)(EditLine *, int *);
  int (*el_set)(EditLine *, int, ...);
  int (*el_get)(EditLine *, int, ...);
  int (*el_source)(EditLine *, const char *);
  void (*el_resize)(EditLine *);
  const LineInfo *(*el_line)(EditLine *);
  int (*el_insertstr)(EditLine *, const char *);
  History *(*history_init)(void);
  void (*history_end)(History *);
  int (*history)(History *, HistEvent *, int, ...);
} lib;
static int is_loaded;

struct OvidEditor {
  EditLine *line;
  History *history;
  int wake;
  int was_interrupted;
  // A byte that was read and belongs to the next character; -1: none.
  int pending;
  // What comes now was typed before this line was asked for.
  int is_typed_ahead;
  const char *prompt;
  OvidComplete complete;
  void *context;
};

static const char *const names[] = {"libedit.so.2", "libedit.so.0", "libedit.3.dylib"};

int ovid_editor_load(char *message, size_t capacity) {
  if (is_loaded) return 1;
  void *library = NULL;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && !library; i++)
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(message, capacity, "%s is not installed", names[0]);
    return 0;
  }
#define F(name) \
  { \
    void *address = dlsym(library, #name); \
    if (!address) { \
      snprintf(message, capacity, "%s has no function " #name, names[0]); \
      dlclose(library); \
      return 0; \
    } \
    memcpy(&lib.name, &address, sizeof address); \
  }
  F(el_init) F(el_end) F(el_gets) F(el_set) F(el_get) F(el_source) F(el_resize) F(el_line) F(el_insertstr)
  F(history_init) F(history_end) F(history)
#undef F
  is_loaded = 1;
  return 1;
}

static OvidEditor *editor_of(EditLine *line) {
  OvidEditor *editor = NULL;
  lib.el_get(line, EL_CLIENTDATA, &editor);
  return editor;
}

static const char *prompt_of(EditLine *line) { return editor_of(line)->prompt; }

// One byte, or 0 at the end of input, -1 after an error or an interrupt.
static int read_byte(EditLine *line, OvidEditor *editor, unsigned char *byte) {
  if (editor->pending >= 0) {
    *byte = (unsigned char)editor->pending;
    editor->pending = -1;
    return 1;
  }
  for (;;) {
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = editor->wake, .events = POLLIN}};
    int ready = poll(fds, 2, editor->is_typed_ahead ? 0 : -1);
    if (ready == 0) editor->is_typed_ahead = 0;
    if (ready < 0) {
      if (errno != EINTR) return -1;
      // The window has changed, or the process goes on after a stop.
      lib.el_set(line, EL_REFRESH);
      continue;
    }
    if (fds[1].revents & POLLIN) {
      char signals[16];
      if (read(editor->wake, signals, sizeof signals) > 0) editor->was_interrupted = 1;
      errno = EINTR;
      return -1;
    }
    if (!fds[0].revents) continue;
    ssize_t n = read(STDIN_FILENO, byte, 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // A terminal that was not in raw mode yet has made NUL of Ctrl-D. Otherwise libedit is not to see NUL: it means
    // "no key" in the terminal's settings, which libedit takes for the key that quotes the next one.
    if (n == 1 && *byte == 0) {
      if (!editor->is_typed_ahead) continue;
      *byte = 4;
    }
    return (int)n;
  }
}

// One character; bytes that are not UTF-8 become U+FFFD.
static int read_character(EditLine *line, wchar_t *character) {
  OvidEditor *editor = editor_of(line);
  unsigned char byte;
  int status = read_byte(line, editor, &byte);
  if (status <= 0) return status;
  if (byte < 0x80) {
    *character = byte;
    return 1;
  }
  int more = byte >= 0xF0 && byte < 0xF5 ? 3 : byte >= 0xE0 && byte < 0xF0 ? 2 : byte >= 0xC2 && byte < 0xE0 ? 1 : 0;
  *character = 0xFFFD;
  if (!more) return 1;
  unsigned long value = byte & (0x3F >> more);
  for (int i = 0; i < more; i++) {
    if ((status = read_byte(line, editor, &byte)) <= 0) return status;
    if ((byte & 0xC0) != 0x80) {
      editor->pending = byte;
      return 1;
    }
    value = value << 6 | (byte & 0x3F);
  }
  static const unsigned long smallest[] = {0, 0x80, 0x800, 0x10000};
  if (value >= smallest[more] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF))
    *character = (wchar_t)value;
  return 1;
}

static unsigned char complete(EditLine *line, int key) {
  (void)key;
  OvidEditor *editor = editor_of(line);
  const LineInfo *info = lib.el_line(line);
  OvidCompletion found = editor->complete(
      editor->context, info->buffer, (size_t)(info->lastchar - info->buffer), (size_t)(info->cursor - info->buffer));
  unsigned char result = CC_ERROR;
  if (found.insertion && *found.insertion && lib.el_insertstr(line, found.insertion) == 0) result = CC_REFRESH;
  if (found.listing && *found.listing) {
    fprintf(stdout, "\n%s", found.listing);
    result = CC_REDISPLAY;
  }
  free(found.insertion);
  free(found.listing);
  return result;
}

OvidEditor *ovid_editor_open(int wake, int history_size, OvidComplete complete_function, void *context) {
  if (!is_loaded) return NULL;
  // Texts are UTF-8 whatever the environment says.
  if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8") != 0) setlocale(LC_CTYPE, "C.UTF-8");
  OvidEditor *editor = calloc(1, sizeof *editor);
  if (!editor) return NULL;
  editor->wake = wake;
  editor->pending = -1;
  editor->complete = complete_function;
  editor->context = context;
  editor->prompt = "";
  editor->line = lib.el_init("ovid", stdin, stdout, stderr);
  editor->history = lib.history_init();
  if (!editor->line || !editor->history) {
    ovid_editor_close(editor);
    return NULL;
  }
  HistEvent event;
  lib.history(editor->history, &event, H_SETSIZE, history_size);
  lib.history(editor->history, &event, H_SETUNIQUE, 1);
  EditLine *line = editor->line;
  lib.el_set(line, EL_CLIENTDATA, editor);
  lib.el_set(line, EL_PROMPT, prompt_of);
  lib.el_set(line, EL_EDITOR, "emacs");
  // Restores the terminal around a stop (Ctrl-Z), and follows the size of the window.
  lib.el_set(line, EL_SIGNAL, 1);
  lib.el_set(line, EL_HIST, lib.history, editor->history);
  lib.el_set(line, EL_GETCFN, read_character);
  lib.el_set(line, EL_ADDFN, "ovid-complete", "Complete a name", complete);
  lib.el_set(line, EL_BIND, "^I", "ovid-complete", NULL);
  lib.el_set(line, EL_BIND, "^R", "em-inc-search-prev", NULL);
  lib.el_source(line, NULL);
  return editor;
}

void ovid_editor_close(OvidEditor *editor) {
  if (editor->line) lib.el_end(editor->line);
  if (editor->history) lib.history_end(editor->history);
  free(editor);
}

long ovid_editor_read(OvidEditor *editor, const char *prompt, const char **line) {
  int count = 0;
  editor->prompt = prompt;
  editor->was_interrupted = 0;
  editor->is_typed_ahead = 1;
  lib.el_resize(editor->line);
  *line = lib.el_gets(editor->line, &count);
  if (editor->was_interrupted) return OVID_LINE_INTERRUPTED;
  if (!*line || count <= 0) return OVID_LINE_END;
  while (count > 0 && ((*line)[count - 1] == '\n' || (*line)[count - 1] == '\r')) count--;
  return count;
}

void ovid_editor_remember(OvidEditor *editor, const char *entry) {
  HistEvent event;
  lib.history(editor->history, &event, H_ENTER, entry);
}

int ovid_editor_load_history(OvidEditor *editor, const char *path) {
  HistEvent event;
  return lib.history(editor->history, &event, H_LOAD, path) >= 0;
}

int ovid_editor_save_history(OvidEditor *editor, const char *path) {
  HistEvent event;
  return lib.history(editor->history, &event, H_SAVE, path) >= 0;
}
