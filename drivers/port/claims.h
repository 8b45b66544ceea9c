/* Who has which device open, so that opening it twice gives a fault and not a port that silently
 * shares or steals. A claim is a text: "interface lan0". Claims of kernel interfaces hold against
 * other processes too: two gateways on one interface would answer and forward everything twice.
 * Such a claim is a socket with an abstract name, which belongs to the network namespace, as the
 * interface does, and goes with the process, however that ends. Control thread. */
#ifndef PORT_CLAIMS_H
#define PORT_CLAIMS_H

#include <stdbool.h>

#include "base/fault.h"

#define CLAIM_BYTES 192

#define CLAIM_INTERFACE "interface "

/* Fault "device-in-use" when it is taken, "too-many-ports" when the list is full. */
int claim_take(const char *claim, const char *port_name, struct fault *fault);

/* Harmless when it is not taken. */
void claim_release(const char *claim);

/* Whether a claim that begins with `prefix` is taken. */
bool claim_begins(const char *prefix);

#endif
