"""Made-up secrets and personal data: right in every character, and of nobody.

They are put together here while the tests run, so that no scanner of a repository finds one
in this file, and they are derived from their names, so that every run plants the same.
"""

import base64
import json
import string
from collections.abc import Callable
from hashlib import sha256

from bicameral.govern.detection.personal_forms import is_iban, passes_luhn

UPPER = string.ascii_uppercase
LOWER = string.ascii_lowercase
DIGITS = string.digits
BASE62 = UPPER + LOWER + DIGITS
HEX = "0123456789abcdef"
URL_SAFE = BASE62 + "-_"
BASE64 = BASE62 + "+/"


def made(seed: str, alphabet: str, length: int) -> str:
    """Return characters that look random and are the same each time."""
    characters, block = "", 0
    while len(characters) < length:
        digest = sha256(f"{seed} {block}".encode()).digest()
        characters += "".join(alphabet[byte % len(alphabet)] for byte in digest)
        block += 1
    return characters[:length]


def token(prefix: str, alphabet: str, length: int, *, end: str = "") -> str:
    return prefix + made(prefix, alphabet, length) + end


def uuid(seed: str) -> str:
    digits = made(seed, HEX, 32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def pem(name: str, lines: int = 6) -> str:
    body = "\n".join(made(f"{name} {number}", BASE64, 64) for number in range(lines))
    label = f"{name} PRIVATE KEY".strip()
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----"


def jwt() -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"sub": made("sub", DIGITS, 10), "iat": 1700000000}]
    encoded = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    ]
    return ".".join([*encoded, made("jwt", URL_SAFE, 43)])


def service_account() -> str:
    return json.dumps(
        {
            "type": "service_account",
            "private_key_id": made("gcp id", HEX, 40),
            "private_key": pem("", 4),
        }
    )


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SECRETS: dict[str, Callable[[], str]] = {
    "aws access key": lambda: token("AKIA", UPPER + "234567", 16),
    "aws session key": lambda: token("ASIA", UPPER + "234567", 16),
    "aws secret key": lambda: f"aws_secret_access_key = {made('aws', BASE64, 40)}",
    "github classic token": lambda: token("ghp_", BASE62, 36),
    "github fine-grained token": lambda: (
        f"github_pat_{made('g1', BASE62, 22)}_{made('g2', BASE62, 59)}"
    ),
    "github app token": lambda: token("ghs_", BASE62, 36),
    "gitlab token": lambda: token("glpat-", URL_SAFE, 20),
    "slack bot token": lambda: (
        f"xoxb-{made('s1', DIGITS, 12)}-{made('s2', DIGITS, 12)}-{made('s3', BASE62, 24)}"
    ),
    "slack webhook": lambda: (
        "https://hooks.slack.com/services/T"
        f"{made('w1', UPPER + DIGITS, 8)}/B{made('w2', UPPER + DIGITS, 8)}/{made('w3', BASE62, 24)}"
    ),
    "stripe live key": lambda: token("sk_" + "live_", BASE62, 24),
    "stripe restricted key": lambda: token("rk_" + "live_", BASE62, 24),
    "twilio key": lambda: token("SK", HEX, 32),
    "twilio account": lambda: token("AC", HEX, 32),
    "sendgrid key": lambda: f"SG.{made('sg1', URL_SAFE, 22)}.{made('sg2', URL_SAFE, 43)}",
    "mailgun key": lambda: token("key-", HEX, 32),
    "mailchimp key": lambda: f"{made('mc', HEX, 32)}-us12",
    "npm token": lambda: token("npm_", BASE62, 36),
    "pypi token": lambda: token("pypi-AgEIcHlwaS5vcmc", URL_SAFE, 80),
    "google key": lambda: token("AIza", URL_SAFE, 35),
    "gcp service account": service_account,
    "openai key": lambda: f"sk-{made('o1', BASE62, 20)}T3BlbkFJ{made('o2', BASE62, 20)}",
    "openai project key": lambda: token("sk-proj-", URL_SAFE, 48),
    "anthropic key": lambda: token("sk-ant-api03-", URL_SAFE, 93, end="AA"),
    "hugging face token": lambda: token("hf_", BASE62, 34),
    "digitalocean token": lambda: token("dop_v1_", HEX, 64),
    "heroku key": lambda: f"HEROKU_API_KEY={uuid('heroku')}",
    "heroku new key": lambda: token("HRKU-AA", URL_SAFE, 58),
    "azure storage key": lambda: f"AccountKey={made('az', BASE64, 86)}==",
    "azure shared access": lambda: (
        "?sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2030-01-01T00:00:00Z"
        f"&sig={made('sas', BASE62, 40)}%2F{made('sas2', BASE62, 2)}%3D"
    ),
    "azure client secret": lambda: f"{made('a1', BASE62, 3)}8Q~{made('a2', BASE62 + '_~.', 34)}",
    "json web token": jwt,
    "basic auth header": lambda: f"Authorization: Basic {encoded('robot:' + made('b', BASE62, 9))}",
    "bearer header": lambda: f"Authorization: Bearer {made('bearer', BASE62, 32)}",
    "rsa key": lambda: pem("RSA"),
    "ec key": lambda: pem("EC", 3),
    "openssh key": lambda: pem("OPENSSH"),
    "pkcs8 key": lambda: pem(""),
    "encrypted key": lambda: pem("ENCRYPTED"),
    "discord token": lambda: (
        f"M{made('d1', BASE62, 23)}.{made('d2', BASE62, 6)}.{made('d3', URL_SAFE, 27)}"
    ),
    "discord webhook": lambda: (
        f"https://discord.com/api/webhooks/{made('dw', DIGITS, 18)}/{made('dw2', URL_SAFE, 68)}"
    ),
    "telegram token": lambda: f"{made('t1', '123456789', 9)}:AA{made('t2', URL_SAFE, 33)}",
    "square token": lambda: token("sq0csp-", URL_SAFE, 43),
    "shopify token": lambda: token("shpat_", HEX, 32),
    "databricks token": lambda: token("dapi", HEX, 32),
    "doppler token": lambda: token("dp.pt.", BASE62, 43),
    "vault token": lambda: token("hvs.", URL_SAFE, 90),
    "linear key": lambda: token("lin_api_", BASE62, 40),
    "notion token": lambda: token("secret_", BASE62, 43),
    "notion new token": lambda: token("ntn_", BASE62, 46),
    "new relic key": lambda: token("NRAK-", UPPER + DIGITS, 27),
    "sentry token": lambda: token("sntrys_", BASE62, 60),
    "grafana token": lambda: token("glsa_", BASE62, 32, end="_1a2b3c4d"),
    "postman key": lambda: f"PMAK-{made('p1', HEX, 24)}-{made('p2', HEX, 34)}",
    "atlassian token": lambda: token("ATATT3", URL_SAFE, 60),
    "docker token": lambda: token("dckr_pat_", URL_SAFE, 27),
    "terraform token": lambda: f"{made('tf', BASE62, 14)}.atlasv1.{made('tf2', BASE62, 60)}",
    "postgres url": lambda: (
        f"postgresql://app:{made('pg', BASE62, 12)}@db-7.northwind.io:5432/orders"
    ),
    "mongo url": lambda: f"mongodb+srv://app:{made('mg', BASE62, 12)}@cluster0.northwind.io/orders",
    "redis url": lambda: f"redis://:{made('rd', BASE62, 12)}@cache-2.northwind.io:6379/0",
    "token in a url": lambda: f"https://{made('tu', BASE62, 40)}@git.northwind.io/shop.git",
    "assigned password": lambda: f"password={made('pw', BASE62, 10)}",
    "assigned word": lambda: "DB_PASSWORD=sunshine",
    "quoted password": lambda: '"password": "' + made("qp", BASE62, 9) + '"',
    "named api key": lambda: f"api_key: {made('ak', BASE62, 24)}",
    "high-entropy hex": lambda: made("hex", HEX, 64),
    "high-entropy base64": lambda: made("b64", BASE64, 44),
    "high-entropy letters": lambda: made("low", LOWER, 32),
}


