/* SPDX-License-Identifier: MIT */
#ifndef PAM_STATUS_H
#define PAM_STATUS_H

/*
 * What postern-pam's exit status says to postern-priv. 0 says nothing: a module that ends the process says it
 * without meaning to, and so do a shell's and a libc's own endings.
 */
#define PAM_STATUS_ALLOWED   100 /* pam_acct_mgmt gave PAM_SUCCESS */
#define PAM_STATUS_DENIED    101 /* the account may not, or not now or from here */
#define PAM_STATUS_ERROR     102 /* PAM or a module failed otherwise */
#define PAM_STATUS_SERVICE   103 /* no service file, or one without a line for accounts */
#define PAM_STATUS_NO_USER   104 /* the uid has no name */
#define PAM_STATUS_USAGE     105 /* wrong arguments, or not for this uid */
#define PAM_STATUS_UNGUARDED 106 /* the caller could disturb this process: see guard.h */
#define PAM_STATUS_DISTURBED 107 /* a file could not be read, or a resource ran out */
#define PAM_STATUS_NO_START  108 /* postern-priv's child never became postern-pam */
#define PAM_STATUS_LIMITS    109 /* that child could not undo the caller's limits */

#endif
