#ifndef PROBE_H
#define PROBE_H

/* A number of the boot configuration; 0 if it is not there. */
int number(const char *name);
/* Serves so many pages of so many bytes to whoever comes, as many at once as there are streams. */
void serve_pages(int pages, int bytes);
void check_heap(void);
void check_copies(void);

#endif