def card() -> str:
    start = "4539" + made("card", DIGITS, 11)
    return next(start + digit for digit in DIGITS if passes_luhn(start + digit))


def iban() -> str:
    account = made("iban", DIGITS, 18)
    found = (f"DE{number:02}{account}" for number in range(2, 99))
    return next(each for each in found if is_iban(each))


PERSONAL: dict[str, Callable[[], str]] = {
    "e-mail": lambda: "pat.doe+x@northwind-traders.com",
    "e-mail in disguise": lambda: "pat.doe [at] northwind [dot] com",
    "escaped e-mail": lambda: "pat.doe%40northwind.com",
    "international phone": lambda: "+49 171 5550123",
    "american phone": lambda: "(212) 555-0187",
    "british phone": lambda: "020 7946 0958",
    "card": card,
    "card with blanks": lambda: " ".join(card()[at : at + 4] for at in range(0, 16, 4)),
    "iban": iban,
    "iban with blanks": lambda: " ".join(iban()[at : at + 4] for at in range(0, 22, 4)),
    "social security number": lambda: "219-09-9999",
    "home folder": lambda: "/home/pdoe/work/notes.md",
    "mac home folder": lambda: "/Users/pdoe/work/notes.md",
    "windows home folder": lambda: "C:\\Users\\pdoe\\notes.md",
    "share": lambda: "\\\\filer-3\\pdoe\\notes.md",
    "private url": lambda: "https://wiki.northwind.io/people/pdoe",
    "host": lambda: "db-7.prod.northwind.io",
    "short host": lambda: "prod-db-07",
    "internal host": lambda: "vault.northwind.internal",
    "ipv4": lambda: "10.20.30.41",
    "ipv4 with port": lambda: "52.18.44.7:8443",
    "ipv6": lambda: "fd12:3456:789a:1::42",
    "mac address": lambda: "3c:22:fb:9a:1e:07",
    "uuid": lambda: uuid("person"),
    "ticket": lambda: "NWT-4711",
    "numbered ticket": lambda: "northwind/shop#4711",
    "customer number": lambda: "20481937",
    "author": lambda: "Zelda Quux",
    "author's first name": lambda: "Zelda",
    "author's handle": lambda: "zquux",
    "owner of the remote": lambda: "Blorptech",
    "full-width e-mail": lambda: "pat.doe\uff20northwind.com",
    "e-mail with a joiner": lambda: "pat.doe@north\u200bwind.com",
}
