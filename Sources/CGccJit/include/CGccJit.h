#ifndef OVID_CGCCJIT_H
#define OVID_CGCCJIT_H
#endif
