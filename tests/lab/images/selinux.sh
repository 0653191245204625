#!/bin/sh
set -eu

rm -rf usr/share usr/bin/secil2*
