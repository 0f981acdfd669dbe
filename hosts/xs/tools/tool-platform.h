/* The XS platform header for the bytecode tool: the parser on a Linux machine, no engine. */
#ifndef TOOL_PLATFORM_H
#define TOOL_PLATFORM_H
#undef mxLinux
#define mxLinux 1
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#define mxParse 1
#endif
