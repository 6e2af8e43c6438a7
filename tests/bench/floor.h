/* What the floor's processes make, by the system calls alone; nothing returns where one fails. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Every call has to do what it is made for: nothing is run where one does not. */
#define must(done) ((done) ? (void)0 : (perror(#done), _exit(125)))

#define FLOOR_READ_ONLY (HF_FS_EXECUTE | HF_FS_READ_FILE | HF_FS_READ_DIR)

/* The ruleset of the default policy, but for /proc, which is another one in the sandbox. */
int floor_make_ruleset(void);
void floor_add_rule(int ruleset, const char *path, uint64_t access, struct stat *status);

/* Nothing returns where the rules do not let the command be executed. */
void floor_look(const char *command);

/* What is asked before anything is made: of the caller, of the machine, of the command. */
void floor_ask_streams(void);
void floor_ask_machine(const char *command);
void floor_ask_caller(void);

bool floor_has_rule(const struct stat *status);

void floor_map_ids(uid_t uid, gid_t gid);
void floor_bring_lo_up(void);
void floor_drop_capabilities(void);
void floor_check_streams(void);
void floor_write_no_core(void);
void floor_load_filter(void);

#endif
