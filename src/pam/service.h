/* SPDX-License-Identifier: MIT */
#ifndef PAM_SERVICE_H
#define PAM_SERVICE_H

#include <stdbool.h>

/*
 * Will Linux-PAM ask about accounts what this service's file says? Where it finds no file, or no account
 * line in it or in what it includes, it asks the service "other" instead, which on many hosts lets everybody
 * pass. Lines that begin with "-" do not count: PAM drops them with their module.
 */
bool service_decides(const char *name);

#endif
