// The part of libgccjit's C interface that Ovid uses, and a function table that is filled with dlopen on first
// use. The declarations are our own: the library's ABI is stable and versioned, its header is in a directory
// that clang does not search, and the package has to build where it is not installed.
// Reference: https://gcc.gnu.org/onlinedocs/jit/

#ifndef OVID_CGCCJIT_H
#define OVID_CGCCJIT_H

#include <stddef.h>

typedef struct gcc_jit_context gcc_jit_context;
typedef struct gcc_jit_location gcc_jit_location;
typedef struct gcc_jit_type gcc_jit_type;
typedef struct gcc_jit_param gcc_jit_param;
typedef struct gcc_jit_function gcc_jit_function;
typedef struct gcc_jit_block gcc_jit_block;
typedef struct gcc_jit_rvalue gcc_jit_rvalue;
typedef struct gcc_jit_lvalue gcc_jit_lvalue;
typedef struct gcc_jit_extended_asm gcc_jit_extended_asm;

// Values of the library's enumerations.
enum {
  OVID_JIT_STR_PROGNAME = 0,
  OVID_JIT_INT_OPTIMIZATION_LEVEL = 0,
  OVID_JIT_BOOL_DEBUGINFO = 0,

  OVID_JIT_OUTPUT_ASSEMBLER = 0,
  OVID_JIT_OUTPUT_OBJECT_FILE = 1,
  OVID_JIT_OUTPUT_DYNAMIC_LIBRARY = 2,

  OVID_JIT_TYPE_VOID = 0,
  OVID_JIT_TYPE_VOID_PTR = 1,
  OVID_JIT_TYPE_BOOL = 2,
  OVID_JIT_TYPE_UNSIGNED_CHAR = 5,
  OVID_JIT_TYPE_INT = 8,
  OVID_JIT_TYPE_UNSIGNED_INT = 9,
  OVID_JIT_TYPE_LONG = 10,
  OVID_JIT_TYPE_UNSIGNED_LONG = 11,
  OVID_JIT_TYPE_DOUBLE = 15,

  OVID_JIT_FUNCTION_EXPORTED = 0,
  OVID_JIT_FUNCTION_INTERNAL = 1,
  OVID_JIT_FUNCTION_IMPORTED = 2,

  OVID_JIT_GLOBAL_EXPORTED = 0,
  OVID_JIT_GLOBAL_IMPORTED = 2,

  OVID_JIT_UNARY_MINUS = 0,
  OVID_JIT_UNARY_BITWISE_NEGATE = 1,
  OVID_JIT_UNARY_LOGICAL_NEGATE = 2,

  OVID_JIT_BINARY_PLUS = 0,
  OVID_JIT_BINARY_MINUS = 1,
  OVID_JIT_BINARY_MULT = 2,
  OVID_JIT_BINARY_DIVIDE = 3,
  OVID_JIT_BINARY_MODULO = 4,
  OVID_JIT_BINARY_BITWISE_AND = 5,
  OVID_JIT_BINARY_BITWISE_XOR = 6,
  OVID_JIT_BINARY_BITWISE_OR = 7,
  OVID_JIT_BINARY_LOGICAL_AND = 8,
  OVID_JIT_BINARY_LOGICAL_OR = 9,
  OVID_JIT_BINARY_LSHIFT = 10,
  OVID_JIT_BINARY_RSHIFT = 11,

  OVID_JIT_COMPARISON_EQ = 0,
  OVID_JIT_COMPARISON_NE = 1,
  OVID_JIT_COMPARISON_LT = 2,
  OVID_JIT_COMPARISON_LE = 3,
  OVID_JIT_COMPARISON_GT = 4,
  OVID_JIT_COMPARISON_GE = 5,
};

