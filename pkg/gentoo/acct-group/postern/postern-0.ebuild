# Copyright 2026 Gentoo Authors
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit acct-group

DESCRIPTION="Who may use the privileged modes of sys-apps/postern"
ACCT_GROUP_ID=-1
