# Debian's own sysctl answers EPERM where all other kernels without user namespaces answer EINVAL.
s/^#define unprivileged_userns_clone 0$/#define unprivileged_userns_clone 1/
