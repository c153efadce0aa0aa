"""Addresses by their form: hosts, URLs, networks, tickets, identifiers, paths of a machine.

Code has dots and slashes too, so a host needs a known ending and a path a known beginning;
what the standards set aside for examples says nothing about anybody and is left alone.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from bicameral.govern.detection.spans import Span

_ENDINGS = (
    "com net org edu gov mil io dev cloud ai internal corp lan intranet localdomain intra private "
    "uk de fr nl eu us ca au nz jp cn kr br mx ar cl ru ua cz sk hu ro bg gr tr il za ng ke sg hk "
    "tw th vn my ph ie pt es se fi dk no ch at be li lu lt lv ee it pl onion systems services "
    "software tech agency company bank health"
)
# Endings that attributes and file names have as well: a host with one must look like a host.
_WEAK = (
    "app info name local home id me to in is co tv store online site xyz biz sh rs py md cc so "
    "at be it no es pl us my services bank health private company"
)
_KNOWN_FIRST = (
    "www api mail smtp imap ftp ssh vpn git gitlab wiki jira grafana kibana jenkins nexus vault "
    "db ns1 ns2 cdn static staging stage prod auth sso login portal intranet"
)
_PARTS = (
    "prod production stag stage staging preprod qa uat srv vm bastion worker kube node db database "
    "sql mysql pg postgres redis kafka rabbit elastic gpu gateway ingress jumphost host server"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(
    rf"(?i)(?<![\w.@/\\-])(?:{_LABEL}\.)+(?P<ending>[a-z]{{2,24}})(?::\d{{1,5}})?(?![\w(-]|\.\w)"
)
_SHORT_HOST = re.compile(r"(?<![\w./-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?\d{1,5}(?![\w-]|\.\w)")
_PORT = re.compile(r"(?<![\w./:-])(?=[a-z0-9-]*[a-z])[a-z0-9-]{3,}:\d{4,5}(?![\w:])")
_URL = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]{1,15}:/{1,3}[^/\s\"'<>`\])}][^\s\"'<>`\])}]*(?<![.,;:!?])"
)
_SCP = re.compile(r"(?i)(?<![\w.-])git@[\w.-]+:[\w./-]+")
_IPV4 = re.compile(
    r"(?<![\w.])(?<!version )\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?::\d{1,5})?(?![\w]|\.\d)"
)
_IPV6 = re.compile(
    r"(?i)(?<![\w:.])(?=[0-9a-f:]*\d)[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*[0-9a-f:](?:/\d{1,3})?(?![\w:])"
)
_UUID = re.compile(
    r"(?<![0-9A-Za-z])(?:(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"|(?:[a-z]{2,5}_)?[0-7][0-9A-HJKMNP-TV-Z]{25})(?![0-9A-Za-z])"
)
_TICKET = re.compile(r"(?<![\w-])(?P<project>[A-Z][A-Z0-9]{1,9})-\d{1,7}(?![\w-]|\.\d)")
_NUMBERED = re.compile(
    r"(?<![\w&#/?=])(?:[\w.-]{1,64}/[\w.-]{1,64}|[a-z][\w.-]{2,64})?#\d{1,7}(?!\w)"
)
_HANDLE = re.compile(
    r"(?<![\w@./`])@[a-z\d](?:[a-z\d]|-(?=[a-z\d])){2,38}\d[a-z\d-]*(?![\w./(])", re.IGNORECASE
)
_HOME = re.compile(
    r"(?i)(?<![\w.])(?:(?:/(?:private/)?(?:home|users|export/home)/|[a-z]:[\\/]+users[\\/]+)[^\s\"'<>`,;:)\]]+"
    r"|~[a-z][\w.-]*/[^\s\"'<>`,;:)\]]*|(?:~|\$\{?HOME\}?|%USERPROFILE%)[\\/]+[^\s\"'<>`,;)\]]+"
    r"|/root/[^\s\"'<>`,;:)\]]+)"
)
_PATH = re.compile(
    r"(?i)(?<![\w.:/\\])(?:file:)?(?:"
    r"/(?:var|etc|opt|usr|srv|mnt|media|volumes|private|library|applications|workspaces?|nix|data\d*"
    r"|export|storage|backup|builds?|tmp|proc|sys|net|github)/[^\s\"'<>`,;:)\]]*[^\s\"'<>`,;:)\].]"
    r"|[a-z]:(?:\\+|/(?!/))[^\s\"'<>`,;:)\]]+"
    r"|\\\\+[a-z0-9][\w.$-]*\\+[^\s\"'<>`,;)\]]+"
    r")"
)
_PUBLIC_PATHS = re.compile(
    r"/dev/(?:null|zero|u?random|std(?:in|out|err))|/usr/bin/env|/usr/(?:local/)?(?:s?bin|lib|share|src)"
    r"|/etc/(?:hosts|passwd|shadow|resolv\.conf|fstab|ssl|localtime)|/var/(?:log|lib|run|tmp|cache)"
    r"|/tmp/?|/proc/(?:self|cpuinfo|meminfo)(?:/\w+)?|/sys/fs/cgroup"
)
# What stands before a number in the name of a standard, a product or a part of a text.
_STANDARDS = frozenset(
    """
    A ADR AES AIX AM ANSI ARM ASCII AWS B BASE BCP BERT BIP C CHACHA20 CIS CL COVID CP CPU CRC
    CURVE CVE CWE D D3D DDR DES DIN DO E EC ECDSA ECMA ED EIP EN ERC ES EU F FIPS FIX FR G GB
    GMT GPT H HMAC HS HTTP I IEC IEEE IPV ISO ITU J JDK JEP JSR K KB KEP L LATIN LZ M MD MIT MP
    MPEG N NIST O OAUTH OS OWASP P PART PBKDF PCI PCRE PEP PHASE PKCS PM PS PSR Q R RC RFC
    RIPEMD RS RSA S SARS SHA SHA1 SHA2 SHA3 SLO SOC SQL SSE STEP T TLS TOP TR TS U UCS UK US UTC
    UTF V W WCAG WIN WINDOWS WP X XXH XXH3 Y Z
    """.split()
)
_RESERVED = re.compile(
    r"(?i)(?:^|[./@])(?:example\.(?:com|net|org)|[\w-]+\.(?:example|invalid|test|localhost)|localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::\d+)?(?:[/?#]|$)"
)
_DOCUMENTATION = tuple(
    map(
        ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    )
)
_FILE_LIKE = re.compile(r"[A-Z]")
_LEAST_LABELS = 3


def find_addresses(text: str) -> Iterator[Span]:
    """Yield what has the form of an address."""
    for kind, form, holds in _FORMS:
        for found in form.finditer(text):
            if holds(found):
                yield Span(found.start(), found.end(), kind)


def is_reserved(address: str) -> bool:
    """Tell whether a URL or host is one set aside for examples (RFC 2606, RFC 6761)."""
    return _RESERVED.search(address) is not None


def _is_host(found: re.Match[str]) -> bool:
    name = found[0].partition(":")[0]
    ending = found["ending"].lower()
    if is_reserved(name) or ending not in _ALL_ENDINGS:
        return False
    if ending not in _WEAK_ENDINGS:
        # `Response.io`, `self.dev` in code; hosts are written in lower case.
        return (
            not _FILE_LIKE.search(name) or name.isupper() or name.istitle() or name.count(".") > 1
        )
    labels = name.lower().split(".")
    stands_out = labels[0] in _FIRST_LABELS or "-" in name or any(c.isdigit() for c in name)
    return len(labels) >= _LEAST_LABELS and stands_out


def _is_short_host(found: re.Match[str]) -> bool:
    parts = re.split(r"-|(?<=[a-z])(?=\d)", found[0])
    is_long = len([part for part in parts if part]) >= _LEAST_LABELS
    return is_long and any(part in _HOST_PARTS for part in parts) and parts[-1].isdigit()


def _is_port(found: re.Match[str]) -> bool:
    host = found[0].partition(":")[0]
    return "-" in host and not is_reserved(host)


def _is_url(found: re.Match[str]) -> bool:
    _, _, rest = found[0].partition(":/")
    return not is_reserved(f"/{rest.lstrip('/')}")


def _is_ip(found: re.Match[str]) -> bool:
    text = re.sub(r"/\d+$", "", found[0])
    if text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    says_nothing = address.is_loopback or address.is_unspecified or address.is_multicast
    if says_nothing or text == "255.255.255.255":
        return False
    return not any(
        address in network for network in _DOCUMENTATION if network.version == address.version
    )


def _is_ticket(found: re.Match[str]) -> bool:
    return found["project"] not in _STANDARDS


def _is_machine_path(found: re.Match[str]) -> bool:
    return _PUBLIC_PATHS.fullmatch(found[0].rstrip("/.")) is None


def _always(_found: re.Match[str]) -> bool:
    return True


_ALL_ENDINGS = frozenset(f"{_ENDINGS} {_WEAK}".split())
_WEAK_ENDINGS = frozenset(_WEAK.split())
_FIRST_LABELS = frozenset(_KNOWN_FIRST.split())
_HOST_PARTS = frozenset(_PARTS.split())
_FORMS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("url", _URL, _is_url),
    ("url", _SCP, _always),
    ("host", _HOST, _is_host),
    ("host", _SHORT_HOST, _is_short_host),
    ("host", _PORT, _is_port),
    ("ip_address", _IPV4, _is_ip),
    ("ip_address", _IPV6, _is_ip),
    ("uuid", _UUID, _always),
    ("ticket", _TICKET, _is_ticket),
    ("ticket", _NUMBERED, _always),
    ("handle", _HANDLE, _always),
    ("home_folder", _HOME, _always),
    ("absolute_path", _PATH, _is_machine_path),
)
