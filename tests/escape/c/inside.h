/* inside's probes. Each returns an exit status and prints one line per finding. */
#ifndef ESCAPE_INSIDE_H
#define ESCAPE_INSIDE_H

#include "util.h"
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

int attack_process(int argc, char **argv);
int attack_exe(int argc, char **argv);
int attack_exe_late(int argc, char **argv);
int attack_tty(int argc, char **argv);
int stay_until(unsigned seconds);
int secret(int argc, char **argv);

#endif
