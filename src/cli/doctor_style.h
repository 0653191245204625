/* SPDX-License-Identifier: MIT */
#ifndef DOCTOR_STYLE_H
#define DOCTOR_STYLE_H

/* The style sheet of doctor's page. It loads nothing and needs no script. */
extern const char doctor_style[];

#endif
