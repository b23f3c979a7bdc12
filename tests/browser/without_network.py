"""Runs inside an empty network namespace: the real app and Chromium, driven through its screens.

Run by test_no_network.py as `python -m tests.browser.without_network HOME`; prints one line of JSON: the screens that
were seen, requests that left this machine's own addresses, and how often the kernel found no way out for anybody here.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import sys
from pathlib import Path

from app.ui.window import BROWSER_ARGUMENTS
from tests.browser.harness import Window, browser
from tests.browser.marker import ALLERGY, MARKER
from tests.browser.running import program

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
PATIENCE_MS = 60_000


def raise_loopback() -> None:
    """Switch this namespace's loopback on; nothing else is in it."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))


def attempts_without_route() -> int:
    """How often the kernel had no route for what anybody in this namespace wanted to send (RFC 4293, IPv4).

    IPv6 is left out: Chromium asks the kernel once, by connecting a datagram socket and sending nothing, whether
    there is a route for it, and has no switch against that.
    """
    names, values = [line.split()[1:] for line in _lines("/proc/net/snmp") if line.startswith("Ip:")]
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="ascii").splitlines()


def see_every_screen(window: Window, passphrase: str) -> list[str]:
    """Go through the app as a person would; the headings that were seen."""
    seen: list[str] = []

    def see(heading: str) -> None:
        window.see_text(f'heading "{heading}"', timeout_ms=PATIENCE_MS)
        seen.append(heading)

    see("Unlock your passport")
    window.fill("Passphrase", passphrase)
    window.press("Unlock")
    see(f"Tegwen {MARKER}")
    window.press_marked("section-allergies")
    see("Allergies")
    window.press_entry(ALLERGY)
    see(ALLERGY)
    window.press_marked("raw-show")
    see("The source, as received")
    window.go("home")
    window.press_marked("search")
    window.fill("Search", "potassium")
    window.press("Search")
    window.see_text("found")
    see("Search your record")
    window.go("home")
    window.press_marked("emergency")
    see("Emergency card")
    window.go("share")
    see("Share")
    window.go("you")
    see("You")
    window.press_marked("lock")
    see("Unlock your passport")
    return seen


def main() -> None:
    """Serve the passport in the folder given, drive it, and say what was seen."""
    home, passphrase = sys.argv[1:]
    raise_loopback()
    with program("app", "--home", home, "--no-window") as said, browser(BROWSER_ARGUMENTS) as chromium:
        window = Window(chromium)
        window.open(Path(said["address_file"]))
        seen = see_every_screen(window, passphrase)
        elsewhere = window.elsewhere
        window.close()
    print(json.dumps({"seen": seen, "elsewhere": elsewhere, "without_route": attempts_without_route()}))


if __name__ == "__main__":
    main()
