/* SPDX-License-Identifier: MIT */
#ifndef CLASSIFY_H
#define CLASSIFY_H

#include "host/facts.h"

/* Which of the known kinds of host this is. Pure: looks at facts only. */

enum host_class {
#define CLASS(name, id, title, cause, remedy) CLASS_##name,
#include "host/classes.def"
#undef CLASS
	CLASS_COUNT
};

#define FINDING_EVIDENCE 4

struct finding {
	enum host_class class;
	enum fact evidence[FINDING_EVIDENCE];
	size_t n_evidence;
	bool blocks; /* a sandbox fails for this; false: it limits what one can do */
};

#define DIAGNOSIS_MAX 12

/* Everything that holds at once; what must be fixed first leads. None: nothing blocks and nothing limits. */
struct diagnosis {
	struct finding finding[DIAGNOSIS_MAX];
	size_t n;
};

void classify(const struct facts *f, struct diagnosis *ret);

/* Texts of classes.def. */
const char *class_id(enum host_class c);
const char *class_title(enum host_class c); /* one clause, as after "blocked by: " */
const char *class_cause(enum host_class c); /* sentences: what it is and what fails how */
const char *
class_remedy(enum host_class c); /* sentences: what works, least privilege first, and why */
enum host_class class_by_id(const char *id); /* CLASS_COUNT for an unknown one */

#endif
