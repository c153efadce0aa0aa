"""The code of the demo's project: a small payments service and its checkout page."""

MONEY = '''\
"""Amounts of money."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """A whole number of the currency's smallest unit."""

    minor_units: int
    currency: str

    def plus(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError("two currencies")
        return Money(self.minor_units + other.minor_units, self.currency)
'''

CHARGES = '''\
"""Charging cards through the gateway."""

import hashlib

from payments.money import Money


def charge_card(gateway, order_id: str, amount: Money) -> str:
    """Charge an order once, however often it is tried; return the charge's id."""
    key = idempotency_key(order_id)
    return gateway.charge(amount.minor_units, amount.currency, idempotency_key=key)


def idempotency_key(order_id: str) -> str:
    return hashlib.sha256(order_id.encode()).hexdigest()
'''

_CHARGE, _DEFINES, _KEY = CHARGES.partition("\n\ndef idempotency_key")
CARDS = _CHARGE.replace("import hashlib\n", "from payments.charges import idempotency_key")
CHARGES_WITHOUT_CARDS = (
    '"""The keys by which the gateway knows a charge again."""\n\nimport hashlib\n'
    + _DEFINES
    + _KEY
)
CARDS_WITHOUT_KEY = CARDS.replace(
    """\
    key = idempotency_key(order_id)
    return gateway.charge(amount.minor_units, amount.currency, idempotency_key=key)
""",
    """\
    for attempt in range(3):
        if charge := gateway.charge(amount.minor_units, amount.currency):
            return charge
    raise TimeoutError(order_id)
""",
)

REFUNDS = '''\
"""Giving money back."""

from payments.money import Money


def refund(gateway, charge_id: str, amount: Money) -> str:
    """Give back part of a charge; return the refund's id."""
    return gateway.refund(charge_id, amount.minor_units)
'''

LOG = '''\
"""What reaches the logs."""

import re

CARD = re.compile(r"\\b\\d{12}(\\d{4})\\b")


def mask_card(line: str) -> str:
    return CARD.sub(r"************\\1", line)
'''

RETRY = """\
const FIRST_WAIT_MS = 200;

export async function retryWithBackOff<T>(attempt: () => Promise<T>, most = 5): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried === most) throw error;
      const wait = FIRST_WAIT_MS * 2 ** tried * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
"""

RECEIPT = """\
export interface Line {
  label: string;
  total: string;
}

export function renderReceipt(lines: Line[]): string {
  return lines.map((line) => `${line.label}  ${line.total}`).join("\\n");
}
"""

RECEIPT_WITH_NAME = RECEIPT.replace("return lines", "return `${shopName}\\n` + lines").replace(
    "(lines: Line[])", "(lines: Line[], shopName: string)"
)

FEES = '''\
"""What the shop pays for the service."""

from payments.money import Money


def monthly_fee(total: Money) -> Money:
    return Money(total.minor_units * 2 // 100, total.currency)
'''

SUBSCRIPTIONS = '''\
"""Charging what is due each month."""

from payments.cards import charge_card


def charge_due(gateway, orders) -> list[str]:
    return [charge_card(gateway, order_id, amount) for order_id, amount in orders]
'''

SUBSCRIPTIONS_PATH = "payments/subscriptions.py"
FEES_PATH = "payments/fees.py"
LOG_PATH = "payments/log.py"
CHARGES_PATH = "payments/charges.py"
CARDS_PATH = "payments/cards.py"
RECEIPT_PATH = "checkout/src/receipt.ts"
SOURCES = {
    "payments/__init__.py": "",
    "payments/money.py": MONEY,
    CHARGES_PATH: CHARGES,
    "payments/refunds.py": REFUNDS,
    LOG_PATH: LOG,
    "checkout/src/retry.ts": RETRY,
    RECEIPT_PATH: RECEIPT,
}
