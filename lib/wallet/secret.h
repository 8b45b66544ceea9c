/* Memory for secrets.
 *
 * It lies between guard pages, stays out of swap and core dumps as far as the system allows
 * (RLIMIT_MEMLOCK), and is wiped when it is freed.
 *
 * Threads: wallet_init() once at start, before anything else in this room; then any.
 */
#ifndef WALLET_SECRET_H
#define WALLET_SECRET_H

#include <stddef.h>

/* Readies libsodium. Returns 0, or -EIO when the system has no source of random numbers. May be
 * called again. */
int wallet_init(void);

/* Zeroed; NULL when there is no memory. */
void *secret_allocate(size_t bytes);

/* Wipes and frees; NULL is allowed. */
void secret_free(void *secret);

/* Wipes the stack below the caller, where a library that just worked with a secret may have left
 * parts of it. */
void secret_wipe_stack(void);

#endif
