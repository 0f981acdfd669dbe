/*
 * Compiles JavaScript modules to XS bytecode and links them into one constant C file.
 *
 *	xslink -o FOLDER [-g] [-n NAME]... [+]MODULE=FILE...
 *
 * A module with a + is preloaded: evaluated at build time, where the host can keep objects in flash.
 *
 * Writes FOLDER/linked.c (code, names, host function tables), FOLDER/mc.xs.h (the ids of the names that C uses, given by -n) and
 * FOLDER/used.txt (the engine's own names that code or C use, one a line, and what else it uses of the engine, as `@FEATURE`). A file whose contents would not change is left alone, so that nothing is rebuilt for it.
 *
 * Why link: XS rewrites the code of a compiled module in place, since each module counts its names from 1. With ids given
 * once for the whole image, and the opcodes that say "this text lives in an archive", code and literals are used where
 * they are, in flash, and importing a module allocates nothing for them.
 */
#include "xsScript.h"

enum { NAMES_MAX = 0x7000, MODULES_MAX = 256 };

typedef struct {
	const char *name;
	txScript *script;
	int hostCount;
	int preload;
} Module;

static char *gNames[NAMES_MAX];
static int gNameCount;
static Module gModules[MODULES_MAX];
static int gModuleCount;
static int gUsedNames[XS_ID_COUNT];
static int gUsedCodes[XS_CODE_COUNT];

/* What code can ask of the engine without a name. */
static const struct { int code; const char *feature; } gFeatures[] = {
	{ XS_CODE_ARGUMENTS_SLOPPY, "arguments" }, { XS_CODE_ARGUMENTS_STRICT, "arguments" }, { XS_CODE_BIGINT_1, "bigint" },
	{ XS_CODE_BIGINT_2, "bigint" }, { XS_CODE_EVAL, "eval" },
	{ XS_CODE_FOR_AWAIT_OF, "for-await" }, { XS_CODE_REGEXP, "regexp" }, { XS_CODE_START_ASYNC, "async" },
	{ XS_CODE_START_ASYNC_GENERATOR, "async-generator" }, { XS_CODE_START_GENERATOR, "generator" },
};

static void stop(const char *what, const char *which)
{
	fprintf(stderr, "xslink: %s%s%s\n", what, which ? ": " : "", which ? which : "");
	exit(1);
}

/* What the parser asks of its program. */

void fxAbort(void *console, int status)
{
	(void)console;
	fprintf(stderr, "xslink: the parser gave up (status %d)\n", status);
	exit(1);
}

txID fxGenerateProfileID(void *console)
{
	(void)console;
	return XS_NO_ID;
}

void fxGenerateTag(void *console, txString buffer, txInteger size, txString path)
{
	static int count;
	(void)console;
	snprintf(buffer, size, "#%d@%s", count++, path ? path : "");
}

void fxVReport(void *console, txString format, c_va_list arguments)
{
	(void)console;
	vfprintf(stderr, format, arguments);
}

