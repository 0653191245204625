/* SPDX-License-Identifier: MIT */
/* The table of attacks, for both programs. */
#include "battery/battery.h"

const char *attack_id(enum attack a)
{
	static const char ids[ATTACK_COUNT][20] = {
#define ATTACK(name, id, text) id,
#include "battery/attacks.def"
#undef ATTACK
	};

	return ids[a];
}

const char *attack_text(enum attack a)
{
	static const char texts[ATTACK_COUNT][80] = {
#define ATTACK(name, id, text) text,
#include "battery/attacks.def"
#undef ATTACK
	};

	return texts[a];
}
