"""A shop's labelled questions: the example of `docs/how-to/calibrate-the-gate.md`.

For each decision a change that it binds, and one that only sounds like it.
"""

from pathlib import Path

import msgspec

from bicameral.review.dataset import EvalRow, SeedDecision
from tests.review.calibration.worlds import identified

SHOP = (
    (
        "Every card charge carries an idempotency token",
        "retry a declined card charge",
        "change the card brand",
    ),
    (
        "Refunds go back to the original payment method",
        "refund cancelled orders in one payment",
        "rename the payment menu",
    ),
    (
        "Prices are stored as integer cents with a currency",
        "round prices to whole cents",
        "show the currency symbol",
    ),
    (
        "Sessions expire after thirty idle minutes",
        "extend idle sessions after sign-in",
        "log the sessions of crawlers",
    ),
    (
        "Passwords are hashed with argon",
        "migrate bcrypt passwords and their hash",
        "translate the passwords view",
    ),
    (
        "Webhooks are verified by signature before parsing",
        "accept webhooks without a signature",
        "draw a webhook with its signature on a napkin",
    ),
    (
        "Inventory is reserved when checkout begins",
        "release the reserved inventory of baskets",
        "paint the inventory list",
    ),
    (
        "Emails leave through the outbox table",
        "send shipping emails around the outbox straight away",
        "shorten the emails",
    ),
    (
        "Search runs on the replica, never on the primary",
        "rank search on the primary database",
        "animate the search",
    ),
    (
        "Toggles are removed within two sprints",
        "keep the gift toggles past the sprint",
        "centre the toggles",
    ),
    (
        "Product images are resized at upload",
        "resize thumbnails after upload",
        "document the upload for sellers",
    ),
    (
        "Invoices are numbered without gaps per fiscal year",
        "number invoices per fiscal quarter",
        "translate the invoices",
    ),
    (
        "Addresses are checked against the postal register",
        "skip the postal register at checkout",
        "align the postal register in the mockup",
    ),
    (
        "Coupons cannot be combined in one basket",
        "combine two coupons at the jubilee",
        "announce the coupons",
    ),
    (
        "Carts of anonymous shoppers live in the browser",
        "persist anonymous carts",
        "count anonymous users",
    ),
    (
        "Taxes are computed by the destination country",
        "compute taxes by the country of the pickup warehouse",
        "sort the country list",
    ),
    (
        "Background jobs retry five times with backoff",
        "retry thumbnails without backoff",
        "change the background colour",
    ),
    (
        "Exports are streamed as CSV, never built in memory",
        "build CSV exports in memory for speed",
        "show a CSV icon",
    ),
    (
        "Delivery slots are locked for ten minutes",
        "unlock delivery slots",
        "illustrate the delivery view",
    ),
    (
        "Reviews are moderated before they are published",
        "publish reviews that nobody moderated",
        "thank the moderators",
    ),
    (
        "Currency rates are fetched once at midnight",
        "fetch currency rates hourly during the sale",
        "list courier rates",
    ),
    (
        "Loyalty points expire after twelve months",
        "expire the loyalty points of sleepers",
        "praise loyalty",
    ),
    (
        "Barcodes are scanned offline and synced later",
        "sync scanned barcodes immediately over the radio",
        "photograph the barcodes",
    ),
    (
        "Audit entries are append-only",
        "purge old append-only audit entries",
        "schedule the audit",
    ),
)


def write_labelled(path: Path) -> None:
    """Write the questions as a data set, as `triage promote` would have."""
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in labelled()))


def labelled() -> list[EvalRow]:
    rows = []
    for number, (title, bound, unbound) in enumerate(SHOP, start=1):
        decision = SeedDecision(key=f"shop-{number:02}", title=title)
        for topic, expected in ((bound, [decision.key]), (unbound, [])):
            row = EvalRow(
                id="",
                origin="labelled",
                category="vocabulary_of_the_decision" if expected else "shared_common_words",
                topic=topic,
                decisions=[decision],
                expected=expected,
            )
            rows.append(identified(row))
    return rows
