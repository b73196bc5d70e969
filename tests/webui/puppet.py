"""What a pane runs that a test controls: it writes what comes through `NAME.say`, with the time in place of `{now}`, keeps what is typed in `NAME.heard`, and
the size of its terminal in `NAME.size`."""

import os
import select
import sys
import time
import tty

name = sys.argv[1]
tty.setraw(0)
orders = os.open(f"{name}.say", os.O_RDWR)
size = os.get_terminal_size(0)
with open(f"{name}.size", "w", encoding="ascii") as file:
    file.write(f"{size.columns}x{size.lines}")
with open(f"{name}.heard", "wb", buffering=0) as heard:
    while True:
        ready, _, _ = select.select([0, orders], [], [])
        if 0 in ready:
            heard.write(os.read(0, 65536))
        if orders in ready:
            output = os.read(orders, 65536)
            if output == b"END":
                break
            os.write(1, output.replace(b"{now}", b"%.1f" % (time.time() * 1000)))
