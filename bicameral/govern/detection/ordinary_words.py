"""Ordinary words: what a path or a sentence may hold without saying whose it is.

English and the trade's own words, compared by stem. A word that is not among them may be a
name, so it is asked about; one that is among them and also a name is only asked about.
"""

import re
from functools import cache

from bicameral.ledger.common_words import COMMON, STOP
from bicameral.ledger.text import stem_of

_TRADE = """
abort abstract acceptance access account accounting accounts acl ad adapter adapters address
admin aggregate aggregator agent agents alert alerting algorithm alias allocation alpha
amount analysis analytics angular animation annotation ansible api apis app append apps
archive arg argument array article artifact asset assets assert assign async asynchronous
atomic attach attachment attempt attribute audio audit auth authentication author authorization
authorize auto automation autoscale avatar await babel backend background backfill backlog
backoff backup badge balance balancer banner barrier base bash basket batch bazel beat bench
benchmark benchmarks beta bill billing bin binary bind binding bindings bitmap blob blog
board book booking boolean boot bootstrap bot bounce box branch broker browser budget buffer
bucket build builder builds bulk bundle bus button bypass byte bytes cache caches caching
calendar callback camera campaign cancel canary capability capacity capture card cards cargo
carousel carrier cart cascade catalog catalogue category cell certificate cfg channel char
character charge charges chart charts chat check checker checkout checksum checksums chunk ci
circuit class cleaner cli click client clients clock clone cloud cluster cmake cmd cobol code
codec codecs codes coding collection collector collision color column columns command commands
commit commits compaction compat compile compiler compose composer compression compute
concurrency concurrent conf config configs conflict connection connector connectors consent
console consolidate constant constants constraint consume consumer container containers
contact content contract contracts contrib controller controllers conversion convert cookie
cookies coordinator core coroutine counter counters country coupon coverage cpp crate crates
credential credentials credit cron crud crypto css csv currency cursor cursors cust customer
customers cutover cycle daemon dashboard dashboards data database dataset date datetime dates
dead deadline deadlock debit debounce debug decimal declaration decode decoder decorator
decorators dedup default defaults deferred delay delete delivery delta demo deploy deployment
deploys deprecated depth deserialize design desktop detail details detector dev device devices
devops diagram dialog dict dictionary diff digest digests dir directories directory disable
discount discovery disk dispatch dispatcher display dist distribution django dns doc docker
dockerfile docs document documents dom domain domains download downloads draft drag drain
drift driver drivers dto dump duplicate duration dynamic edge editor egress elastic element
email emails embed emit emitter encode encoder encoding encrypt encryption end endpoint
endpoints engine engines entities entity entries entropy enum env environments epoch eq err
error errors escalation eslint eval evaluate evaluation event events eventual example examples
excel exception exceptions exchange exclude exec execute execution executor exit expiry
explorer export exporter exports expression ext extension extensions external extractor facade
factories factory failover failures fallback fanout fast favorite features feed feedback fetch
fetcher field fields file files fill filter filters finance finder fingerprint firewall fixture
fixtures flags float flow flows flush folder font fonts footer fork form formatter forms
forward fragment framework frame fraud freeze front frontend fsm full func function functions
fuzz gallery game garbage gate gateway gateways gauge gem generated generation generator
generators generic geo get git github gitlab glob global globals go gradle grammar grant graph
graphql grid group groups grpc guard guards gui guide gzip handle handler handlers handshake
harness hash hashes header headers health heap heartbeat hello helm helper helpers hint history
hook hooks host hosts hot html http https hub hydrate icon icons id idempotency idempotent
identifier identifiers identity ids idle image images implementation import importer imports
inbox inbound incident include index indexer indexes infra infrastructure ingest ingestion
ingress init initialize injection inline input inputs insert inspector install installer
instance integer integration integrations interceptor interface interfaces internal interop
interpreter interval inventory invite invoice invoices invoicing ios ip isolation item items
iterator java javascript job jobs join journal js json jwt kafka kernel key keyboard keys
kotlin kube kubernetes kind label labels lambda landing language latency layout layouts lazy
leader leader lease legacy legal lexer lib library libs license lifecycle limit limiter limits
line linear lines link linker links lint linter linux list listener listeners listing listings
lists literal load loader loaders local locale locales localization location lock locking locks
log logger logging login logo logout logs lookup loop lru machine macro macros mail mailer
main make makefile mandate manifest mapper mapping mappings maps margin markdown market mask
master matcher math matrix maven maximum media member memory memo menu merge mesh message
messages messaging meta metadata meter method metric metrics micro microservice middleware
migrate migration migrations mime min minimum minutes mirror mixin mobile mock mocks modal mode
model models modules monitor monitoring mono monolith mount mutation mutex mysql naming native
nav navigation nest network networking node nodes note notes notification notifications notifier
notify npm null number numbers oauth object objects observability observe observer offline
offset onboarding online open openapi operator operators optimizer options oracle orchestrator
order orders org organizations origin orm os outbound outbox output outputs override pack
package packages packet page pager pages pagination panel param parameter parameters params
parent parse parser parsers parsing partition partitions password passwords patch patches path
paths pause payload payment payments payout payouts pdf peer pending percentile permission
permissions persist persistence person phone php pick picker pipe pipeline pipelines pixel
placeholder plan plans platform player plugin plugins png pods pointer policies poll poller
polling pool pooling pools popup port portal ports post postgres postgresql posts predicate
preference preferences prefix presenter preset preview price prices pricing primary primitive
primitives print printer priority privacy private probe process processes processing processor
processors prod producer product production products profile profiles profiler profit
programming progress project projection projections projects prometheus promise promo prompt
prompts protected protection proto protobuf protocol protocols prototype provider providers
provision proxies proxy public publish publisher publishing pubsub purchase push put py python
quality quantity queries query queue queues quota quotas quote rabbitmq rails random range
ranking rate rates rating raw react reader readers readme readonly real rebalance recall
receipt receipts receiver recommendation reconcile reconciliation recorder records recovery
recurring redirect redis redo reducer reducers redux refactor reference references reflect
refresh refund refunds region regional regions register registration registries registry
regression relay release releases reload remote render renderer rendering repair replay replica
replicas replication replies reply report reporter reporting reports repos repositories repos
representation request requests resend reserve reset resize resolver resolvers resource
resources response responses rest restore result results retention retries retry retrying return
returns revenue reverse review reviews revision rich rollback rollout rollouts rolling root
rotate rotation round route router routers routes routing row rows rpc ruby rule rules run
runner runners runtime rust saga sales salt sample samples sandbox sanitizer scala scale scaler
scan scanner scanners schedule scheduled scheduler schedulers schema schemas scope score scoring
screen screens script scripts scroll sdk search secret secrets section secure security seed
seeds segment segments select selector selectors self sell semantic semaphore send sender sequence
serial serialization serialize serializer serializers server servers service services serving
session sessions setting settings setup shard sharding shards shared shell shipment shipments
shipping shop shutdown sidebar sign signal signals signature signed signin signup simulation
single singleton sink site sites size skeleton skip slack slice slices slider slow slug smoke
sms snap snapshot snapshots socket sockets solution sort source sources spa space spark spec
specification specs sprint sprite sql sqlite src ssh ssl sso stack stage staging standard star
start starter startup stat state statement states static stats status stderr stdin stdout step
steps stock storage store stores storybook strategies strategy stream streaming streams strict
string strings struct stub stubs style styles sub subscribe subscriber subscribers subscription
subscriptions suffix suite suites sum summary super supplier support svc svelte svg swagger
swift switch symbol symbols sync synchronous syntax system systems tab table tables tabs tag
tags target targets task tasks tax taxes team teams telemetry template templates temp temporal
tenancy tenant tenants term terminal terms terraform test testing tests text texts theme themes
thread threads threshold throttle throttling thumb thumbnail ticket tickets tier tile time
timeline timeout timeouts timer timers timestamp timezone title tls tmp toggle toggles token
tokenizer tokens toml tool toolbar tools tooltip topic topics topology totals trace tracer
traces tracing tracker tracking traffic train transaction transactional transactions transfer
transfers transform transformer transformers transforms transition transitions translate
translation translations transport trash tree trees trend trigger triggers trust tuple tutorial
two txt type types typescript typing ui undo unit units unix unlock update updates upgrade
upload uploader uploads upstream uri url urls usage user users ux validate validation
validator validators value values variable variables variant variants vat vault vector vendor
vendors verification verifier verify version versioning versions video view viewer views virtual
visitor visual vite volume vue wait waiter wallet warehouse warehouses warning warnings watch
watcher watchers web webhook webhooks webpack website websocket week weight widget widgets
width wiki window windows wire wizard word words work worker workers workflow workflows
workspace workspaces wrapper wrappers writer writers xml yaml yarn yml zip zone zones
adr adrs ci cd conftest gitignore npmrc pkg impl util utils init mod pyproject tsconfig
jsconfig jsonl com org net changelog contributing codeowners copying notice todo vendor third
party ts tsx jsx mjs cjs rs rb cs cc hpp hh md rst adoc ini cfg lockfile lock gemfile
rakefile procfile
"""
_ALSO_NAMES = """
april art august autumn baker ball banks basil bay bell best bill bird bishop black blue bob
booth brook brooks brown bush butler carol carpenter case chance chase chip church clay cliff
cook cooper coral crane cross crystal dale dawn day dean deer drew earl faith farmer field fields
fisher flint ford forest forrest fox frank french gardener gene glen gold grace grant gray green
grey guy hand heath hill hope hunter iris ivy jack jade jasmine jay jean jewel job joy judge june
king knight lake lane lily lincoln little long lord love major marina mark marsh mason max may
melody mercy merit mike miles miller mills moon moss nick noble norm north olive page park parker
parks pat pearl penny pepper peter pierce pike pine pollard poole pope porter potter power powers
price prince pure queen rain ray reed reef rex rich river rivers rob robin rock rose ruby rusty
sage sandy saunders savage sharp short singer skip sky small smith snow south star stark steel
stone storm strong sue summer sunny swan swift taylor teddy temple terry tony tucker turner van
victor violet wade walker wall ward waters weaver webb wells west white will wilder winter wise
wolf wood woods worth young
anybody anything bot build builder ci dependabot deploy dev developer github gitlab jenkins local
localhost me nobody noreply renovate root runner somebody sys test tester ubuntu unknown user
usr vagrant www you
"""
_ENGLISH = """
abandon able abuse academic accident across actor adjust admit adopt adult advance advice afraid
afternoon age agree air alarm alive alone amaze anger animal anniversary annual answer anyone
apart appeal apple arise arm arrange arrive ask asleep assume attack attend attention attract
aware baby balance ban bank bar bare bath beach bean bear beautiful bed bedroom beg behave belief
belong bet bicycle bird birth bite blame blank blind blood blow blue boat bone bonus border bore
borrow boss bottle bottom bowl brain brave bread breakfast breath bridge brief bright brother brush
burn burst busy butter buy cake calm candidate cap captain car careful carry cat catch ceiling
celebrate central century certain chain chair challenge champion charity cheap cheese chef chest
chicken child circle citizen city clever climb closet cloth club coach coast coat coffee coin cold
collapse college comfort communicate community compete complain concept concert conclude conduct
confidence confirm confuse connect consequence consult cool corner count county courage course
court cousin craft crash crazy cream creative crime crisis crowd cruel cry culture cup cure curious
curve damage dance danger dark daughter debate debt decade deep defeat defend degree demand deny
desert desire desk destroy dinner dirt disagree disaster disease dish dislike distance divide
doctor dog dollar door doubt dozen drama draw dream dress drink drive drug dry duty eager ear earn
earth east eat economy edge educate egg eight elder elect eleven employ encourage enemy energy enjoy
enormous enough enter equal escape evening evil exact exam excite excuse exercise expand expensive
explode express eye face factor fair faith fall family famous farm fashion fat father fault favor
fear feed feel fellow fight film fire fish fit five flat flight float floor flower fly fold food
foot force foreign forest forget forgive fortune frame free freedom fresh friend fruit fuel fun
funny furniture future gain gap garden gas gather gentle gift girl glad glass goal gold grab grade
grass grave great ground guess guest guilty gun habit hair half hall hang happy hat hate heart heat
heavy height hide hire hit hold hole holiday honest honey honor horse hospital hotel hour house huge
hundred hungry hurry hurt husband ice ill imagine industry inform ingredient inner innocent insist
inspire insurance intelligent iron island jacket jail joke journey judge juice jump junior jury
justice kick kid kill kitchen knee knife knock laboratory lack lady lamp land laugh law lawyer lay
lazy leaf learn leg lend lesson letter lie lift lip listen loan lonely lose loud lovely luck lunch
magic mail male man marriage marry mass meal measure meat medicine meet melt mental metal middle
military milk million mind mine minister mirror mistake mix mobile modern money monkey month mood
moon moral morning mother motion motor mountain mouse mouth movie murder muscle museum music narrow
nation natural neck needle neighbor nephew nerve nice night nine noise noon north nose novel nurse
nut obey ocean odd office oil onion opinion opportunity oppose orange ought oven pain paint pair
palace pale pan paper parent park party passenger passion patient peace pen pencil permit pet photo
piano picture pie piece pig pink pity plane plant plastic plate play please pocket poem poet poison
police polite pool popular population pot potato pound pour poverty powder pray president press
pretend pretty pride priest prison prize profession professor promise prove publish punish pupil
purple push quarter queen quiet race radio railway rare reaction rebel recipe recover red reform
refuse regret regular reject relax religion rely remember remind rent repeat rescue research respect
retire reveal revolution reward rice ride ring rise river road rob rock roof room root rope rough
row royal rubber rude ruin sad sail salad sale sand satisfy sauce scene school science scream sea
seat secretary seed seek seldom serious servant settle seven sex shade shadow shake shape sharp she
sheep sheet shelf shine ship shirt shock shoe shoot shore shoulder shout shower shut sick silence
silent silver sing sister sit six skill skin skirt sky sleep slip smart smell smile smoke smooth
snake sock soft soil soldier solid son song sorry sort soul sound soup sour spell spend spirit spoon
sport spot spread spring square stable stair stamp stand steal steam steel stick stomach stone storm
story strange street strength stretch strike strong struggle student study stupid succeed sudden
suffer sugar suit sun supper surface surprise surround survive sweet swim sword sympathy tail tale
talent talk tall taste teach tear telephone television temperature temple tend tent terrible thank
theater thick thief thin thousand threat throat throw thumb thunder tidy tie tiger tight tiny tired
toe tomorrow tongue tonight tooth touch tough tour tower town toy tradition tragedy travel treasure
trial tribe trick trip trouble truck trust truth tube tune twelve twenty twice ugly uncle universe
university upset urge urgent usual valley vast vegetable vehicle victim victory village violent
visit voice volume vote wage wake walk wall war warm wash waste wave weak wealth weapon wear weather
wedding weekend weigh welcome west wet wheel whisper wife wild win wind wine wing winter wisdom wish
witness woman wonder wood wool worry worth wound wrap yard yellow yesterday young zero
monday tuesday wednesday thursday friday saturday sunday january february march july september
october november december
"""
_RUN = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\WA-Za-z\d_]+")
_SHORTEST = 3


def words_of(text: str) -> list[tuple[int, int]]:
    """Return the spans of the words in a text: whole runs of letters, and the humps in them."""
    spans: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        spans.append(run.span())
        humps = [(run.start() + h.start(), run.start() + h.end()) for h in _HUMP.finditer(run[0])]
        spans += humps if len(humps) > 1 and run[0].isascii() else []
    return spans


def is_ordinary(word: str) -> bool:
    """Tell whether a word is an ordinary one, in any of its inflections and in any case."""
    folded = word.casefold()
    return folded in _words() or stem_of(folded) in _stems()


def strange_words(text: str) -> list[str]:
    """Return the words of a text that are not ordinary; letters alone and pairs do not count."""
    found = []
    for run in _RUN.findall(text):
        if is_ordinary(run):
            continue
        humps = _HUMP.findall(run) if run.isascii() else [run]
        found += [each for each in humps if len(each) >= _SHORTEST and not is_ordinary(each)]
    return found


@cache
def _words() -> frozenset[str]:
    return STOP | COMMON | frozenset(f"{_TRADE} {_ALSO_NAMES} {_ENGLISH}".split())


@cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem_of, _words()))