static void report(const char *kind, txString path, txInteger line, txString format, c_va_list arguments)
{
	fprintf(stderr, "%s:%d: %s: ", path ? path : "?", (int)line, kind);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

void fxVReportError(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	report("error", path, line, format, arguments);
}

void fxVReportWarning(void *console, txString path, txInteger line, txString format, c_va_list arguments)
{
	(void)console;
	report("warning", path, line, format, arguments);
}

/* Names */

static int idOf(const char *name)
{
	for (int i = XS_SYMBOL_ID_COUNT; i < XS_ID_COUNT; i++)
		if (!strcmp(gxIDStrings[i], name)) {
			gUsedNames[i] = 1;
			return i;
		}
	for (int i = 0; i < gNameCount; i++)
		if (!strcmp(gNames[i], name))
			return XS_ID_COUNT + i;
	if (gNameCount == NAMES_MAX)
		stop("more names than an image can hold", NULL);
	gNames[gNameCount] = strdup(name);
	return XS_ID_COUNT + gNameCount++;
}

/* Compiling */

static txScript *compile(const char *path, int debug)
{
	static txParser parser;
	txParserJump jump;
	txString name = NULL;
	txScript *script = NULL;
	FILE *file = fopen(path, "r");
	if (!file)
		stop("cannot read", path);
	fxInitializeParser(&parser, NULL, 4 * 1024 * 1024, 1993);
	parser.firstJump = &jump;
	if (setjmp(jump.jmp_buf) == 0) {
		parser.origin = parser.path = fxNewParserSymbol(&parser, (txString)path);
		fxParserTree(&parser, file, (txGetter)fgetc, mxCFlag | (debug ? mxDebugFlag : 0), &name);
		if (!parser.errorCount) {
			fxParserHoist(&parser);
			fxParserBind(&parser);
			script = fxParserCode(&parser);
		}
	}
	fclose(file);
	if (!script || parser.errorCount)
		exit(1);
	fxTerminateParser(&parser);
	return script;
}

static void archive(txByte *opcode)
{
	switch (*(txU1 *)opcode) {
	case XS_CODE_CODE_1: *opcode = (txByte)XS_CODE_CODE_ARCHIVE_1; break;
	case XS_CODE_CODE_2: *opcode = (txByte)XS_CODE_CODE_ARCHIVE_2; break;
	case XS_CODE_CODE_4: *opcode = (txByte)XS_CODE_CODE_ARCHIVE_4; break;
	case XS_CODE_STRING_1: *opcode = (txByte)XS_CODE_STRING_ARCHIVE_1; break;
	case XS_CODE_STRING_2: *opcode = (txByte)XS_CODE_STRING_ARCHIVE_2; break;
	case XS_CODE_STRING_4: *opcode = (txByte)XS_CODE_STRING_ARCHIVE_4; break;
	}
}

/* A module's own names, by its own ids. What nothing in the end refers to gets no id of the image. */
typedef struct {
	const char **texts;
	txID *ids;
	int nameless;
} Names;

static txID imageId(const Names *names, txID id)
{
	if (names->ids[id] == XS_NO_ID)
		names->ids[id] = (txID)idOf(names->texts[id]);
	return names->ids[id];
}

/* The opcode table gives sizes: positive is the whole size, 0 an id follows, negative a length of that many bytes follows. */
static txByte *nextCode(txByte *p)
{
	txS1 size = gxCodeSizes[*(txU1 *)p];
	txU2 length2;
	txS4 length4;
	if (size > 0)
		return p + size;
	if (size == 0)
		return p + 1 + sizeof(txID);
	p++;
	if (size == -1)
		return p + 1 + *(txU1 *)p;
	if (size == -2) {
		mxDecode2(p, length2);
		return p + length2;
	}
	mxDecode4(p, length4);
	return p + length4;
}

static int isOneOf(const txByte *p, txU1 one, txU1 other)
{
	return *(txU1 *)p == one || *(txU1 *)p == other;
}

/* The name that a module has for one of its variables: before what it is imported from and as, and the names that it is exported under. */
static int isTransferred(txByte *p)
{
	if (*(txU1 *)p != XS_CODE_SYMBOL || !isOneOf(p = nextCode(p), XS_CODE_NULL, XS_CODE_STRING_1))
		return 0;
	if (!isOneOf(p = nextCode(p), XS_CODE_NULL, XS_CODE_SYMBOL))
		return 0;
	do
		p = nextCode(p);
	while (*(txU1 *)p == XS_CODE_SYMBOL);
	return *(txU1 *)p == XS_CODE_INTEGER_1 && *(txU1 *)nextCode(p) == XS_CODE_TRANSFER;
}

/*
 * Code reaches variables by position: without `eval` their names serve only messages about a use before the declaration, and those
 * say nothing where a minifier gave the names. Private fields are looked up by theirs.
 */
static int isNameless(const Names *names, txByte *p, txID id)
{
	txU1 opcode = *(txU1 *)p;
	if (!names->nameless)
		return 0;
	return opcode == XS_CODE_NEW_LOCAL || (opcode == XS_CODE_NEW_CLOSURE && names->texts[id][0] != '#') || isTransferred(p);
}

static int hasEval(const txScript *script)
{
	for (txByte *p = script->codeBuffer; p < script->codeBuffer + script->codeSize; p = nextCode(p))
		if (*(txU1 *)p == XS_CODE_EVAL || *(txU1 *)p == XS_CODE_EVAL_TAIL)
			return 1;
	return 0;
}

static void relocateCode(txScript *script, const Names *names)
{
	txByte *p = script->codeBuffer, *end = p + script->codeSize;
	while (p < end) {
		txU1 opcode = *(txU1 *)p;
		gUsedCodes[opcode] = 1;
		archive(p);
		if (gxCodeSizes[opcode] == 0) {
			txID id;
			txByte *q = p + 1;
			mxDecodeID(q, id);
			if (id != XS_NO_ID) {
				q = p + 1;
				id = isNameless(names, p, id) ? XS_NO_ID : imageId(names, id);
				mxEncodeID(q, id);
			}
		}
		p = nextCode(p);
	}
	if (p != end)
		stop("the code of a module does not end where it should", NULL);
}

static int relocateHosts(txScript *script, const Names *names)
{
	txS1 *p = script->hostsBuffer;
	txID count, id;
	if (!p)
		return 0;
	mxDecodeID(p, count);
	for (int i = 0; i < count; i++) {
		txS1 *at = ++p;
		mxDecodeID(p, id);
		if (id != XS_NO_ID) {
			id = imageId(names, id);
			mxEncodeID(at, id);
		}
		p += strlen((char *)p) + 1;
	}
	return count;
}

static void linkModule(Module *module, int debug)
{
	txScript *script = module->script;
	txS1 *p = script->symbolsBuffer;
	txID count;
	mxDecodeID(p, count);
	Names names = { calloc(count, sizeof(char *)), calloc(count, sizeof(txID)), !debug && !hasEval(script) };
	for (int i = 1; i < count; i++) {
		names.texts[i] = (char *)p;
		p += strlen((char *)p) + 1;
	}
	relocateCode(script, &names);
	module->hostCount = relocateHosts(script, &names);
	free(names.texts);
	free(names.ids);
}

/* Writing */

static void writeText(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 32 || *p > 126 || *p == '"' || *p == '\\' || *p == '?')
			fprintf(out, "\\%03o", *p);
		else
			fputc(*p, out);
	fputc('"', out);
}

