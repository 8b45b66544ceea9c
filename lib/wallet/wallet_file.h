/* Wallet files: who may have them, and how they are replaced without ever being half there.
 *
 * A wallet file is an ordinary file of mode 0600 that belongs to the user of the program. Anything
 * else is refused, and so is a symbolic link: whoever can turn it could swap the wallet.
 *
 * A save writes a temporary file beside it, brings that to the disk, renames it over the old one
 * and brings the directory to the disk. So the path names the old wallet or the new one, whatever
 * happens; a temporary file that a crash left (.NAME.XXXXXXXX.new, 0600) may be deleted.
 *
 * Source: docs/protocol.md, Wallet file; rename(2), fsync(2).
 * Threads: any, one at a time for each path.
 */
#ifndef WALLET_WALLET_FILE_H
#define WALLET_WALLET_FILE_H

#include "base/fault.h"
#include "wallet/wallet.h"

/* Reads the wallet at `path`. Returns 0, or with a fault: -ENOENT, -EACCES (cannot be opened),
 * -EPERM (others can read it, or it is somebody else's), -EINVAL (no ordinary file), -EBADMSG (no
 * wallet, or damaged), -ENOMEM, -EIO. */
int wallet_load(struct wallet **wallet, const char *path, struct fault *fault);

/* Writes the wallet to `path`, locked if it has a passphrase. What is there already is replaced
 * only when it is the same wallet (the same identity) and not newer: a key would be lost for ever.
 * Returns 0, or with a fault what wallet_load() returns for the file that is there; -EEXIST
 * (another wallet); -ESTALE (a newer or other static key there: load it again); -ENOSPC, -EROFS and
 * other errors of writing. On errors the old file is whole; -EIO after the rename (the directory
 * was not brought to the disk) says that either may be there after a power failure. */
int wallet_save(struct wallet *wallet, const char *path, struct fault *fault);

#endif
