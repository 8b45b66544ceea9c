/* lib/wallet: files that others may read, swap or lose; what stays in memory. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "wallet/secret.h"
#include "wallet/wallet_file.h"

const char *const unit_suite = "wallet_file";

#define NOW_MS 1800000000000u
#define DAY_MS 86400000u

static const struct wallet_cost cheap = {.passes = 1, .memory_kib = 8};
static char directory[] = "/tmp/binfm-wallet-XXXXXX";
static char path[64], other_path[64];
static struct fault fault;

static struct wallet *
make(enum static_group group)
{
	struct wallet *wallet = NULL;

	CU_ASSERT_EQUAL_FATAL(wallet_create(&wallet, group, NOW_MS, &fault), 0);
	return wallet;
}

static void
begin(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/wallet", directory);
	snprintf(other_path, sizeof(other_path), "%s/other", directory);
}

static unsigned int
count_files(void)
{
	DIR *open = opendir(directory);
	unsigned int count = 0;

	for (struct dirent *entry; (entry = readdir(open)) != NULL;)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(open);
	return count;
}

static void
end(void)
{
	unlink(path);
	unlink(other_path);
	CU_ASSERT_EQUAL(rmdir(directory), 0); /* nothing else is left */
}

static void
a_file_keeps_a_wallet(void)
{
	struct wallet *wallet = make(STATIC_X25519), *read = NULL;
	mode_t masks[] = {0, 0277, 0777};
	struct stat status;

	begin();
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before = umask(masks[i]);
		int result = wallet_save(wallet, path, &fault);

		umask(before);
		CU_ASSERT_EQUAL_FATAL(result, 0);
		CU_ASSERT_EQUAL(stat(path, &status), 0);
		CU_ASSERT_EQUAL(status.st_mode, S_IFREG | 0600);
		CU_ASSERT_EQUAL(count_files(), 1);
		CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
		CU_ASSERT_EQUAL(memcmp(wallet_public(read), wallet_public(wallet),
					sizeof(struct wallet_public)),
			0);
		wallet_free(read);
		unlink(path);
	}
	wallet_free(wallet);
	end();
}

static void
expect_load(const char *name, int error, const char *code)
{
	struct wallet *wallet = NULL;

	CU_ASSERT_EQUAL(wallet_load(&wallet, name, &fault), error);
	CU_ASSERT_STRING_EQUAL(fault.code, code);
	CU_ASSERT_NOT_EQUAL(fault.remedy[0], '\0');
	CU_ASSERT_PTR_NULL(wallet);
}

static void
files_of_others_are_refused(void)
{
	static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0601, 0666, 0644};
	struct wallet *wallet = make(STATIC_X25519);

	begin();
	CU_ASSERT_EQUAL_FATAL(wallet_save(wallet, path, &fault), 0);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		CU_ASSERT_EQUAL(chmod(path, modes[i]), 0);
		expect_load(path, -EPERM, "wallet-open-to-others");
		CU_ASSERT_STRING_EQUAL(fault.value, path);
		/* Nor is it replaced, as if nothing had happened. */
		CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EPERM);
	}
	chmod(path, 0600);
	if (geteuid() == 0) {
		CU_ASSERT_EQUAL(chown(path, 1, 0), 0);
		expect_load(path, -EPERM, "wallet-of-somebody-else");
		CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EPERM);
	} else {
		printf("skip wallet_file: only root can give a file away\n");
	}
	wallet_free(wallet);
	end();
}

static void
only_ordinary_files_are_read(void)
{
	struct wallet *wallet = make(STATIC_X25519);

	begin();
	expect_load(path, -ENOENT, "wallet-missing");
	expect_load(directory, -EINVAL, "wallet-not-a-file");
	expect_load("/dev/null", -EINVAL, "wallet-not-a-file");
	CU_ASSERT_EQUAL(wallet_save(wallet, other_path, &fault), 0);
	CU_ASSERT_EQUAL(symlink(other_path, path), 0);
	expect_load(path, -EINVAL, "wallet-not-a-file");
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EINVAL);
	unlink(path);
	CU_ASSERT_EQUAL(symlink("/nowhere", path), 0);
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EINVAL);
	unlink(path);
	CU_ASSERT_EQUAL(mkfifo(path, 0600), 0);
	expect_load(path, -EINVAL, "wallet-not-a-file");
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EINVAL);
	CU_ASSERT_EQUAL(wallet_save(wallet, "/tmp/", &fault), -EINVAL);
	CU_ASSERT_EQUAL(wallet_save(wallet, "/nowhere/wallet", &fault), -ENOENT);
	wallet_free(wallet);
	end();
}

static void
write_file(const void *bytes, size_t length)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CU_ASSERT_EQUAL(write(descriptor, bytes, length), (ssize_t)length);
	close(descriptor);
}

