/* The second program: starts from the heap in flash. */
#include "xsAll.h"
#include "glue.h"
#include "rom-heap.h"

/* Names that the program may still make while it runs. */
#define RUNTIME_NAMES 32

txMachine *glueCreateMachine(const txCreation *given)
{
	txCreation creation = *given;
	creation.initialKeyCount = RUNTIME_NAMES;
	creation.nameModulo = gxRomHeap.preparation.nameModulo;
	creation.symbolModulo = gxRomHeap.preparation.symbolModulo;
	return fxPrepareMachine(&creation, (txPreparation *)&gxRomHeap.preparation, "vatlet", C_NULL, C_NULL);
}
