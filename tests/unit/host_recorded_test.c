/*
 * Every recorded host is judged as its .golden file says. After a change that is meant,
 *
 *	HOST_RECORDED_WRITE=1 build/unit/host_recorded_test && git diff tests/host/recorded
 *
 * writes them anew: read every line of the difference as the person would who has that host.
 */
#include "test.h"

#include "host_recorded.h"

#define GOLDEN_MAX 32768

static struct host hosts[HOSTS_MAX];
static int n_hosts;

static void put_finding(const struct facts *f, const struct finding *what, struct buf *b)
{
	buf_str(b, what->blocks ? "blocks: " : "limits: ");
	buf_str(b, class_id(what->class));
	for (size_t i = 0; i < what->n_evidence; i++) {
		buf_str(b, i == 0 ? " (" : ", ");
		fact_evidence(f, what->evidence[i], b);
	}
	buf_str(b, what->n_evidence > 0 ? ")\n" : "\n");
}

static void put_ladder(const struct ladder *l, struct buf *b)
{
	buf_str(b, "mode in force: ");
	buf_str(b, mode_name(l->in_force));
	buf_str(b, "\nchosen: ");
	buf_str(b, mode_name(l->chosen));
	buf_char(b, '\n');
	for (enum mode m = 0; m < MODES; m++) {
		const struct rung *r = &l->rung[m];

		buf_str(b, "  ");
		buf_str(b, mode_name(m));
		buf_str(b, !r->possible ? ": no; " : r->automatic ? ": yes; " : ": on request; ");
		buf_str(b, r->reason);
		buf_char(b, '\n');
	}
}

static void put_advice(const struct advice *a, struct buf *b)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct remedy *r = &a->remedy[i];

		buf_str(b, r->is_root ? "  # " : "  $ ");
		buf_str(b, r->command);
		buf_str(b, "\n      ");
		buf_str(b, r->where);
		buf_str(b, "; weakens: ");
		buf_str(b, r->weakens);
		buf_char(b, '\n');
	}
	if (a->none[0] != '\0') {
		buf_str(b, "  none: ");
		buf_str(b, a->none);
		buf_char(b, '\n');
	}
}

static bool in_container(const struct facts *f)
{
	return fact(f, FACT_CONTAINER) != NULL && !fact_is(f, FACT_CONTAINER, "no") &&
	       !fact_is(f, FACT_CONTAINER, "wsl");
}

static void describe(const struct facts *f, struct buf *b)
{
	struct judgement j;

	judge(f, DIALECT_DOCKER, &j);
	advise_verdict(f, &j.d, &j.l, j.o, b);
	buf_str(b, "\nexit: ");
	buf_u64(b, j.o);
	buf_char(b, '\n');
	for (size_t i = 0; i < j.d.n; i++)
		put_finding(f, &j.d.finding[i], b);
	put_ladder(&j.l, b);
	for (enum dialect d = 0; d < DIALECTS && (d == 0 || in_container(f)); d++) {
		judge(f, d, &j);
		if (j.a.n == 0 && d > 0)
			continue;
		buf_str(b, "advice");
		if (in_container(f) && j.a.n > 0) {
			buf_str(b, " in the words of ");
			buf_str(b, dialect_name(d));
		}
		buf_str(b, ":\n");
		put_advice(&j.a, b);
	}
	buf_str(b, "launcher: ...; ");
	advise_line(f, &j.d, b);
	buf_char(b, '\n');
}

static bool write_golden(const char *name, const struct buf *b)
{
	char path[256];
	FILE *file;
	bool is_good;

	snprintf(path, sizeof(path), "%s/%s.golden", RECORDED, name);
	file = fopen(path, "w");
	is_good = file != NULL && fwrite(b->data, 1, b->len, file) == b->len;
	return file != NULL && fclose(file) == 0 && is_good;
}

