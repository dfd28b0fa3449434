#include "CGccJit.h"
