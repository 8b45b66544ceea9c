/* The text of `binfm-pktgen --help`; plan.c has the rows that it describes. */
#ifndef PKTGEN_PLAN_USAGE_H
#define PKTGEN_PLAN_USAGE_H

/* clang-format off */
#define PLAN_USAGE \
"usage: binfm-pktgen --inside PORT --outside PORT [OPTION...]\n" \
"\n" \
"Plays the hosts on one side of a NAT and the servers on the other, and checks what comes through.\n" \
"Every frame carries a stamp: which flow, which round. First each flow is sent once from inside, so\n" \
"that the outside learns its public address and port.\n" \
"\n" \
"Ports; PORT is DRIVER:DEVICE, both as in the gateway's configuration\n" \
"  --inside PORT, --outside PORT              memif:/run/x.sock, af_packet:veth0, ring:name ...\n" \
"  --inside-options, --outside-options TEXT   the driver's own: role=server,id=0\n" \
"  --inside-address, --outside-address ADDR   the router on that side, which answers ARP\n" \
"  --inside-gateway, --outside-gateway ADDR   ask for the Ethernet address of the gateway\n" \
"Flows\n" \
"  --endpoints N         endpoints inside (1), on --hosts N addresses (1)\n" \
"  --remotes N           remotes of each endpoint (1)\n" \
"  --first-endpoint A:P  address and port of the first endpoint (10.0.0.2:1024)\n" \
"  --first-remote A:P    address of the first remote, port of all (198.18.0.1:9)\n" \
"  --protocol NAME       udp, tcp or icmp (udp)\n" \
"  --order NAME          random or sequence (random); --seed N (16)\n" \
"  --bytes N             frame without its check sequence, 60 to 9014 (64), or imix\n" \
"Runs\n" \
"  --direction NAME      out, in or both (out)\n" \
"  --no-nat              not a NAT but an echo is between the ports: addresses are not checked\n" \
"  --rate N              packets a second each way; 0 = as fast as it goes (0)\n" \
"  --learn-rate N        the same while flows are learned (500000)\n" \
"  --packets N           end after so many each way; 0 = no limit (0)\n" \
"  --seconds S           end after so long; 0 = no limit (3)\n" \
"  --search LOSS         find the highest rate at which at most this share is lost, 0 for none;\n" \
"                        --seconds is the length of one trial\n" \
"  --allow-loss          lost packets are counted, but no fault\n" \
"  --check-every N       judge one received frame in N (1); the others are only counted\n" \
"  --wait S              how long to wait for the other ends (10)\n" \
"  --core N              CPU to run on (0)\n" \
"  --no-huge             ordinary pages, even where there are huge ones\n" \
"  --json                one JSON object a run on standard output\n" \
"  --session             keep the ports; read further runs from standard input, one a line, as options\n" \
"                        of this list: --bytes imix --direction in\n" \
"\n" \
"Exit status: 0 all came back right, 1 could not run, 2 wrong usage, 3 the gateway or the mappings\n" \
"did not show up, 4 a check found faults.\n"
/* clang-format on */

#endif
