/* SPDX-License-Identifier: MIT */
#ifndef DOCTOR_HTML_H
#define DOCTOR_HTML_H

#include <stdio.h>

#include "cli/report.h"

/* Sections of doctor's page below the verdict and the fix; one that has nothing to say is left out. */

void doctor_html_findings(FILE *f, const struct report *r);
void doctor_html_started(FILE *f, const struct report *r);
void doctor_html_ladder(FILE *f, const struct report *r);
void doctor_html_battery(FILE *f, const struct report *r);
void doctor_html_log(FILE *f, const struct report *r);
void doctor_html_facts(FILE *f, const struct report *r);

#endif
