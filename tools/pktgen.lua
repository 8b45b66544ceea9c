-- The traffic of `tools/bench nat` for Pktgen-DPDK 23.06: so many endpoints behind one router towards
-- one remote, through a gateway and out of its other port. docs/performance.md shows the command.
--
--   GATEWAY_MAC=02:... HOSTS=64 PORTS=1024 SIZE=64 DURATION=10 pktgen ... -f tools/pktgen.lua
--
-- Pktgen counts the frame check sequence in SIZE. It walks its ranges in order, not at random, and
-- checks nothing of what comes back: counts are all that it can tell.

package.path = package.path .. ";?.lua;test/?.lua;app/?.lua;../?.lua"
require "Pktgen"

local inside, outside = "0", "1" -- Pktgen's port numbers

local function setting(name, standard)
	return os.getenv(name) or standard
end

local gateway_mac = setting("GATEWAY_MAC", nil)
local hosts = tonumber(setting("HOSTS", "64"))     -- 10.0.0.2 and on; at most 65000
local ports = tonumber(setting("PORTS", "1024"))   -- of each host, from 1024 on
local size = tonumber(setting("SIZE", "64"))
local seconds = tonumber(setting("DURATION", "10"))

if gateway_mac == nil then
	print("GATEWAY_MAC is not set: take the inside port's address from `show port info`")
	pktgen.quit()
	return
end

-- One value that walks from `first` to `last`.
local function range(set, first, step, last)
	set(inside, "start", first)
	set(inside, "inc", step)
	set(inside, "min", first)
	set(inside, "max", last)
end

local function address(number)
	return string.format("10.0.%d.%d", math.floor(number / 256), number % 256)
end

pktgen.stop("all")
pktgen.clear("all")
-- The routers that the gateway sends to; Pktgen answers ARP for them.
pktgen.set_ipaddr(inside, "src", "172.16.0.2/24")
pktgen.set_ipaddr(inside, "dst", "172.16.0.1")
pktgen.set_ipaddr(outside, "src", "172.16.1.2/24")
pktgen.set_ipaddr(outside, "dst", "172.16.1.1")
pktgen.process("all", "on")
pktgen.range.ip_proto(inside, "udp")
pktgen.range.dst_mac(inside, "start", gateway_mac)
range(pktgen.range.src_ip, address(2), "0.0.0.1", address(1 + hosts))
range(pktgen.range.src_port, 1024, 1, 1023 + ports)
range(pktgen.range.dst_ip, "100.64.0.1", "0.0.0.0", "100.64.0.1")
range(pktgen.range.dst_port, 53, 0, 53)
range(pktgen.range.pkt_size, size, 0, size)
pktgen.set_range(inside, "on")
pktgen.set(inside, "rate", 100)
pktgen.set(inside, "count", 0)

pktgen.start(inside)
pktgen.delay(2000) -- mappings are made, caches warm
local before = pktgen.portStats("all", "port")
pktgen.delay(seconds * 1000)
local after = pktgen.portStats("all", "port")
pktgen.stop(inside)

local function mpps(port, counter)
	return (after[tonumber(port)][counter] - before[tonumber(port)][counter]) / seconds / 1e6
end

print(string.format("%d x %d endpoints, %d bytes: sent %.3f Mpps, came through %.3f Mpps",
	hosts, ports, size, mpps(inside, "opackets"), mpps(outside, "ipackets")))
pktgen.quit()
