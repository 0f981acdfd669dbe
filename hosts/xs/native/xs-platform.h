/* The XS platform header of every host: no threads, no files, memory and time from host.h. */
#ifndef VATLET_XS_PLATFORM_H
#define VATLET_XS_PLATFORM_H

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__riscv)
	/* A misaligned access traps on the small cores. */
	#define mxUnalignedAccess 0
	#define mxMisalignedSettersCrash 1
	#define mxIntegerDivideOverflowException 0
	#define mxTableMinLength 1
#endif
#if defined(__riscv) && !defined(__riscv_flen)
	/* The C library's buffer has room for floating-point registers: 4 times as large, and one is on the C stack per `try`. */
	typedef struct { uint32_t registers[14]; } glueJump;
	extern int glueSetJump(glueJump *jump) __attribute__((returns_twice));
	extern void glueLongJump(glueJump *jump, int value) __attribute__((noreturn));
	#define c_jmp_buf glueJump
	#define c_setjmp(jump) glueSetJump(&(jump))
	#define c_longjmp(jump, value) glueLongJump(&(jump), value)
#endif
#define C_PATH_MAX 256
#define mxUseDefaultCStackLimit 0
/* Without it the engine writes below its stack when scripts recurse too deep. */
#define mxBoundsCheck 1

#define mxMachinePlatform \
	void *host; \
	int promiseJobs; \
	void *waiterCondition; \
	void *waiterData; \
	void *waiterLink;
#define mxUseDefaultMachinePlatform 1
#define mxUseDefaultSharedChunks 1

/* Wall time where the machine knows it, else time since start. */
#include <sys/time.h>
typedef struct timeval c_timeval;
#define c_timezone timezone
extern int xs_gettimeofday(c_timeval *now, void *zone);
#define c_gettimeofday xs_gettimeofday

/* Counted, so that a test can prove that nothing was allocated. */
extern void *xs_malloc(size_t size);
extern void *xs_calloc(size_t count, size_t size);
extern void *xs_realloc(void *block, size_t size);
extern void xs_free(void *block);
#define c_malloc xs_malloc
#define c_calloc xs_calloc
#define c_realloc xs_realloc
#define c_free xs_free
#define c_malloc_uint32 xs_malloc
#define c_free_uint32 xs_free

#endif
