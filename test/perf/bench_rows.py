#!/usr/bin/python3
"""Checks the rows of `tools/bench nat --quick --json`: which cases there are, and their fields."""

import json
import sys

PATH = {'frame_bytes', 'flows', 'direction', 'cycles_per_packet', 'mpps', 'ceiling_cycles'}
FIELDS = {
    'machine': {'tsc_mhz', 'huge_pages'},
    'path-Nx1': PATH,
    'new-mappings': {'present_mappings', 'mappings_per_second'},
    'new-mappings-at-1M': {'present_mappings', 'mappings_per_second'},
    'memory': {'load', 'table_bytes_per_slot', 'index_bytes_per_endpoint'},
}
# Judged by an aim: these rows carry a ratio.
JUDGED_FLOWS = {65536, 1000000}


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        rows = [json.loads(line) for line in file if line.strip()]
    faults = []
    for name, fields in FIELDS.items():
        found = [row for row in rows if row['case'] == name]
        if not found:
            faults.append(f'no row of case {name}')
        for row in found:
            if row['bench'] != 'nat' or fields - row.keys():
                faults.append(f'{row}: lacks {sorted(fields - row.keys())}')
    path = [row for row in rows if row['case'] == 'path-Nx1']
    seen = {(row['flows'], row['direction']) for row in path}
    for flows in (1, 1000, 65536, 1000000):
        for direction in ('out', 'in'):
            if (flows, direction) not in seen:
                faults.append(f'no path row of {flows} flows {direction}')
    for row in path:
        if row['cycles_per_packet'] <= 0 or ('ratio' in row) != (row['flows'] in JUDGED_FLOWS):
            faults.append(f'{row}: cycles or ratio')
    loads = sorted(row['load'] for row in rows if row['case'] == 'memory')
    if loads != [0.25, 0.5, 0.75]:
        faults.append(f'memory at loads {loads}')
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
