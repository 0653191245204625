/* SPDX-License-Identifier: MIT */
#ifndef AIM_H
#define AIM_H

#include <signal.h>
#include <stdint.h>

/*
 * What the two programs of the battery agree on. The outside tells the inside where everything lies that is attacked, by
 * words KEY=VALUE; a key that is missing was not to be had. The inside answers by lines
 *
 *	begin
 *	ATTACK ATTEMPT RESULT [DETAIL]
 *	end
 *
 * RESULT is "reached", "skipped", or why it failed: an errno's name or "signal-N". What is written outside is the token, which
 * the inside is told. What is read is the secret, which it is not: it answers in hexadecimal, and so proves that it was there.
 */
#define BATTERY_TOKEN  16 /* characters */
#define BATTERY_SECRET 16 /* bytes */

/* Below the directory `dir` */
#define BATTERY_SHOWN  "/shown"  /* a directory that is read-only inside */
#define BATTERY_FILE   "/file"   /* in it */
#define BATTERY_HIDDEN "/hidden" /* a directory with something mounted over it */
#define BATTERY_DENIED "/secret" /* in it */

/* The memory of the process to be attacked, at the same address in who started it. */
struct battery_page {
	unsigned char secret[BATTERY_SECRET];
	unsigned char mark[BATTERY_TOKEN];
	volatile uint32_t signals;
	volatile uint32_t answers; /* to BATTERY_ASK */
};

/* Goes before the token where a descriptor was taken from that process, not opened through /proc */
#define BATTERY_TAKEN "taken:"

/* Ignored by default, so that a wrong process takes no harm. */
#define BATTERY_SIGNAL SIGURG

/*
 * Asks whether all signals before it were taken. Of those that are pending together the one with the lowest number gets
 * its frame first, and so runs last.
 */
#define BATTERY_ASK SIGUSR1

#endif
