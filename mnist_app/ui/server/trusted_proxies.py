"""The school's own proxies, and the network addresses of the visitors behind them.

Headers that a visitor writes have no effect: only entries that trusted proxies have written count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from mnist_app.errors import InvalidSetting

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

THIS_MACHINE = IPv4Address("127.0.0.1")
MOST_PROXIES = 10
"""Most entries of `X-Forwarded-For` that are read, from the right; nobody has more proxies in a row."""
LONGEST_ENTRY = 80
"""Most characters of an entry; an IPv6 address with its zone and a port has fewer."""
_HOST_BITS = 64
"""Bits of an IPv6 address that a machine may choose freely, and change at any time."""


@dataclass(frozen=True)
class TrustedProxies:
    """The proxies whose `X-Forwarded-*` headers are trusted."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, texts: Sequence[str]) -> "TrustedProxies":
        """Return the proxies that `MNIST_APP_TRUSTED_PROXIES` lists.

        Args:
            texts: Addresses and networks, such as `10.0.0.5` and `10.0.0.0/28`.

        Raises:
            InvalidSetting: One of them is not an address or network, or contains every address.
        """
        return cls(tuple(_read_network(text) for text in texts))

    def trusts(self, peer: str) -> bool:
        """Return whether the peer of a connection is one of the proxies."""
        address = _read_address(peer)
        return address is not None and self._has(address)

    def visitor_behind(self, peer: str, forwarded_for: Sequence[str]) -> str:
        """Return the visitor's address.

        Each proxy appends the address of its own peer to `X-Forwarded-For`. So the entries are read from the
        right, as long as the address so far is that of a trusted proxy.

        Args:
            peer: The peer of the TCP connection.
            forwarded_for: The lines of the header `X-Forwarded-For` in their order.

        Returns:
            An IPv4 address, or the /64 network of an IPv6 address, because a machine may change the rest. A
            peer without an address is returned as it is.
        """
        address = _read_address(peer)
        if address is None:
            return peer
        entries = ",".join(forwarded_for).rsplit(",", MOST_PROXIES)[-MOST_PROXIES:]
        while entries and self._has(address):
            before = _read_address(entries.pop())
            if before is None:
                break
            address = before
        return _as_counted(address)

    def _has(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _read_network(text: str) -> Network:
    try:
        network = _unmapped_network(ip_network(text))
    except ValueError as error:
        raise InvalidSetting(
            f"MNIST_APP_TRUSTED_PROXIES has “{text[:LONGEST_ENTRY]}”, which is not an address or a network: "
            f"{error}. List the addresses of the proxies, separated by commas, such as 10.0.0.5,10.0.0.0/28."
        ) from None
    if network.prefixlen == 0:
        raise InvalidSetting(
            f"MNIST_APP_TRUSTED_PROXIES has {text}, which contains every address: any visitor could then "
            "pretend to come from any address. List the addresses of the proxies only."
        )
    return network


def _read_address(text: str) -> Address | None:
    """Return the address in an entry such as `10.0.0.7:5123` or `[2001:db8::1]:5123`; None if malformed."""
    host, port = text.strip(), ""
    if len(host) > LONGEST_ENTRY:
        return None
    if host.startswith("[") and "]" in host:
        host, _, port = host[1:].partition("]")
    elif host.count(":") == 1:
        host, colon, port = host.partition(":")
        port = colon + port
    if port and not (port[0] == ":" and port[1:].isascii() and port[1:].isdigit()):
        return None
    try:
        return _unmapped(ip_address(host.partition("%")[0]))
    except ValueError:
        return None


def _unmapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address represents, or else the address itself."""
    if isinstance(address, IPv6Address):
        return THIS_MACHINE if address.is_loopback else address.ipv4_mapped or address
    return address


def _unmapped_network(network: Network) -> Network:
    """Return the IPv4 network that an IPv6 network represents, or else the network itself."""
    if isinstance(network, IPv6Network):
        first, bits = _unmapped(network.network_address), network.prefixlen
        if first == THIS_MACHINE:
            return IPv4Network(THIS_MACHINE)
        if isinstance(first, IPv4Address):
            return IPv4Network((first, bits - 96))
    return network


def _as_counted(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address) >> _HOST_BITS << _HOST_BITS, _HOST_BITS)))
