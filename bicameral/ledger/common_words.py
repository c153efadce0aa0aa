"""Words that say little in a software team's talk, whatever the ledger holds.

A small ledger cannot tell by counting that `service` or `update` is common; these lists can.
`STOP` words are never indexed; `COMMON` ones are, but never make a topic match by themselves.
"""

STOP = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can cannot could did do does doing done down during each
    either else ever every few for from further get gets got had has have having he her here
    hers him his how however i if in into is it its itself just let like made make makes may me
    might more most much must my neither no nor not now of off on once one only or other our
    ours out over own per rather same shall she should since so some such than that the their
    them then there these they this those through thus to too two under until up upon us very
    via was we well were what when where whether which while who whom whose why will with
    within without would yes yet you your
    """.split()
)

COMMON = frozenset(
    """
    ability able accept access accord achieve across act action active actual actually add
    added adding addition additional address adr affect agree allow already alternative always
    another answer api app appear application apply approach appropriate architectural
    architecture area around ask aspect available avoid away back backend bad base
    based basic basis become begin behavior behaviour benefit best better beyond big bit block
    body both break bring broken bug build building built bump business call caller care
    case cause caution central certain chance change changes check choice choose chore class
    clean cleanup clear client close code codebase come comment commit common company compare
    complete complex complexity component concern condition config configuration configure
    consequence consider consist consistent contain content context continue contribute control
    convention copy core correct cost couple cover create creation current currently custom
    customer data date day deal decide decision declare default define definition delete deliver
    depend dependency deploy describe description design detail determine develop developer
    development different difficult direct directly directory discuss discussion doc docs
    document documentation domain drop due early easier easily easy edit effect effort element
    empty enable end engineer ensure entire entry environment error especially
    establish etc even event evaluate example except exist existing expect experience explain
    explicit expose extend extra extract fact fail failure false far feat feature field figure
    file files final finally find first fix fixed fixes flag flow focus folder follow following
    form format forward four framework free frequent frontend full function functionality future
    general generate generic give given global go goal good great group grow guide handle handler
    handling happen hard head help helper high hold home human idea identify impact implement
    implementation import important improve improvement include increase individual info
    information initial input inside instance instead intend interact interest interface internal
    introduce issue item job keep key kind know known lack language large last later latest layer
    lead leave left length less level library life light likely limit line link list little load
    local location log logic long look low main maintain major manage manager management manual
    many mark match matter mean mechanism member mention merge message method mind minor miss
    missing mode model module month move multiple name naming nature necessary need needed new
    next node none normal note nothing number object occur offer often old open operate operation
    option optional order organisation organization original others output outside overall
    overview owner package part particular party pass past path pattern pending people
    perform performance person place plan platform point policy poor position possible potential
    pr practice prefer prepare present prevent previous previously principle prior problem
    process produce product production program project propose proposed proper property provide
    public pull purpose put question quick quickly quite raise range reach read ready real really
    reason receive recent recommend record reduce refactor refer reference regard relate related
    release relevant remain remove removed rename replace report repo repository represent
    request require required requirement resource respect response responsible rest result
    resulting return review revise right risk role rule run running safe save scenario scope
    second section see seem select send sense separate server service set setting setup several
    share short show side significant similar simple simplify simply single situation size small
    software solution solve something soon source space special specific specify stack stage
    standard start state statement status stay step still stop store strategy string structure
    style sub subject suggest suit summary support sure system table tag take target task team
    technical technology tell term test tests testing text thing think third three time title
    today together tool tooling top topic total toward track trade treat try turn type typical
    understand unit update updated upgrade usage use used useful user uses using usual util utils
    valid value various version view wait want way week whole wide wip within word work worker
    working world worse write written wrong year
    """.split()
)
