"""Ordinary sentences of decision records, written for these tests: nothing in them is private.

They hold what detectors trip over: talk of tokens and secrets, versions, standards, code,
paths, routes, times, sizes, names of products and words that are also names.
"""

SENTENCES = """
Every charge carries an idempotency key that is made once per order.
A retried request must not charge a card twice.
We will retry failed requests three times, with exponential backoff and jitter.
Listings are paginated by an opaque cursor instead of an offset.
Offsets skip rows while other clients write.
The cursor encodes the last sort key and is signed so that clients cannot forge it.
Sessions end after 30 minutes without a request.
Refresh tokens are rotated at every use and revoked on the first reuse.
Access tokens live for 15 minutes and are never stored on the client.
The token is opaque to the client and must be sent back unchanged.
A token bucket limits each tenant to 100 requests a second.
The secret is read from the environment at start and never logged.
Secrets live in the vault; the application reads them by reference.
Passwords are hashed with Argon2id, 64 MiB of memory and three passes.
A password reset link expires after one hour and works once.
We never store card numbers; the payment provider keeps them.
API keys are shown once, at creation, and only their hash is kept.
Basic authentication is switched off for all public endpoints.
Bearer tokens are validated at the gateway, not in each service.
Authorization decisions are made in one place, by policy.
The authentication service issues short-lived certificates.
Private keys never leave the hardware module.
The signing key is rotated every ninety days without downtime.
All times are stored in UTC and shown in the zone of the reader.
Timestamps follow ISO 8601 with an explicit offset.
Money is stored as integer cents together with its currency.
Currency codes follow ISO 4217 and country codes ISO-3166.
Text is UTF-8 everywhere, and is normalised to NFC when it is stored.
Files are encoded as UTF-8 without a byte order mark.
Checksums use SHA-256; MD5 and SHA-1 are not accepted.
Connections use TLS 1.3, and TLS 1.2 only for old partners.
We follow RFC 7807 for the errors of the public API.
Dates in logs are written as 2024-03-17 or 2024-03-17T09:30:00Z.
Semantic versioning decides when the major number changes.
We support Python 3.11, 3.12 and 3.13, and drop 3.10.
Node 20 is the oldest version that the front end is built with.
PostgreSQL 16 replaces MySQL 5.7 for all transactional data.
Redis is a cache and never the only place of anything.
Kafka carries domain events between services, one topic per aggregate.
Events are named in the past tense, such as order_placed or invoice_sent.
Consumers must tolerate events that arrive twice or out of order.
The outbox pattern makes writing and publishing one transaction.
A dead letter queue keeps what could not be handled for 14 days.
We use feature flags for releases and remove each within two sprints.
The sprint ends on a Friday, and nothing is deployed after noon.
A linear scan is fast enough below ten thousand rows.
Linear history is kept on main by rebasing before the merge.
The main branch is always releasable.
Pull requests need one approval, and two for changes of the schema.
Migrations are forward only and must run while the old version serves.
Columns are added as nullable, filled in the background, and then made required.
Tables are never renamed in one step; a view bridges both names.
Indexes are created concurrently so that writes go on.
Foreign keys are enforced by the database, not by the application.
Identifiers of new rows are UUIDs of version 7, which sort by time.
Public identifiers are never the primary key.
Deleted rows are kept for thirty days and then removed by a nightly job.
Personal data is erased within a month when a customer asks for it.
Logs must not contain e-mail addresses, tokens or full request bodies.
Log lines are JSON with a level, a message and a trace id.
Traces are sampled at one percent, errors always.
Metrics are named by unit, such as request_duration_seconds.
Alerts page a person only when a customer is affected.
An error budget of 0.1 percent a month decides whether we release.
The service level objective is 99.9 percent over 28 days.
Health checks tell whether a process is alive and whether it is ready.
Readiness depends on the database, liveness on nothing else.
Timeouts shrink along the call chain: 10 s, 5 s, 2 s.
A circuit breaker opens after five failures in ten seconds.
Bulkheads keep one slow dependency from taking all threads.
Graceful shutdown waits up to 30 seconds for running requests.
Background jobs are idempotent and carry their own deadline.
Cron runs in UTC, and no job starts at a full hour.
Batch imports are split into chunks of 1,000 rows.
Uploads are limited to 25 MB and scanned before anybody can read them.
Images are resized on upload, not on request.
Static files carry a content hash in their name and are cached for a year.
The CDN may serve stale content for 60 seconds while it revalidates.
Cache keys include the tenant and the version of the schema.
Cached prices are valid for five minutes at most.
We invalidate caches by version, never by pattern.
Search runs on the same database until it has a million documents.
Full text search uses the dictionary of the document's language.
Queries that take longer than 200 ms are logged with their plan.
No query may return more than 500 rows without a cursor.
The read replica may lag behind, so nobody reads their own writes from it.
Reports are computed from the warehouse and never from the live tables.
Exports are written to object storage and handed out by signed links.
Webhooks are signed with HMAC-SHA256 over the raw body and a timestamp.
Receivers must answer within 5 seconds or the delivery is retried.
Webhook deliveries are retried for 24 hours and then given up.
Rate limits answer with status 429 and a Retry-After header.
Unknown fields in requests are refused, in responses they are ignored.
Breaking changes of the API need a new version in the path.
Version 1 of the API is switched off six months after version 2 is out.
GraphQL is offered to the web client only, REST to everybody else.
gRPC is used between services that share a deployment.
Protobuf fields are never renumbered, and removed ones are reserved.
Enumerations on the wire have an unknown value as their first.
Booleans in the API say what is so, not what is not.
Errors carry a stable code, a sentence and a link to the documentation.
User-facing texts live in one catalogue and are never concatenated.
The front end is written in TypeScript with strict checks on.
Components own their styles; there is no global stylesheet.
State that belongs on the server is not copied into a store.
Forms validate on the client for comfort and on the server for safety.
Accessibility is checked in every pull request against WCAG 2.2.
Icons come from one set and are inlined at build time.
Dark mode follows the setting of the operating system.
The design tokens are generated from one file.
The mobile app works offline for reading and queues what is written.
Conflicts are resolved by the last writer, except for amounts.
Push notifications carry no content, only a hint to fetch.
The domain layer imports nothing from the web framework.
Handlers are thin: they parse, call one use case, and format.
Dependencies point inwards, and a test holds that rule.
Modules talk through their public interface and never through tables.
Each service owns its schema, and nobody else reads it.
Shared code is a library with a version, not a folder.
We prefer composition to inheritance, and functions to classes.
Configuration comes from the environment and is read once at start.
Defaults are safe: a missing setting never opens anything.
Feature code must not read the clock; time is an argument.
Randomness is injected so that tests repeat.
Unit tests touch no network, no disk and no clock.
Integration tests run against a real database in a container.
End-to-end tests cover the five journeys that earn money.
A flaky test is fixed or removed within a week.
Coverage is a lamp, not a goal; 80 percent is where we look closer.
Property tests cover everything that parses or serialises.
Load tests run nightly against a copy with the size of production.
Code style is left to the formatter, and nobody discusses it.
Linters run before a commit, and again in CI.
Commits are small and say why, not what.
The changelog is written by the person who makes the change.
Documentation lives beside the code and is reviewed with it.
Architecture decisions are recorded as numbered files under docs/adr.
A superseded record stays, with a link to its successor.
See ADR-12 for the reasons behind the queue.
The decision in ADR-0007 is replaced by this one.
Runbooks are tested twice a year by somebody who has never used them.
Incidents are reviewed without blame within five working days.
On call changes every Monday at ten.
Infrastructure is described in Terraform and applied by the pipeline only.
Nobody has write access to production from a laptop.
Every environment is built from the same image.
Images are built once and promoted from stage to stage.
Containers run as a user without rights and with a read-only file system.
Base images are pinned by digest and renewed every week.
Dependencies are updated by a bot and merged when the tests pass.
Licences are checked at build time; GPL code is not linked.
Vulnerabilities of high severity are mended within seven days.
We keep three copies of every backup, one of them in another region.
Restores are rehearsed every quarter and measured.
The recovery time objective is four hours, the recovery point 15 minutes.
Encryption at rest uses keys that we manage.
Disks are encrypted with AES-256 in XTS mode.
Network policies deny all traffic that is not listed.
Ingress is the only way in, and it speaks HTTPS alone.
Internal calls use mutual TLS with certificates of one day.
Administrators sign in with a hardware key.
Roles are few: reader, editor, owner and billing.
Permissions are checked in the service that owns the data.
Audit entries are appended and never changed.
Audit logs are kept for seven years because the law asks for it.
Invoices are immutable; a correction is a new document.
Invoice numbers have no gaps within a legal entity.
Tax is computed per line and rounded once.
Rounding is half to even, as the accountants ask.
Refunds go back the way the money came.
Payouts are made on working days before noon.
A subscription is paused, not cancelled, when a payment fails.
Dunning sends three reminders over 14 days.
Trials last 30 days and need no card.
Prices are valid for the currency in which they were shown.
Discounts do not stack, and the best one for the customer wins.
Stock is reserved when an order is paid, not when it is placed.
A reservation ends after 20 minutes.
Orders are split by warehouse before they are shipped.
Addresses are validated when they are entered, and stored as they were typed.
The carrier is chosen by weight, size and country.
Tracking links are sent once the parcel has been scanned.
Returns are accepted for 60 days.
Search results are ranked by relevance and then by margin.
Recommendations never show what the customer has just bought.
Reviews are published after a person has read them.
Mail is sent by a provider; we keep templates and not bodies.
Bounced addresses are not written to again.
Notifications can be switched off one by one.
Imports of CSV files are validated as a whole before a row is written.
The importer reports every broken line with its number.
Spreadsheets are read as text so that leading zeros survive.
Phone numbers are stored in the international form.
Names are one field, because people have names in many forms.
Addresses in logs are cut to the country.
The retention job runs at 02:15 and removes what is older than the policy says.
Tenants are isolated by schema, and large ones by database.
A tenant's data never shares a cache entry with another one's.
Tenant ids are part of every primary key.
Sharding is by tenant, with 256 logical shards.
Moving a shard takes it offline for at most ten seconds.
The scheduler claims jobs with SELECT FOR UPDATE SKIP LOCKED.
Locks are advisory and are let go when the connection ends.
Distributed locks are a last resort and carry a fencing token.
A saga with compensations replaces two-phase commit.
Exactly-once is not promised; at-least-once with idempotent consumers is.
Clocks may differ by up to 500 ms between hosts.
Ordering is only promised within one partition.
Snapshots are taken every 1,000 events and can be thrown away.
Projections can be rebuilt from the log at any time.
The log is kept forever and compacted by key.
Schemas are registered and checked for compatibility before a deployment.
Avro was rejected because our clients speak JSON.
XML is accepted from two partners and converted at the edge.
SOAP ends at the adapter.
File names are generated; the name a user gave is only shown.
Paths from outside are resolved and must stay below the upload folder.
Archives are unpacked with limits on size, depth and number of entries.
Regular expressions from users are not accepted.
Templates are sandboxed and may not call code.
HTML from users is sanitised with an allow list.
A content security policy forbids inline scripts.
Cookies are Secure, HttpOnly and SameSite=Lax.
Cross-site requests need a token in a header.
CORS is limited to our own origins.
The login page has no third-party script.
Brute force is slowed down per account and per network.
Sessions are bound to the device that began them.
Sign-in by mail link is offered beside the password.
Two-factor sign-in is required for owners.
Support staff see customer data only with a reason that is recorded.
Test data is generated and never copied from production.
Staging has the same version of everything as production.
Preview environments live for three days.
The build takes less than ten minutes, or it is split.
Caches of the build are keyed by the lock file.
Artifacts are signed and their origin is attested.
Releases happen every day before 15:00.
A rollback takes one command and less than five minutes.
Canary releases take 5 percent of the traffic for half an hour.
Blue-green deployment is kept for the gateway only.
The front door terminates HTTP/2 and HTTP/3.
Old clients may use HTTP/1.1 with keep-alive.
Compression is Brotli for text and nothing for images.
Large answers are streamed, and their length is not known.
Long polling is replaced by server-sent events.
WebSockets are only used for the editor.
Presence is kept in memory and lost on a restart.
Autosave writes every ten seconds and on leaving the page.
Undo is limited to the last 100 steps of a session.
The editor's document is a CRDT, and the server is one more peer.
Comments hang on ranges, not on lines.
Permissions of a document are inherited from its folder.
Links to a document survive when it is moved.
Exports to PDF are rendered by a worker with a limit of 60 seconds.
Fonts are embedded, so a document looks the same everywhere.
Plug-ins run in a sandbox without a network.
The command line tool prints JSON with --json and nothing else to stdout.
Exit status 2 means that the tool was used in a wrong way.
Progress is shown on stderr, and only on a terminal.
Configuration files are TOML, and unknown keys are errors.
Environment variables win over the file, and options over both.
The public functions are `open_ledger`, `read_rows` and `append_label`.
`charge_card` in `src/payments.py` sends the key with every request.
`OrderService.place` returns before the mail is sent.
The handler in src/handlers/orders.py must not import the database.
Retries live in lib/http/retry.ts and nowhere else.
The rule is checked by tests/test_architecture.py.
Use `pathlib.Path` and never join strings with a slash.
`self.config.timeout` is read once, when the client is built.
`session.commit()` is called by the unit of work alone.
The route `/v1/orders/{id}/refunds` answers 202 and a link.
GET /health answers 200 without touching the database.
POST /charges needs the header Idempotency-Key.
The query parameter `cursor` replaces `page` and `per_page`.
The environment variable APP_TIMEOUT_SECONDS overrides the default.
`MAX_RETRIES = 5` is a constant and not a setting.
The default of `page_size` is 50, the maximum 500.
`docker compose up` starts everything that a developer needs.
The image is tagged 2024.11.3-rc1 and later 2024.11.3.
Version 10.4.2 of the library has the bug; 10.4.3 does not.
We measured 12,000 requests a second on two cores.
The 99th percentile fell from 480 ms to 35 ms.
A page of 50 rows takes 3.5 KB compressed.
The table has 1,200,000 rows and grows by 4 percent a month.
The limit of 2147483647 is the largest value of the column.
A full export has 86,400 points, one for each second of a day.
Timeouts are given in milliseconds: 250, 1000 and 5000.
The window is 24x7 for alerts and 9-17 for tickets.
Grace periods are written as 7d, 24h or 90m.
Will the queue survive a restart? Yes, because it is on disk.
Who may change prices? Only an owner, and every change is recorded.
May clients cache the answer? Yes, for as long as the header says.
Mark a job as failed only after its last retry.
Grant rights to roles and never to single users.
Chase down the cause of a flaky test before it is muted.
Page the person on call when the error budget is gone.
Bill customers at the end of the month in which they used the service.
Frank language is welcome in reviews, blame is not.
Rich text is stored as a tree and not as HTML.
Rob Peter to pay Paul is what a shared connection pool does.
Hope is not a strategy: every backup is restored once a quarter.
Grace under load means shedding the cheap requests last.
June and December are frozen for changes of the ledger.
August releases are small because half of the team is away.
Green builds are promoted, and red ones stop the line.
Brown-out tests switch off a dependency for one percent of requests.
A young service may break its interface; an old one may not.
Long transactions are split, so that vacuum can do its work.
Small services are merged when they always change together.
White labels are configured by tenant, not by branch.
Fox and hound is the name of our two-step rollout.
The north star is the time from an order to its delivery.
Root certificates are pinned in the mobile app.
The dev profile switches rate limits off.
An admin can see everything and change nothing without a second person.
The bot opens a pull request for every outdated dependency.
The worker picks up jobs in the order of their priority.
The owner of a service answers for its cost.
GitHub Actions runs the tests, and Argo deploys what passed.
We use Stripe for payments and Twilio for text messages.
Slack is where alerts go, and PagerDuty wakes people.
Grafana shows the dashboards, Loki keeps the logs.
Sentry collects errors with the release they came from.
OpenTelemetry replaces three vendors' libraries.
Snowflake holds the warehouse, and dbt builds its models.
Airflow was considered and found too heavy for five jobs.
Kubernetes runs everything but the database.
Elasticsearch is removed because nobody could keep it in step.
RabbitMQ stays for the fan-out of notifications.
React renders the pages, and Vite builds them.
Django keeps the back office, FastAPI the public API.
Go is used for the proxy, Rust for the parser.
Java 21 is the platform for batch work.
Ruby on Rails serves the old shop until it is gone.
iOS and Android share the network layer by Kotlin Multiplatform.
The tie breaker is the identifier, so that the order is total.
It is cheaper to store both currencies than to convert later.
A decision that nobody can find is a decision that was not made.
Alternatives were a shared table, a queue and doing nothing.
Doing nothing was rejected because the nightly job already takes six hours.
The consequence is one more hop for every request.
This costs us about 20 ms a call, which is acceptable.
We accept that reports are up to an hour old.
The team is small, so one language is worth more than the best one for each task.
If the volume doubles, this decision has to be looked at again.
Status: accepted.
Supersedes: the decision about offsets.
Deciders: the payments team.
Context: a retried request charged some customers twice.
Decision: every charge carries an idempotency key.
Consequences: a charge may be retried at any time.
Rationale: the provider stores keys for 24 hours, which covers all retries.
Token: a string that the client sends back unchanged.
Secret: anything that opens a door, also a link.
Password: what a person types, never what a machine sends.
Note that basic checks run before any expensive ones.
Tokens are compared in constant time.
A secret without an owner is removed.
The api key of a tenant is not an identity of a person.
Credentials are handed to jobs as files that only they can read.
Client secrets are never part of a mobile build.
The access key is scoped to one bucket and one prefix.
Key rotation is automatic, and nobody sees the new key.
Private endpoints have no public address.
The hash is salted with 16 bytes per record.
Random identifiers have at least 64 bits.
Identifiers are 26 characters of Crockford's base 32.
Nonces are 96 bits and are never used twice.
A trace id has 32 digits, a span id 16.
Colours such as #fff and #0a0a0a come from the tokens.
The ratio is 3:1 for large text and 4.5:1 for small.
Shifts run 06:00-14:00, 14:00-22:00 and 22:00-06:00.
The format is YYYY-MM-DD, as in 2025-01-31.
Coordinates are rounded to two decimals.
Percentages are stored as basis points.
Weights are grams, lengths millimetres.
Temperatures are stored in tenths of a degree.
An order has 1 to 500 lines.
Batches of 64, 128 and 256 were tried; 128 was best.
Ports below 1024 are not used by services.
Locally the service listens on localhost:8080.
Examples use example.com and the addresses of 192.0.2.0/24.
Logs go to /dev/null in unit tests.
Scripts begin with /usr/bin/env and a name.
Everything below src/generated is made by the build.
The folder docs/adr holds records, docs/how-to holds guides.
The and/or in the old rule is now an and.
Read/write splitting is done by the driver.
Client/server clocks are not assumed to agree.
Input/output is at the rim, decisions are in pure functions.
Fire-and-forget calls are not allowed in handlers.
Copy-on-write snapshots make backups cheap.
Back-of-the-envelope figures are in the appendix.
State-of-the-art is no argument.
""".strip().splitlines()