// One row per function: result, name without its prefix, parameters. All locations are NULL.
#define OVID_GCCJIT_FUNCTIONS(F) \
  F(gcc_jit_context *, context_acquire, (void)) \
  F(void, context_release, (gcc_jit_context *)) \
  F(void, context_set_str_option, (gcc_jit_context *, int option, const char *)) \
  F(void, context_set_int_option, (gcc_jit_context *, int option, int)) \
  F(void, context_set_bool_option, (gcc_jit_context *, int option, int)) \
  F(void, context_set_bool_print_errors_to_stderr, (gcc_jit_context *, int)) \
  F(void, context_set_bool_allow_unreachable_blocks, (gcc_jit_context *, int)) \
  F(void, context_add_command_line_option, (gcc_jit_context *, const char *)) \
  F(void, context_add_driver_option, (gcc_jit_context *, const char *)) \
  F(void, context_compile_to_file, (gcc_jit_context *, int kind, const char *path)) \
  F(const char *, context_get_first_error, (gcc_jit_context *)) \
  F(gcc_jit_type *, context_get_type, (gcc_jit_context *, int type)) \
  F(gcc_jit_type *, type_get_pointer, (gcc_jit_type *)) \
  F(gcc_jit_type *, context_new_array_type, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_type *element, int count)) \
  F(gcc_jit_type *, context_new_function_ptr_type, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_type *result, int count, gcc_jit_type **parameters, \
     int isVariadic)) \
  F(gcc_jit_param *, context_new_param, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_type *, const char *name)) \
  F(gcc_jit_rvalue *, param_as_rvalue, (gcc_jit_param *)) \
  F(gcc_jit_function *, context_new_function, \
    (gcc_jit_context *, gcc_jit_location *, int kind, gcc_jit_type *result, const char *name, int count, \
     gcc_jit_param **parameters, int isVariadic)) \
  F(gcc_jit_function *, context_get_builtin_function, (gcc_jit_context *, const char *name)) \
  F(gcc_jit_lvalue *, function_new_local, \
    (gcc_jit_function *, gcc_jit_location *, gcc_jit_type *, const char *name)) \
  F(gcc_jit_block *, function_new_block, (gcc_jit_function *, const char *name)) \
  F(gcc_jit_lvalue *, context_new_global, \
    (gcc_jit_context *, gcc_jit_location *, int kind, gcc_jit_type *, const char *name)) \
  F(gcc_jit_rvalue *, lvalue_as_rvalue, (gcc_jit_lvalue *)) \
  F(gcc_jit_rvalue *, lvalue_get_address, (gcc_jit_lvalue *, gcc_jit_location *)) \
  F(gcc_jit_rvalue *, context_new_rvalue_from_long, (gcc_jit_context *, gcc_jit_type *, long)) \
  F(gcc_jit_rvalue *, context_new_unary_op, \
    (gcc_jit_context *, gcc_jit_location *, int op, gcc_jit_type *, gcc_jit_rvalue *)) \
  F(gcc_jit_rvalue *, context_new_binary_op, \
    (gcc_jit_context *, gcc_jit_location *, int op, gcc_jit_type *, gcc_jit_rvalue *, gcc_jit_rvalue *)) \
  F(gcc_jit_rvalue *, context_new_comparison, \
    (gcc_jit_context *, gcc_jit_location *, int op, gcc_jit_rvalue *, gcc_jit_rvalue *)) \
  F(gcc_jit_rvalue *, context_new_call, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_function *, int count, gcc_jit_rvalue **arguments)) \
  F(gcc_jit_rvalue *, context_new_call_through_ptr, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_rvalue *function, int count, gcc_jit_rvalue **arguments)) \
  F(void, rvalue_set_bool_require_tail_call, (gcc_jit_rvalue *, int)) \
  F(gcc_jit_rvalue *, context_new_cast, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_rvalue *, gcc_jit_type *)) \
  F(gcc_jit_rvalue *, context_new_bitcast, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_rvalue *, gcc_jit_type *)) \
  F(gcc_jit_lvalue *, context_new_array_access, \
    (gcc_jit_context *, gcc_jit_location *, gcc_jit_rvalue *pointer, gcc_jit_rvalue *index)) \
  F(gcc_jit_lvalue *, rvalue_dereference, (gcc_jit_rvalue *, gcc_jit_location *)) \
  F(void, block_add_eval, (gcc_jit_block *, gcc_jit_location *, gcc_jit_rvalue *)) \
  F(void, block_add_assignment, (gcc_jit_block *, gcc_jit_location *, gcc_jit_lvalue *, gcc_jit_rvalue *)) \
  F(void, block_end_with_conditional, \
    (gcc_jit_block *, gcc_jit_location *, gcc_jit_rvalue *, gcc_jit_block *, gcc_jit_block *)) \
  F(void, block_end_with_jump, (gcc_jit_block *, gcc_jit_location *, gcc_jit_block *)) \
  F(void, block_end_with_return, (gcc_jit_block *, gcc_jit_location *, gcc_jit_rvalue *)) \
  F(gcc_jit_extended_asm *, block_add_extended_asm, \
    (gcc_jit_block *, gcc_jit_location *, const char *text)) \
  F(void, extended_asm_set_volatile_flag, (gcc_jit_extended_asm *, int)) \
  F(void, extended_asm_add_output_operand, \
    (gcc_jit_extended_asm *, const char *name, const char *constraint, gcc_jit_lvalue *)) \
  F(void, extended_asm_add_input_operand, \
    (gcc_jit_extended_asm *, const char *name, const char *constraint, gcc_jit_rvalue *)) \
  F(int, version_major, (void))

/// The loaded library: one function pointer for each row.
typedef struct OvidGccJit {
#define F(result, name, parameters) result(*name) parameters;
  OVID_GCCJIT_FUNCTIONS(F)
#undef F
} OvidGccJit;

/// Loads the library and fills `table`. Answers 0 and, in `message`, why not (at most `capacity` bytes with the
/// terminating 0) if the library or one of the functions is missing. The library stays loaded.
int ovid_gccjit_load(OvidGccJit *table, char *message, size_t capacity);

#endif
