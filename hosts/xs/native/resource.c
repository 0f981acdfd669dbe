/* The `Resource` module: files of the manifests as constant arrays of the image, never copied unless a script asks for it. */
#include "xsAll.h"
#include "glue.h"

/* The bytes belong to the image. */
void xs_resource_destructor(void *data)
{
	(void)data;
}

static const LinkedResource *find(txMachine *the)
{
	if (mxArgc < 1)
		mxSyntaxError("the name of a resource is missing");
	txString name = fxToString(the, mxArgv(0));
	for (int i = 0; i < gxLinkedResourceCount; i++)
		if (!c_strcmp(gxLinkedResources[i].name, name))
			return &gxLinkedResources[i];
	return C_NULL;
}

static void aim(txMachine *the, txSlot *object, const uint8_t *bytes, txSize length)
{
	fxSetHostBuffer(the, object, (void *)bytes, length);
	fxPetrifyHostBuffer(the, object);
}

void xs_resource(txMachine *the)
{
	const LinkedResource *resource = find(the);
	if (!resource)
		mxURIError("there is no resource \"%s\"", fxToString(the, mxArgv(0)));
	aim(the, mxThis, resource->bytes, (txSize)(resource->end - resource->bytes));
}

void xs_resource_exists(txMachine *the)
{
	mxResult->value.boolean = find(the) != C_NULL;
	mxResult->kind = XS_BOOLEAN_KIND;
}

void xs_resource_get_byteLength(txMachine *the)
{
	mxResult->value.integer = fxGetHostBufferLength(the, mxThis);
	mxResult->kind = XS_INTEGER_KIND;
}

/* An argument as an offset within the resource. */
static txInteger offset(txMachine *the, int index, txInteger low, txInteger high, txInteger otherwise)
{
	txInteger value = glueHas(the, index) ? fxToInteger(the, mxArgv(index)) : otherwise;
	return value < low ? low : value > high ? high : value;
}

void xs_resource_slice(txMachine *the)
{
	txInteger length = fxGetHostBufferLength(the, mxThis);
	const uint8_t *bytes = fxGetHostData(the, mxThis);
	txInteger begin = offset(the, 0, 0, length, 0);
	txInteger end = offset(the, 1, begin, length, length);
	if (!glueHas(the, 2) || fxToBoolean(the, mxArgv(2))) {
		fxArrayBuffer(the, mxResult, (void *)(bytes + begin), end - begin, -1);
		return;
	}
	mxPushReference(fxGetPrototype(the, mxThis->value.reference));
	fxNewHostInstance(the);
	mxPullSlot(mxResult);
	aim(the, mxResult, bytes + begin, end - begin);
}