static void every_host_is_judged_as_before(void)
{
	for (int i = 0; i < n_hosts; i++) {
		static char text[GOLDEN_MAX], golden[GOLDEN_MAX];
		struct buf b;

		buf_init(&b, text, sizeof(text));
		describe(&hosts[i].facts, &b);
		CHECK(!b.full);
		if (getenv("HOST_RECORDED_WRITE") != NULL)
			CHECK(write_golden(hosts[i].name, &b));
		if (slurp(RECORDED, hosts[i].name, ".golden", golden, sizeof(golden)) >= 0 &&
		    strcmp(text, golden) == 0)
			continue;
		fprintf(stderr, "  %s.golden differs; judged now:\n%s", hosts[i].name, text);
		test_failed++;
	}
}

static void there_are_enough_hosts(void)
{
	CHECK(n_hosts >= 45);
}

static void every_class_has_a_recorded_host(void)
{
	bool seen[CLASS_COUNT] = {false};

	for (int i = 0; i < n_hosts; i++) {
		struct diagnosis d;

		classify(&hosts[i].facts, &d);
		for (size_t k = 0; k < d.n; k++)
			seen[d.finding[k].class] = true;
	}
	for (enum host_class c = 0; c < CLASS_COUNT; c++)
		if (!seen[c]) {
			fprintf(stderr, "  no recorded host is of class %s\n", class_id(c));
			test_failed++;
		}
}

/* Each leads somewhere too, unless it only limits. */
static void every_outcome_and_mode_has_a_recorded_host(void)
{
	bool outcomes[4] = {false}, chosen[MODES + 1] = {false}, in_force[MODES + 1] = {false};

	for (int i = 0; i < n_hosts; i++) {
		struct judgement j;

		judge(&hosts[i].facts, DIALECT_DOCKER, &j);
		outcomes[j.o] = chosen[j.l.chosen] = in_force[j.l.in_force] = true;
	}
	for (int o = 0; o < 4; o++)
		CHECK(outcomes[o]);
	CHECK(chosen[MODE_USERNS] && chosen[MODE_APPARMOR] && chosen[MODE_FILECAPS] &&
	      chosen[MODE_SETUID] && chosen[MODE_NONE]);
	CHECK(!chosen[MODE_FILECAPS_USERNS] && !chosen[MODE_SYSCTL]);
	for (enum mode m = 0; m < MODE_SYSCTL; m++)
		CHECK(in_force[m]);
}

/* A text of another class's would still be a text. */
static void ids_lead_back_to_their_class(void)
{
	for (enum host_class c = 0; c < CLASS_COUNT; c++) {
		CHECK(class_by_id(class_id(c)) == c);
		CHECK(class_title(c)[0] != '\0' && class_cause(c)[0] != '\0' &&
		      class_remedy(c)[0] != '\0');
	}
	CHECK(class_by_id("nonsense") == CLASS_COUNT && class_by_id("") == CLASS_COUNT);
	for (enum mode m = 0; m < MODES; m++)
		CHECK(mode_by_name(mode_name(m)) == m);
	CHECK(mode_by_name("none") == MODE_NONE && mode_by_name("nonsense") == MODE_NONE);
	for (enum dialect d = 0; d < DIALECTS; d++)
		CHECK(dialect_by_name(dialect_name(d)) == d);
	CHECK(dialect_by_name("nonsense") == DIALECTS);
}

int main(void)
{
	static const struct test tests[] = {
		{"a recorded host is judged as its golden file says",
		 every_host_is_judged_as_before},
		{"at least 45 hosts are recorded", there_are_enough_hosts},
		{"every class is that of some recorded host", every_class_has_a_recorded_host},
		{"every outcome and mode is that of some recorded host",
		 every_outcome_and_mode_has_a_recorded_host},
		{"ids and names lead back to what they name", ids_lead_back_to_their_class},
	};

	n_hosts = read_hosts(hosts);
	return test_main(tests, sizeof(tests) / sizeof(*tests));
}
