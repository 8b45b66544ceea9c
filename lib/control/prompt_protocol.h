/* The protocol between a program's prompt socket and binfm-cli.
 *
 * A unix stream socket; either side writes one JSON object a line (UTF-8, ended by a line feed).
 * The client asks, the program answers in the order of asking.
 *
 * Run a command line:
 *   {"line":"show nat summary","format":"text"}      "format" is "text" (default) or "json"
 *   {"ok":true,"exit":0,"text":"mappings   2\n"}
 *   {"ok":true,"exit":0,"json":{"command":"show nat summary","ok":true,"data":{...}}}
 *   {"ok":false,"exit":1,"text":"error: ...","error":{"code","what","value","remedy"}}
 * `exit` is the exit status for a program (enum result_exit in command/result.h); "ends":true is
 * added when the command ends the input (`quit`).
 *
 * Complete the last word of a line (the text up to the cursor):
 *   {"complete":"show n"}
 *   {"ok":true,"candidates":[{"word":"nat","help":"summary, mappings, host"}]}
 * A word in angle brackets is a hint and not to be inserted.
 *
 * Anything else is answered by {"ok":false,"exit":2,"error":{...}} with the code "bad-request"; the
 * connection stays. After "request-too-long" and "too-many-clients" it is closed. A client that
 * asks on while it does not read its answers is dropped.
 *
 * Source: docs/architecture.md; JSON is RFC 8259.
 */
#ifndef CONTROL_PROMPT_PROTOCOL_H
#define CONTROL_PROMPT_PROTOCOL_H

#define PROMPT_SOCKET_PATH "/run/binfm/gateway.sock"
#define PROMPT_REQUEST_BYTES \
	8192 /* a request with its line feed; holds any command line, escaped */
#define PROMPT_CLIENTS_MAX 16
#define PROMPT_QUEUE_BYTES                                                     \
	(1024 * 1024) /* unread answers at which a client that asks is dropped \
		       */

#endif