static void
what_is_no_wallet_is_neither_read_nor_replaced(void)
{
	static const uint8_t much[WALLET_BYTES_MAX * 2] = "binfmwal\0\1\1\1";
	static const uint8_t newer[100] = "binfmwal\0\2";
	struct wallet *wallet = make(STATIC_X25519);

	begin();
	write_file("", 0);
	expect_load(path, -EBADMSG, "not-a-wallet");
	write_file("ssh-ed25519 AAAA", 16);
	expect_load(path, -EBADMSG, "not-a-wallet");
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), -EBADMSG);
	write_file(much, sizeof(much));
	expect_load(path, -EBADMSG, "wallet-damaged");
	write_file(newer, sizeof(newer));
	expect_load(path, -EBADMSG, "wallet-version");
	CU_ASSERT_STRING_EQUAL(fault.value, "2");
	CU_ASSERT_EQUAL(count_files(), 1);
	wallet_free(wallet);
	end();
}

/* A wallet that nobody has another copy of is not written over. */
static void
no_key_is_lost_by_a_save(void)
{
	struct wallet *wallet = make(STATIC_X25519), *other = make(STATIC_X25519), *old = NULL;
	struct wallet *read = NULL;

	begin();
	CU_ASSERT_EQUAL_FATAL(wallet_save(wallet, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_save(other, path, &fault), -EEXIST);
	CU_ASSERT_STRING_EQUAL(fault.code, "wallet-exists");
	CU_ASSERT_EQUAL_FATAL(wallet_load(&old, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_X25519, NOW_MS, DAY_MS, &fault), 0);
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, "pass", 4, &cheap, &fault), 0);
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_save(old, path, &fault), -ESTALE);
	CU_ASSERT_EQUAL(wallet_rotate(old, STATIC_X25519, NOW_MS, DAY_MS, &fault), 0);
	CU_ASSERT_EQUAL(wallet_save(old, path, &fault), -ESTALE); /* same number, other key */
	CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
	CU_ASSERT_TRUE(wallet_is_locked(read));
	CU_ASSERT_EQUAL(wallet_public(read)->key_number, 2);
	CU_ASSERT_EQUAL(wallet_save(read, path, &fault), 0); /* a locked one, as it is */
	CU_ASSERT_EQUAL(wallet_unlock(read, "pass", 4, &fault), 0);
	wallet_free(read);
	wallet_free(old);
	wallet_free(other);
	wallet_free(wallet);
	end();
}

/* The disk is full in the middle of the file. */
static void
a_failed_save_leaves_the_old_file(void)
{
	struct rlimit before, little = {100, RLIM_INFINITY};
	struct wallet *wallet = make(STATIC_X25519), *read = NULL;
	int result;

	begin();
	CU_ASSERT_EQUAL_FATAL(wallet_save(wallet, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_rotate(wallet, STATIC_X25519, NOW_MS, 0, &fault), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	little.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &little);
	result = wallet_save(wallet, path, &fault);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	CU_ASSERT_EQUAL(result, -EFBIG);
	CU_ASSERT_EQUAL(count_files(), 1);
	CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_public(read)->key_number, 1);
	wallet_free(read);
	wallet_free(wallet);
	end();
}

/* Rotates and saves until it is killed. */
static void
rotate_for_ever(void)
{
	struct wallet *wallet = NULL;

	if (wallet_load(&wallet, path, NULL) != 0)
		_exit(1);
	for (;;)
		if (wallet_rotate(wallet, STATIC_X25519, NOW_MS, 0, NULL) != 0 ||
			wallet_save(wallet, path, NULL) != 0)
			_exit(1);
}

static void
remove_temporaries(void)
{
	DIR *open = opendir(directory);

	for (struct dirent *entry; (entry = readdir(open)) != NULL;)
		if (strncmp(entry->d_name, ".wallet.", 8) == 0)
			unlinkat(dirfd(open), entry->d_name, 0);
	closedir(open);
}

/* Whoever reads meanwhile, and after kill -9 at any moment, finds a whole wallet. */
static void
a_killed_save_leaves_a_whole_file(void)
{
	struct wallet *wallet = make(STATIC_X25519), *read = NULL;
	uint32_t number = 1;

	begin();
	CU_ASSERT_EQUAL_FATAL(wallet_save(wallet, path, &fault), 0);
	for (unsigned int round = 0; round < 25; round++) {
		uint32_t seen = number;
		pid_t child = fork();
		int status = 0;

		if (child == 0)
			rotate_for_ever();
		for (unsigned int loads = 0; seen < number + 3 || loads < round * 7; loads++) {
			CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
			seen = wallet_public(read)->key_number;
			wallet_free(read);
		}
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		CU_ASSERT_TRUE(WIFSIGNALED(status)); /* it was at work until then */
		CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
		CU_ASSERT_TRUE(wallet_public(read)->key_number >= seen);
		number = wallet_public(read)->key_number;
		wallet_free(read);
	}
	remove_temporaries();
	wallet_free(wallet);
	end();
}

