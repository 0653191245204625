/* SPDX-License-Identifier: MIT */
/* Prints libFuzzer's dictionary of option words and capabilities, from the tables themselves. */
#include <stdio.h>

int main(void)
{
#define SECTION(name, is_own)
#define OPT(word, n, names, takes, handler, param, paths, help) (void)puts("\"" word "\\x00\"");
#include "launcher/options.def"
#undef OPT
#undef SECTION
#define CAP(name) (void)puts("\"" name "\\x00\"");
#include "launcher/capabilities.def"
#undef CAP
	return 0;
}