static void writeModule(FILE *out, int index)
{
	Module *module = &gModules[index];
	txScript *script = module->script;
	fprintf(out, "const unsigned char gxLinkedCode%d[] = {", index);
	for (int i = 0; i < script->codeSize; i++)
		fprintf(out, "%s%d,", i % 32 ? "" : "\n", (txU1)script->codeBuffer[i]);
	fprintf(out, "\n};\n");
	if (!module->hostCount)
		return;
	txS1 *p = script->hostsBuffer + sizeof(txID);
	for (int i = 0; i < module->hostCount; i++) {
		int length = *p++;
		p += sizeof(txID);
		fprintf(out, length < 0 ? "extern void %s(void *data);\n" : "extern void %s(txMachine *the);\n", (char *)p);
		p += strlen((char *)p) + 1;
	}
	fprintf(out, "static const txHostFunctionBuilder hosts%d[] = {\n", index);
	p = script->hostsBuffer + sizeof(txID);
	for (int i = 0; i < module->hostCount; i++) {
		txID id;
		int length = *p++;
		mxDecodeID(p, id);
		fprintf(out, "\t{ (txCallback)%s, %d, %d },\n", (char *)p, length, id);
		p += strlen((char *)p) + 1;
	}
	fprintf(out, "};\nstatic void bind%d(txMachine *the)\n{\n\tfxBuildHosts(the, %d, hosts%d);\n\tmxPullSlot(mxResult);\n}\n", index, module->hostCount, index);
}

