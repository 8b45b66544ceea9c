/* See secret.h. */
#include "wallet/secret.h"

#include <errno.h>

#include <sodium.h>

int
wallet_init(void)
{
	return sodium_init() >= 0 ? 0 : -EIO;
}

void *
secret_allocate(size_t bytes)
{
	void *secret = sodium_malloc(bytes);

	if (secret != NULL)
		sodium_memzero(secret, bytes);
	return secret;
}

void
secret_free(void *secret)
{
	sodium_free(secret);
}
