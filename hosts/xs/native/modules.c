/* Modules and names come from the linked image; there is no parser and no file system. */
#include "xsAll.h"
#include "xsScript.h"
#include "glue.h"

static const LinkedModule *find(const char *name)
{
	for (int i = 0; i < gxLinkedModuleCount; i++)
		if (!c_strcmp(gxLinkedModules[i].name, name))
			return &gxLinkedModules[i];
	return C_NULL;
}

void fxBuildKeys(txMachine *the)
{
	int i;
	for (i = 0; i < XS_SYMBOL_ID_COUNT; i++) {
		txID id = the->keyIndex;
		txSlot *description = fxNewSlot(the);
		description->kind = XS_STRING_X_KIND;
		description->value.string = (txString)gxIDStrings[i];
		the->keyArray[id] = description;
		the->keyIndex++;
	}
	for (; i < XS_ID_COUNT; i++)
		fxNewNameX(the, (txString)gxIDStrings[i]);
	for (i = 0; i < gxLinkedNameCount; i++)
		if (fxNewNameX(the, (txString)gxLinkedNames[i]) != gxLinkedNameBase + i)
			glueStop(the, "the image was linked for another engine");
}

/* Imports between the modules of one image are flat: `./name.js` is the module `name`. */
txID fxFindModule(txMachine *the, txSlot *realm, txID moduleID, txSlot *slot)
{
	char text[C_PATH_MAX];
	char *name = text;
	const LinkedModule *module;
	(void)realm;
	(void)moduleID;
	fxToStringBuffer(the, slot, text, sizeof(text));
	if (name[0] == '.' && name[1] == '/') {
		size_t length;
		name += 2;
		length = c_strlen(name);
		if (length > 3 && !c_strcmp(name + length - 3, ".js"))
			name[length - 3] = 0;
	}
	module = find(name);
	return module ? fxNewNameX(the, (txString)module->name) : XS_NO_ID;
}

void fxLoadModule(txMachine *the, txSlot *module, txID moduleID)
{
	const LinkedModule *linked = find(fxGetKeyName(the, moduleID));
	txScript script;
	if (!linked)
		return;
	c_memset(&script, 0, sizeof(script));
	script.callback = (void *)linked->bindHosts;
	script.codeBuffer = (txS1 *)linked->code;
	script.codeSize = linked->codeSize;
	script.path = (txString)linked->name;
	script.version[0] = XS_MAJOR_VERSION;
	script.version[1] = XS_MINOR_VERSION;
	script.version[2] = XS_PATCH_VERSION;
	fxResolveModule(the, module, moduleID, &script, C_NULL, C_NULL);
}

txScript *fxParseScript(txMachine *the, void *stream, txGetter getter, txUnsigned flags)
{
	(void)stream;
	(void)getter;
	(void)flags;
	mxSyntaxError("this image has no parser");
	return C_NULL;
}
