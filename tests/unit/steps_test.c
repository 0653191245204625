/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "base/err.h"
#include "host/facts.h"
#include "host/steps.h"
#include "test.h"

static void every_refusal_has_a_step(void)
{
	struct err e;
	int refusals = 0;

	for (enum err_id id = ERR_NONE + 1; id < ERR_COUNT; id++) {
		(void)err_set(&e, id, 0, NULL, NULL);
		if (!err_is_refusal(&e))
			continue;
		refusals++;
		CHECK(host_step(id) != NULL);
	}
	CHECK(refusals > 10);
}

static void every_step_is_one_of_a_dry_run(void)
{
	for (enum err_id id = ERR_NONE; id < ERR_COUNT; id++) {
		const char *step = host_step(id);
		char key[64];
		struct buf b;

		if (step == NULL)
			continue;
		buf_init(&b, key, sizeof(key));
		buf_str(&b, "run.");
		buf_str(&b, step);
		CHECK(fact_by_key(key, b.len) != FACT_COUNT);
	}
}

static const struct test tests[] = {
	{"steps: every refusal has the step that a dry run fails in", every_refusal_has_a_step},
	{"steps: every step is one of a dry run", every_step_is_one_of_a_dry_run},
};
TEST_MAIN(tests)
