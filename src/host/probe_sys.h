/* SPDX-License-Identifier: MIT */
#ifndef PROBE_SYS_H
#define PROBE_SYS_H

/* Newer calls' numbers, one for all architectures that we build for. See src/sandbox/sys.h, which is not for this folder. */
#define PROBE_NR_open_tree      428
#define PROBE_NR_move_mount     429
#define PROBE_NR_fsopen         430
#define PROBE_NR_fsconfig       431
#define PROBE_NR_fsmount        432
#define PROBE_NR_clone3         435
#define PROBE_NR_mount_setattr  442
#define PROBE_NR_open_tree_attr 467

#endif
