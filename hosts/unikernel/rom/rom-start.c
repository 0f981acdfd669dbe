/* The second program: starts from the heap in flash. */
#include "xsAll.h"
#include "glue.h"
#include "rom-heap.h"

extern int32_t gluePoolFree(void);

/* Names that the program may still make while it runs. */
#define RUNTIME_NAMES 32

txMachine *glueCreateMachine(const txCreation *given)
{
	txCreation creation = *given;
	creation.initialKeyCount = RUNTIME_NAMES;
	/* Slots that are there need not be collected for: a machine with memory to spare starts without a collection. */
	txSize share = (txSize)(gluePoolFree() / (2 * (int32_t)sizeof(txSlot)));
	if (creation.initialHeapCount < share)
		creation.initialHeapCount = share;
	creation.nameModulo = gxRomHeap.preparation.nameModulo;
	creation.symbolModulo = gxRomHeap.preparation.symbolModulo;
	return fxPrepareMachine(&creation, (txPreparation *)&gxRomHeap.preparation, "vatlet", C_NULL, C_NULL);
}
