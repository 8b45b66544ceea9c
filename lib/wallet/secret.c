/* See secret.h. */
#include "wallet/secret.h"

#include <errno.h>

#include <sodium.h>

#define STACK_BYTES 8192 /* more than libsodium's signatures and scalar multiplications take */

int
wallet_init(void)
{
	return sodium_init() >= 0 ? 0 : -EIO;
}

void *
secret_allocate(size_t bytes)
{
	void *secret;

	/* libsodium's allocator ends the program when it was not readied. */
	if (wallet_init() != 0)
		return NULL;
	secret = sodium_malloc(bytes);
	if (secret != NULL)
		sodium_memzero(secret, bytes);
	return secret;
}

void
secret_free(void *secret)
{
	sodium_free(secret);
}

void
secret_wipe_stack(void)
{
	sodium_stackzero(STACK_BYTES);
}