static void writeLinked(FILE *out)
{
	fprintf(out, "/* Made by xslink. */\n#include \"xsAll.h\"\n#include \"linked.h\"\n");
	for (int i = 0; i < gModuleCount; i++)
		writeModule(out, i);
	fprintf(out, "const LinkedModule gxLinkedModules[] = {\n");
	for (int i = 0; i < gModuleCount; i++) {
		fprintf(out, "\t{ ");
		writeText(out, gModules[i].name);
		fprintf(out, ", gxLinkedCode%d, sizeof(gxLinkedCode%d), ", i, i);
		if (gModules[i].hostCount)
			fprintf(out, "bind%d, %d },\n", i, gModules[i].preload);
		else
			fprintf(out, "C_NULL, %d },\n", gModules[i].preload);
	}
	fprintf(out, "};\nconst int gxLinkedModuleCount = %d;\nconst char *const gxLinkedNames[] = {\n", gModuleCount);
	for (int i = 0; i < gNameCount; i++) {
		fputc('\t', out);
		writeText(out, gNames[i]);
		fprintf(out, ",\n");
	}
	if (!gNameCount)
		fprintf(out, "\tC_NULL\n");
	fprintf(out, "};\nconst int gxLinkedNameCount = %d;\nconst int gxLinkedNameBase = %d;\n", gNameCount, XS_ID_COUNT);
}

static void writeUsed(FILE *out)
{
	for (int i = XS_SYMBOL_ID_COUNT; i < XS_ID_COUNT; i++)
		if (gUsedNames[i])
			fprintf(out, "%s\n", gxIDStrings[i]);
	for (size_t i = 0; i < sizeof gFeatures / sizeof gFeatures[0]; i++)
		if (gUsedCodes[gFeatures[i].code])
			fprintf(out, "@%s\n", gFeatures[i].feature);
}

static int sameFile(const char *path, const char *text, size_t size)
{
	FILE *file = fopen(path, "rb");
	int same = 1;
	if (!file)
		return 0;
	for (size_t i = 0; same && i < size; i++)
		same = fgetc(file) == (unsigned char)text[i];
	same = same && fgetc(file) == EOF;
	fclose(file);
	return same;
}

static void writeFile(const char *folder, const char *name, const char *text, size_t size)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (sameFile(path, text, size))
		return;
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(text, 1, size, file) != size || fclose(file))
		stop("cannot write", path);
}

int main(int argc, char **argv)
{
	const char *folder = NULL;
	char *text;
	size_t size;
	int debug = 0, cNameCount, codeBytes = 0;
	const char *cNames[1024];
	cNameCount = 0;
	for (int i = 1; i < argc; i++) {
		char *equals;
		if (!strcmp(argv[i], "-o") && i + 1 < argc)
			folder = argv[++i];
		else if (!strcmp(argv[i], "-g"))
			debug = 1;
		else if (!strcmp(argv[i], "-n") && i + 1 < argc && cNameCount < 1024) {
			cNames[cNameCount++] = argv[++i];
			idOf(argv[i]);
		}
		else if ((equals = strchr(argv[i], '=')) && gModuleCount < MODULES_MAX) {
			*equals = 0;
			gModules[gModuleCount].preload = argv[i][0] == '+';
			gModules[gModuleCount].name = argv[i] + gModules[gModuleCount].preload;
			gModules[gModuleCount].script = compile(equals + 1, debug);
			linkModule(&gModules[gModuleCount], debug);
			codeBytes += gModules[gModuleCount++].script->codeSize;
		}
		else
			stop("unknown argument", argv[i]);
	}
	if (!folder || !gModuleCount)
		stop("usage: xslink -o FOLDER [-g] [-n NAME]... [+]MODULE=FILE...", NULL);

	FILE *out = open_memstream(&text, &size);
	writeLinked(out);
	fclose(out);
	writeFile(folder, "linked.c", text, size);
	free(text);

	out = open_memstream(&text, &size);
	fprintf(out, "/* Made by xslink. */\n#ifndef MC_XS_H\n#define MC_XS_H\n");
	for (int i = 0; i < cNameCount; i++)
		fprintf(out, "#define xsID_%s (%d)\n", cNames[i], idOf(cNames[i]));
	fprintf(out, "#endif\n");
	fclose(out);
	writeFile(folder, "mc.xs.h", text, size);
	free(text);

	out = open_memstream(&text, &size);
	writeUsed(out);
	fclose(out);
	writeFile(folder, "used.txt", text, size);
	free(text);
	printf("{\"modules\":%d,\"codeBytes\":%d,\"names\":%d,\"engineNames\":%d}\n", gModuleCount, codeBytes, gNameCount, XS_ID_COUNT);
	return 0;
}