/* A sanitizer's shadow memory is far too large to be searched. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SHADOW_MEMORY 1
#endif
#endif
#ifndef SHADOW_MEMORY
#define SHADOW_MEMORY 0
#endif

/* How often a secret, given inverted, stands in what this program may write to. */
static unsigned int
count_in_memory(const uint8_t *inverted, size_t length)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int memory = open("/proc/self/mem", O_RDONLY);
	static uint8_t page[4096 + 32];
	unsigned long from, to;
	unsigned int found = 0;
	char line[256];

	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || strstr(line, " rw") == NULL)
			continue;
		for (; from < to; from += 4096) {
			ssize_t count = pread(memory, page, sizeof(page), (off_t)from);

			for (ssize_t at = 0; at + (ssize_t)length <= count; at++) {
				size_t same = 0;

				while (same < length &&
					(page[at + (ssize_t)same] ^ inverted[same]) == 0xff)
					same++;
				found += same == length;
			}
		}
	}
	sodium_memzero(page, sizeof(page));
	fclose(maps);
	close(memory);
	return found;
}

/* Learns the open wallet's seed and static secret, inverted, and leaves no other trace. */
static void
invert_secrets(struct wallet *wallet, uint8_t inverted[64])
{
	uint8_t *bytes = secret_allocate(WALLET_BYTES_MAX);
	size_t before = 71 + static_public_bytes(wallet_public(wallet)->key.group);

	wallet_encode(wallet, bytes);
	for (size_t i = 0; i < 64; i++)
		inverted[i] = (uint8_t)~bytes[before + i];
	secret_free(bytes);
}

static void
use(struct wallet *wallet)
{
	uint8_t signature[64], shared[STATIC_PUBLIC_BYTES_MAX];
	const struct static_public *key = &wallet_public(wallet)->key;

	CU_ASSERT_EQUAL(wallet_sign(wallet, IDENTITY_DOMAIN_HEAD, "x", 1, signature), 0);
	CU_ASSERT_EQUAL(wallet_agree(wallet, WALLET_KEY_CURRENT, NOW_MS, key->bytes,
				static_public_bytes(key->group), shared),
		0);
}

static void
expect_no_trace(enum static_group group)
{
	struct wallet *wallet = make(group), *read = NULL;
	uint8_t inverted[64];

	begin();
	use(wallet);
	invert_secrets(wallet, inverted);
	CU_ASSERT_TRUE(count_in_memory(inverted, 16) > 0); /* else the search finds nothing */
	CU_ASSERT_EQUAL(wallet_save(wallet, path, &fault), 0);
	CU_ASSERT_EQUAL(wallet_set_passphrase(wallet, "pass", 4, &cheap, &fault), 0);
	use(wallet);
	CU_ASSERT_EQUAL(wallet_lock(wallet, &fault), 0);
	CU_ASSERT_EQUAL(count_in_memory(inverted, 16), 0);
	CU_ASSERT_EQUAL(count_in_memory(inverted + 32, 16), 0);
	CU_ASSERT_EQUAL(wallet_unlock(wallet, "pass", 4, &fault), 0);
	CU_ASSERT_TRUE(count_in_memory(inverted + 32, 16) > 0);
	CU_ASSERT_EQUAL_FATAL(wallet_load(&read, path, &fault), 0);
	use(read);
	wallet_free(wallet);
	wallet_free(read);
	CU_ASSERT_EQUAL(count_in_memory(inverted, 16), 0);
	CU_ASSERT_EQUAL(count_in_memory(inverted + 32, 16), 0);
	end();
}

static void
nothing_of_a_secret_stays_in_memory(void)
{
	if (SHADOW_MEMORY) {
		printf("skip wallet_file::nothing_of_a_secret_stays_in_memory: under a "
		       "sanitizer\n");
		return;
	}
	expect_no_trace(STATIC_X25519);
	expect_no_trace(STATIC_FFDHE2048);
	expect_no_trace(STATIC_FFDHE3072);
}

const struct unit_test unit_tests[] = {
	{"a_file_keeps_a_wallet", a_file_keeps_a_wallet},
	{"files_of_others_are_refused", files_of_others_are_refused},
	{"only_ordinary_files_are_read", only_ordinary_files_are_read},
	{"what_is_no_wallet_is_neither_read_nor_replaced",
		what_is_no_wallet_is_neither_read_nor_replaced},
	{"no_key_is_lost_by_a_save", no_key_is_lost_by_a_save},
	{"a_failed_save_leaves_the_old_file", a_failed_save_leaves_the_old_file},
	{"a_killed_save_leaves_a_whole_file", a_killed_save_leaves_a_whole_file},
	{"nothing_of_a_secret_stays_in_memory", nothing_of_a_secret_stays_in_memory},
	{NULL, NULL},
};
