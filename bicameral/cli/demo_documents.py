"""The decision records of the demo's project: three formats, one superseded, one proposed."""

MINOR_UNITS = """\
# 1. Keep amounts in minor units

Date: 2025-02-03

## Status

Accepted

## Context

Two invoices were a cent short because sums of decimals had been rounded twice.

## Decision

Amounts are whole numbers of the currency's smallest unit, held by `Money` in
`payments/money.py`. Nothing else does arithmetic on amounts.

## Consequences

Only the edge of the system turns an amount into text.
"""

FIXED_INTERVAL = """\
# 2. Retry charges at a fixed interval

Date: 2025-02-10

## Status

Superseded by [4. Back off exponentially between retries](0004-back-off-between-retries.md)

## Context

The gateway drops about one call in four hundred.

## Decision

A failed charge is sent again three times, two seconds apart.

## Consequences

After an outage all shops call the gateway at the same instant.
"""

IDEMPOTENCY_KEY = """\
---
status: accepted
date: 2025-03-17
decision-makers: payments team
---

# Send an idempotency key with every charge

## Context and Problem Statement

When the gateway times out, nobody knows whether the card was charged, and a retry may
charge it twice.

## Considered Options

* An idempotency key made from the order
* Asking the gateway before each retry
* Never retrying

## Decision Outcome

Chosen option: "An idempotency key made from the order", because the gateway then answers
a repeated call with the first result. `charge_card` in `payments/charges.py` sends the
key with every call.

### Consequences

* Good, because a retry is safe
* Bad, because a second charge for the same order needs a new order
"""

BACK_OFF = """\
---
status: accepted
date: 2025-05-06
decision-makers: checkout team, payments team
---

# Back off exponentially between retries

Supersedes [2. Retry charges at a fixed interval](0002-retry-at-a-fixed-interval.md).

## Context and Problem Statement

After the outage in April the fixed interval made every shop retry at once.

## Decision Outcome

Chosen option: "Exponential back-off with jitter", because it spreads the load.
`retryWithBackOff` in `checkout/src/retry.ts` is the only place that waits and retries.
"""

MASKED_CARDS = """\
---
status: proposed
date: 2025-09-22
decision-makers: security guild
---

# Mask card numbers in logs

## Context and Problem Statement

A support export held full card numbers, taken from a debug line.

## Decision Outcome

Chosen option: "Mask at the logger", because callers forget. `mask_card` in
`payments/log.py` leaves the last four digits.
"""

SAME_CHARGE = """\
# 6. Refund through the original charge

Date: 2025-10-13

## Status

Accepted

## Context

Refunds to another card were used to launder stolen gift cards.

## Decision

`refund` in `payments/refunds.py` names the charge that it gives back, and never a card.

## Consequences

Charges are kept for as long as they can be refunded.
"""

FOLDER = "docs/adr"
RECORDS = {
    f"{FOLDER}/0001-keep-amounts-in-minor-units.md": MINOR_UNITS,
    f"{FOLDER}/0002-retry-at-a-fixed-interval.md": FIXED_INTERVAL,
    f"{FOLDER}/0003-send-an-idempotency-key.md": IDEMPOTENCY_KEY,
    f"{FOLDER}/0004-back-off-between-retries.md": BACK_OFF,
    f"{FOLDER}/0005-mask-card-numbers-in-logs.md": MASKED_CARDS,
    f"{FOLDER}/0006-refund-through-the-original-charge.md": SAME_CHARGE,
}
