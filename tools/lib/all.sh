# shellcheck shell=bash
# Everything the scripts share, in the order in which it builds on itself. Before sourcing this, set
#   root      the checkout
#   lab       prefix of the namespaces' names
#   run       a private directory for sockets, logs, mounts
#   programs  the build directory whose programs run
: "${root:?}" "${lab:?}" "${run:?}" "${programs:?}"

# shellcheck source=tools/lib/say.sh
. "$root/tools/lib/say.sh"
# shellcheck source=tools/lib/packages.sh
. "$root/tools/lib/packages.sh"
# shellcheck source=tools/lib/build.sh
. "$root/tools/lib/build.sh"
# shellcheck source=tools/lib/hugepages.sh
. "$root/tools/lib/hugepages.sh"
# shellcheck source=tools/lib/lab.sh
. "$root/tools/lib/lab.sh"
# shellcheck source=tools/lib/gateway.sh
. "$root/tools/lib/gateway.sh"
# shellcheck source=tools/lib/traffic.sh
. "$root/tools/lib/traffic.sh"
