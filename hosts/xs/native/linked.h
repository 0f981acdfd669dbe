/* What xslink makes of an application: bytecode modules and the names that they share. Include xsAll.h first. */
#ifndef VATLET_LINKED_H
#define VATLET_LINKED_H

typedef struct {
	const char *name;
	const unsigned char *code;
	txSize codeSize;
	txCallback bindHosts;   /* leaves the module's host functions in the result; null if it has none */
	int preload;            /* evaluated when the image is built, where the host can keep objects in flash */
} LinkedModule;

extern const LinkedModule gxLinkedModules[];
extern const int gxLinkedModuleCount;
extern const char *const gxLinkedNames[];
extern const int gxLinkedNameCount;
extern const int gxLinkedNameBase;

/* A file of the manifests' `data` or `resources`, by its name with its ending. */
typedef struct {
	const char *name;
	const unsigned char *bytes, *end;
} LinkedResource;

extern const LinkedResource gxLinkedResources[];
extern const int gxLinkedResourceCount;

/* From the manifest's `creation`. */
extern const txCreation gxLinkedCreation;

#endif
