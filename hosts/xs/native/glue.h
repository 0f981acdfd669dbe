/* Inside of the glue: what its files share. Include after xsAll.h. */
#ifndef VATLET_GLUE_H
#define VATLET_GLUE_H

#include "host.h"
#include "linked.h"
#include "mc.xs.h"

extern txInteger _xsmcGetBuffer(txMachine *the, txSlot *slot, void **data, txUnsigned *count, txBoolean writable);

/* Calls with the loop as the caller: an exception stops the program, since nobody is left to catch it. */
void glueCall(txMachine *the, txSlot *function, txSlot *self, txInteger argument);
void glueCallText(txMachine *the, txSlot *function, txSlot *self, const char *argument);

/* The engine with its built-in objects. Null: too little memory. */
txMachine *glueCreateMachine(const txCreation *creation);

/* What the global object has besides the language's own: `trace`. Before modules are loaded. */
void glueGlobals(txMachine *the);

/* Runs promise jobs until there are none. */
void glueJobs(txMachine *the);

/* Timers: the next deadline in host_now_us time, UINT64_MAX without; and what is due. */
uint64_t glueTimersDeadline(void);
void glueTimersRun(txMachine *the, uint64_t now_us);

/* Where events come from: sockets, serial lines, pins. The loop is told of one by what it opens first: a program that uses none of it does not carry its code. */
typedef struct GlueSource {
	/* One round of events. */
	void (*run)(txMachine *the);
	/* How many are open that may wake the program. */
	int open;
	int known;
	struct GlueSource *next;
} GlueSource;
void glueSourceOpens(GlueSource *source);
void glueSourceCloses(GlueSource *source);

/* Says why on the console, with the JavaScript stack where there is one, and ends the program. */
void glueStop(txMachine *the, const char *reason) __attribute__((noreturn));
void glueText(const char *text);
/* A word for a negative host.h code. */
const char *glueErrorName(int code);

/* Counts since start: blocks asked for, blocks not yet given back. */
extern uint32_t glueMallocs;
extern uint32_t glueMallocsLive;
extern uint32_t glueMallocBytes;

/* Unix time as a script set it, else as the host knows it, else HOST_ABSENT. */
int64_t glueWallMs(void);
void glueSetWallMs(int64_t unix_ms);

/* Arguments */
int glueHas(txMachine *the, int index);
txInteger glueInteger(txMachine *the, int index, txInteger low, txInteger high);
/* Aims at options.NAME; the slot is on the XS stack, pop it. */
txSlot *glueOption(txMachine *the, txSlot *options, txID name);
/* Sets `target` of the object that is made to that of its options, which a program may use as it likes. */
void glueTarget(txMachine *the, txSlot *options);
/* Throws where options ask for another format than the only one that there is. */
void glueFormat(txMachine *the, txSlot *options, const char *only);
/* An IPv4 address as text; throws where it is none. */
void glueAddress(txMachine *the, txSlot *slot, uint8_t address[4]);
/* options.port, from `low` to 65535; 0 where there is none. */
uint16_t gluePort(txMachine *the, txSlot *options, int low);
/* Looks a callback up in the options, then in the object itself; leaves `into` undefined if there is none. */
void glueOptionFunction(txMachine *the, txSlot *options, txSlot *self, txID name, txSlot *into);

#endif
