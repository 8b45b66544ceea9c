/* What reading and writing of wallet files share; not for other rooms. */
#ifndef WALLET_WALLET_FILE_CHECKS_H
#define WALLET_WALLET_FILE_CHECKS_H

#include <sys/stat.h>

#include "base/fault.h"

int wallet_file_fault(struct fault *fault, int error, const char *path, const char *what);

/* 0; -EINVAL, -EPERM with a fault. */
int wallet_file_check(const struct stat *status, const char *path, struct fault *fault);

#endif
