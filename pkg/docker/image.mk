# make image: what containers get postern by (docs/containers.md), in $(O)/container. Needs no container engine.
#
#	IMAGE_ARCHES="x86_64 aarch64"	for these, by make static; this machine alone unless said
#	IMAGE_NAME=NAME:TAG		what the image calls itself where it is loaded
#	IMAGE_SOURCE=ADDRESS		the sources', for the image's label
#	CONTAINER_URL=ADDRESS		where install.sh will find the archives
#	SOURCE_DATE_EPOCH=SECONDS	the date of all files; the commit's unless said

IMAGE_ARCHES ?= $(shell uname -m)
IMAGE_NAME ?= postern:$(VERSION)
IMAGE_SOURCE ?=
CONTAINER_URL ?=
IMAGE_EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),315532800)

.PHONY: image
image:
	for arch in $(IMAGE_ARCHES); do $(MAKE) static ARCH=$$arch || exit 1; done
	VERSION='$(VERSION)' EPOCH='$(IMAGE_EPOCH)' IMAGE_NAME='$(IMAGE_NAME)' IMAGE_SOURCE='$(IMAGE_SOURCE)' \
		CONTAINER_URL='$(CONTAINER_URL)' pkg/docker/make-image '$(O)/container' \
		$(foreach arch,$(IMAGE_ARCHES),$(arch)=$(O)/static/$(arch)/tree)
