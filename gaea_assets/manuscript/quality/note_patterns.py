"""How an author's notes to themself look, for `editing_notes`."""

import re

SET_PHRASE = re.compile(
    r"""^(?:(?:note|memo|reminder)\s+to\s+(?:self|me|myself|editor)|n\.?b\.?:?\s+(?:check|fix|rewrite)
    |(?:[\w'\u2019]+\s+){0,4}?(?:scene|chapter|text|dialogue|passage|paragraph|section|transition|ending|bit
        |fight|part|line
        |description|stuff)s?
        \s+(?:is\s+|still\s+)*(?:missing|here|goes\s+here|to\s+come|t\.?b\.?[adc]\.?|needed|tk)
    |missing\s+(?:scene|chapter|text|dialogue|passage|paragraph|section|transition)s?
    |(?:to|2)\s+be\s+(?:written|rewritten|expanded|filled\s+in|fleshed\s+out|revised|added|named|decided|researched)
    |place\s?holder|work\s+in\s+progress|w\.?i\.?p\.?$
    |(?:rewrite|re-?work|revise)(?:$|\W*\s(?:this|it|from|the|to|so|in|as|later|scene|chapter|bit|ending|opening)\b)|flesh\s+(?:this\s+|it\s+)?out
    |expand(?:\s+(?:this|here|on\s+this|later|more))?$|more\s+(?:here|description|detail|dialogue)s?
    |needs?\s+(?:(?:a|more|better|some|to\s+be|another|an)\s+)*(?:work|detail|description|dialogue|names?|research
        |rewrit\w+|better|fixing|checking|polish\w*|cutting|scene|chapter|transition)\b
    |(?:fact|spell|name|date|timeline|continuity|sensitivity)[\s-]?check|(?:check|verify|confirm|fix|cut)\s*(?:this|me
        |later|spelling|facts?|dates?|names?|timeline|continuity|sources?|here)\s*[?!.]*$
    |(?:find|pick|choose|need)\s+(?:a\s+)?(?:better\s+|new\s+|different\s+|another\s+)?(?:word|name|title|synonym)\b
    |needs?\s+\w+\s+here|maybe\s+(?:cut|move|add|delete|rewrite)\b|better\s+(?:transition|word|name|verb|phrase|line|ending|simile|metaphor)|word\s+choice|wrong\s+word|(?:awk|rep)\.?$
    |(?:character|city|town|street|place|last|first|sur|company|ship|god|food|drink|car|date|year|street)\s?name\??$
    |(?:name|date|year|age|place|number|month|city|word)\s*(?:here|\?+|tk|goes\s+here)$
    |(?:beta|editor|ed|author|a/n|an|comment|commented|draft|my\s+note|note\s+for\s+(?:me|later|revision|editor))\s*:
    |(?:tk|todo|fixme|tbd|verify|research|add|consistency|continuity|spelling|timeline|pacing|fact)\s*:
    |more\s+(?:about|on|of)\s+(?:the|this|his|her|their|how|why|what)\b|come\s+up\s+with\b|something\s+happens\b
    |look\s+(?:this|it|that|these)\s+up\b|check\s+(?:with|whether|if|against|that\s+this|how|when)\b|etc\.?,?\s+etc
    |(?:i\s+|we\s+|still\s+)*(?:need|have|want|remember|don'?t\s+forget|must\s+remember)s?\s+to\s+(?:explain
        |fix|add|check
        |mention|describe|cut|rewrite|revise|foreshadow|set\s+up|establish|research|write|decide|change|show|find\s+out)\b
    |(?:way\s+|is\s+(?:this|it)\s+|(?:this|it)\s+is\s+)?too\s+(?:long|short|slow|fast|much|wordy|vague|cheesy|purple|modern
        |obvious|similar)\W*$
    |should\s+(?:this\s+|it\s+)?be\s+(?:\w+er|more|less|in|cut|moved|longer|earlier)\b|clich\w+\W*$
    |(?:sex|love|fight|action|chase|battle|kissing|kiss|dream|dinner|travel|training|death)\s+scene$
    |(?:alternat(?:e|ive)|old|new|previous|earlier|original)\s+version\s+(?:below|above|here|follows)
    |(?:end|start)\s+(?:of\s+)?(?:draft|new\s+bit|rewrite)\b|pov\s+(?:change|shift|switch|slip)|description\s+of\s+\w
    |(?:this|that|the)\s+(?:whole\s+|entire\s+|last\s+)?(?:section|bit|paragraph|scene|chapter|sentence
        |dialogue|ending)\s+
        (?:is|isn'?t|needs?|should|feels?|reads?|doesn'?t|could|seems|sounds|drags|goes|sucks)\b
    |(?:does|do|would|could|did)\s+(?:he|she|they)\s+(?:\w+\s+)?(?:know|say|remember|do)\s+(?:this
        |that)(?:\s+(?:yet|here))?\W*$
    |(?:insert|add)\s+(?:[\w'\u2019]+\s+){0,3}(?:flashback|backstory|song|poem|letter|joke|scene|description
        |name|dialogue|quote
        |detail|fight|paragraph|chapter|sentence|metaphor|simile|date|place)s?\b
    |not\s+sure\s+(?:about|if|whether|this)\b|repetit\w+$|(?:i|he|she|they|we)(?:['\u2019]ve|\s+have|\s+has)?\s+already
        \s+(?:said|mentioned|used|told|established)\b
    |(?:timeline|continuity|pacing|tense|pov)\s+(?:problem|issue|error|off|wrong|slip)|(?:scene|chapter)\s+break\b
    |.*\s(?:goes\s+here|to\s+be\s+(?:written|added|expanded|decided|revised|continued\s+later))$
    |(?:insert|add)\s+(?:here|more|something|stuff|later|details?)\b|insert\s+[\w\s,'\u2019-]+\s+here\b
        |describe\s+(?:here|more
        |better|later|this)\b|delete\s+(?:this|me|later)\b|lorem\s+ipsum|end\s+(?:of\s+)?(?:scene|chapter)\b
    |comments?\s+(?:from|by)\s+[\w.\s]{1,40}:|(?:citation|source|reference)s?\s+needed
    |(?:is|are|was|were)\s+(?:this|that|it|these|those)\s+(?:(?:still|really|actually|historically|the)\s+)*
        (?:right|correct|true|accurate|plausible|consistent|realistic|necessary|clich\w+)\b
    |(?:he|she|they|we|i)\s+should(?:n['\u2019]t|\s+not)?\s+(?:already|not\s+yet)\b
    |who\s+(?:says|said|is\s+(?:saying|speaking))\s+this|why\s+is\s+this\s+here|does\s+this\s+work)""",
    re.IGNORECASE | re.VERBOSE,
)
# A game-like system capitalises its commands; a note in lower case that begins so is the author's.
ORDER = re.compile(
    r"^(?:check|CHECK|fix|FIX|insert|INSERT|rewrite|verify|expand|look up|LOOK UP|fill in|FILL IN|finish|describe"
    r"|confirm|clarify|rephrase|reword|research|foreshadow|flesh out|mention|explain|add|name of"
    r"|write (?:this|it|more)|make (?:this|it|him|her|them|sure)|give (?:him|her|them|this)"
    r"|find (?:a|the|out|better|[A-Z])|ask (?:[A-Z]|about))[ :,\w]|^[a-z][^?]*\s[^?]*\s[^?]*\?$"
)
REQUEST = re.compile(
    r"""^(?:please\s+|maybe\s+|perhaps\s+|should\s+(?:i|we)\s+|must\s+|need\s+to\s+|don'?t\s+forget\s+to\s+|remember\s+to
    \s+|i\s+(?:need|have|want)\s+to\s+|note:?\s+)*(?:insert|add|put|check|fix|expand|rewrite|re-?work|revise|cut(?!\s?scene$)|delete
    |remove|describe|replace|verify|research|look\s+up|fill\s+in|finish|clarify|flesh|move|shorten|lengthen|tighten
    |trim|re-?phrase|re-?word|confirm|decide|needs?|is\s+(?:this|that|the|it)|are\s+(?:these|the|we)|does|do\s+(?:we|i)
    |what|which|who|how|why|where|when|more|less|too|make|change|write|mention|explain|foreshadow|establish
    |maybe|should\s+(?:this|it|i|we|he|she|they)|note|i\s+(?:need|want|should|have|must|think)|this\s+(?:is
        |needs|should|contradicts|repeats)|come\s+back|go\s+back|repeated|repetitive|find)""",
    re.IGNORECASE | re.VERBOSE,
)
# `scene`, `chapter` and the rest, as a writer uses them of their own text. `detail`, `setting` and `research` are left
# out: the windows of a game-like story are full of them.
CRAFT = re.compile(
    r"""\b(?:scenes?|chapters?(?!\s+house)|paragraphs?|dialogue|descriptions?|sentences?|continuity|timeline|p\.?o\.?v
    |backstory|foreshadow\w*|pacing|plot\s?(?:hole|point|line|thread)?|subplot|prose|drafts?|rewrit\w+|wording|word\s+
    choice|word\s?count|tense|exposition|info-?dump|show,?\s+don.?t\s+tell|transition|cliff-?hanger|outline|spelling
    |typo|clich\w+|narrator|reader|earlier\s+on|later\s+on|ch\.?\s?\d+|anachronis\w+|google|wikipedia
    |character\s+(?:arc|name)|motivation|more\s+here|historically|accurate)\b""",
    re.IGNORECASE | re.VERBOSE,
)
MARK = re.compile(
    r"^(?:TODO|TO\s?DO|FIXME|XXX+|TK(?:TK)*|TBD|TBC|TBA|HACK|WIP|NTS|A/N)\b|[a-z] \?{2,}$|^\?{2,}\s"
    r"|^(?:check|CHECK|fix|FIX|cut|CUT|expand|EXPAND|revise|REVISE|verify|VERIFY|EDIT|NAME|name|PLACE|DATE)[?!]*$"
)
CERTAIN = re.compile(
    r"(?:TODO|FIXME|TK(?:TK)*|TBD|XXX+|WIP|NTS)\b|(?i:note to self|placeholder|(?:scene|chapter) missing)"
)
GROUP = re.compile(
    r"\[(?P<square>[^\[\]\n]{1,400})\](?!\()|\(\((?P<round>[^()\n]{1,300})\)\)|\{(?P<curly>[^{}\n]{1,300})\}"
)
# What stands before and behind a line of its own: typographic marks, but no quotation marks.
_EDGE = r"^[^\w\"\u201c\u201d'\u2018\u2019(\[{]{0,4}"
_START = r"^[^\w\"\u201c\u201d\u201e\u00ab'\u2018\u2019]{0,3}"
_END = r"[^\w\"\u201d]*$"
# What a text can hold in two capitals or three and a number, or a colon: a system's figures, weapons, roles.
_STATS = (
    r"(?:[HMSXEADLTCPK]P|STR|DEX|CON|INT|WIS|CHA|AGI|VIT|END|LUC?K|LCK|ATK|DEF|MAG|RES|SPD|ACC|EXP|LVL?|AC|DC|N?PC"
    r"|GM|DM|AI|HQ|CO|TV|PA|OS|UI|CPU|ID|ETA|[AP]M|PS|NB|OOC|IC|SMS|FM|CB|S?FX|VO|EXT|POV|MC)"
)
BEFORE_A_GAP = re.compile(r"\b(?:an?|the|in|to|at|of|from|by|near|with|his|her|their|called|named) $")
PARTS = "scene|chapter|description|dialogue|backstory|flashback|paragraph|transition"
_PIECE = rf"(?:{PARTS.upper()}|BIT|PART|SECTION|LINE|SENTENCE|ENDING|OPENING)S?"
_DRAMA = "(?:FIGHT|BATTLE|DUEL|CHASE|ARGUMENT|CONVERSATION|KISS|ENDING|OPENING)S?"
SOME = r"(?:[\w'\u2019-]+\s+){0,4}?"
# Where the writer goes on: a sign can say so too.
RESUME = (
    r"(?:(?:RESUME|CONTINUE|START|RESTART|PICK\s+UP|STOPPED|LEFT\s+OFF)(?:\s+(?:WRITING|EDITING|AGAIN))?\s+HERE"
    r"(?:\s+(?:TOMORROW|TODAY|NEXT|LATER|AGAIN))?)"
)
PLACE = re.compile(RESUME, re.IGNORECASE)
IN_SENTENCE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        # A word of shouted Spanish and a list headed TODO are no marks.
        re.compile(
            r"(?<![A-Z\u00c0-\u00dca-z] )(?<![\u00a1\u00bf\w])(?:TODO|FIXME)\b(?!\s+[A-Z\u00c0-\u00dc]{2,}\b|!)"
            r"|\b(?:TODO|FIXME|TBD|TK|WIP|NTS)\s?:|^(?:TODO|FIXME|TBD|TKTK\w*|WIP)\b"
            r"|\b(?:TK(?:TK)+|[Tt]k(?:tk)+|TK(?:NAME|DATE|PLACE|CITY))\b"
            r"|\b(?:TK|XXX+) (?=(?i:name|date|place|city|number|scene|description)\b)"
        ),
        "an editing mark",
    ),
    (
        re.compile(
            r"(?<=[a-z,] )\?{2,}(?=,? [a-z]|[,;.])|^\?{2,3}\s+[a-z][^\n]*"
            r"|<(?:name|city|town|street|place|date|number|character|placeholder|insert [^<>\n]{1,60})>"
        ),
        "a placeholder",
    ),
)
SURE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            rf"{_EDGE}(?:(?:INSERT|ADD|WRITE)\s+{SOME}(?:{PARTS.upper()})S?(?:\s+[A-Z\d'\u2019-]+){{0,4}}"
            rf"|(?:INSERT|ADD|WRITE):\s+{SOME}(?i:{PARTS})s?"
            rf"|{SOME}(?<!CRIME )(?:{PARTS.upper()})S?\s+(?:GOES\s+HERE|HERE|MISSING|TK|TO\s+COME)"
            rf"|(?:WRITE|ADD|INSERT|DESCRIBE)\s+(?:THE\s+|A\s+)?{SOME}{_DRAMA}\s+HERE"
            rf"|(?i:insert)\s+{SOME}(?i:{PARTS})s?\s+(?i:here)|PLACEHOLDER){_END}"
        ),
        "a note on a scene to write",
    ),
    (
        re.compile(
            rf"{_EDGE}(?:(?:REWRITE|REVISE|REWORK|FIX|EXPAND|CHECK|CUT|DELETE|MOVE)\s+THIS\s+{_PIECE}"
            r"|(?:REWRITE|REVISE|REWORK)\s+(?:THIS|LATER|HERE)|(?:EXPAND|CHECK|CUT|VERIFY)\s+THIS|FIX\s?(?:ME|THIS|LATER)"
            rf"|(?i:{PARTS})\s+(?i:missing|goes\s+here|to\s+come|to\s+be\s+written)){_END}"
        ),
        "a note on what to do",
    ),
    (
        re.compile(
            rf"^#(?i:todo)\b|{_START}(?i:to-?do)\s*(?:[\u2013\u2014-]\s*|\s)(?i:add|fix|check|write|rewrite|insert|describe"
            r"|expand|cut|find|decide|research|finish|move|explain|mention|remove)\b"
        ),
        "an editing mark",
    ),
    (re.compile(r"^(?:<{7}|>{7})\s\S.*"), "the mark of a merge conflict"),
    (
        re.compile(rf"{_EDGE}(?i:(?:edited|revised|rewritten|proof-?read|line-?edited)\s+(?:up\s+)?to\s+here){_END}"),
        "a note on how far the editing has come",
    ),
    (re.compile(r"<!--.*?(?:-->|$)"), "an HTML comment"),
    (re.compile(r"/\*(?!\*)[^*\n]{2,300}\*/"), "a comment between /* and */"),
    (
        re.compile(r"\{>>[^\n]*?(?:<<\}|$)|\{(?P<sign>\+\+|--|~~|==)[^{}\n]{1,400}(?P=sign)\}"),
        "a comment or change in CriticMarkup",
    ),
    (re.compile(r"%%(?=\S|\s\w)[^%]*?%%"), "a comment between %%"),
    (
        re.compile(
            r"(?<=\w)\[[A-Z]{1,4}\d{1,3}\]|"
            rf"^\[(?!(?:{_STATS}|AK|MK)\d)[A-Z]{{2,3}}\d{{1,3}}\](?=[\"\u201c\u2018']?\w)|"
            r"\bComment(?:ed)?\s?\[[A-Z]{1,4}\d{1,3}\]|^(?:Formatted|Deleted|Inserted): "
            r"|Error! (?:Reference source|Bookmark) not|<(?:del|ins)>[^<\n]*(?:</(?:del|ins)>)?"
        ),
        "residue of Word's review",
    ),
    (
        re.compile(
            rf"{_START}(?:author(?:['\u2019]?s)?['\u2019]? notes?|a/n|beta (?:note|reader)s?(?: (?:comment|note)s?)?"
            r"|note to (?:editor|beta)|chapter notes)\s*:",
            re.IGNORECASE,
        ),
        "an author's note",
    ),
    (
        re.compile(
            rf"{_START}(?:scene goal|scene summary|chapter summary|word ?count(?=\s*:\W*\d)|to ?do(?: list)?"
            r"|things to fix|plot notes|revision notes|last (?:edited|revised|modified))\s*:"
            rf"|{_START}(?:chapter|scene) [\w-]{{1,12}} outline\W*$",
            re.IGNORECASE,
        ),
        "a planning line",
    ),
    (
        re.compile(
            rf"{_START}(?:draft (?:no\.? ?|#|v)?\d+|(?:version|revision|rev\.?|v) ?\d+(?:\.\d+)*)\b"
            r"[\s,.:;(\u2013\u2014/\w-]{0,24}[^\w.!?]*(?<![.!?])$",
            re.IGNORECASE,
        ),
        "a version line",
    ),
    (re.compile(r"\b[Ll]orem ipsum dolor\b"), "placeholder text"),
)
# Signs, stamps, forms and other worlds' years look so too.
LIKELY: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            rf"{_EDGE}(?:(?:REWRITE|REVISE|REWORK|FIX|EXPAND|CHECK|CUT|DELETE|MOVE)\s+THE\s+{_PIECE}"
            r"|(?:EXPAND|CHECK|CUT|VERIFY)\s+(?:LATER|HERE)|DELETE\s+(?:ME|LATER)"
            r"|(?:ADD|WRITE|INSERT)\s+(?:SOME\s+)?MORE\s+(?:[A-Z]+\s+){0,3}HERE"
            r"|(?:ADD|NEEDS?)\s+(?:SOME\s+)?(?:MORE\s+)?(?:DETAILS?|TENSION|CONFLICT|RESEARCH|WORK)"
            r"|(?:CHECK|VERIFY|CONFIRM|FIX)\s+(?:THE\s+)?"
            r"(?:FACTS?|SPELLINGS?|DATES?|NAMES?|TIMELINE|CONTINUITY|SOURCES?|TENSES?)"
            r"|MOVE\s+(?:THIS\s+)?TO\s+(?:CHAPTER|SCENE|PART|CH\.?)\s+\w+"
            rf"|REWRITE|REWORK|REPHRASE|REWORD|EXPAND|AWKWARD|{RESUME}"
            rf"|DRAFT|[Pp]laceholder(?:\s+for\s+[^.!?\"]{{2,60}})?){_END}"
        ),
        "a note on what to do",
    ),
    (re.compile(r"^(?:AU|AQ):\s+(?=[a-z]|(?i:please|query|check|confirm)\b).*|^EDIT:\s.*"), "an editor's query"),
    (
        re.compile(rf"{_START}synopsis\s*:|{_START}\d{{1,3}}(?:,?\d{{3}})* words[^\w.!?]*$", re.IGNORECASE),
        "a planning line",
    ),
    (
        re.compile(
            rf"{_START}(?:first|second|third|fourth|fifth|rough|final|working|zero|\d+(?:st|nd|rd|th)) draft\b"
            r"[\s,.:;(\u2013\u2014/\w-]{0,24}[^\w.!?]*(?<![.!?])$",
            re.IGNORECASE,
        ),
        "a version line",
    ),
    (
        re.compile(
            r"^[*_~\s]{0,4}\?{3,}[*_~\s]{0,4}$|\b(?:1\d|20)(?:XX|xx)\b"
            r"|\b(?:is|are|was|were|has|had|have|for|about|nearly|almost|over|than)\s_{2,}\s(?=[a-z])"
            # Old novels leave out places and persons so: `at ____ in Essex`, `the Duke of ____`.
            r"|(?<=[a-z]\s)(?<!\b(?:of|at|in|to|by|on)\s)(?<!\b(?:the|and)\s)(?<!\b(?:from|near|with|into|year)\s)"
            r"_{3,}(?=\s[a-z]|[.,;?!])"
            r"|(?<!\S)%[sd](?=[\s,.;:?!])"
            r"|\b(?:XX|xx)\s(?=(?:years?|months?|weeks?|days?|hours?|minutes?|miles?|feet|metres|meters|dollars|pounds"
            r"|people|men|percent)\b)"
        ),
        "a placeholder",
    ),
    (
        re.compile(
            r"\b(?:the|an?|to|at|in|from|of|with|into|his|her|their|named|called)\s(?:TODO|FIXME)\b"
            r"(?![\s-]*(?i:lists?|items?|notes?|app|board|files?|comments?|s|pile|section)\b)"
        ),
        "an editing mark",
    ),
    (re.compile(r"\[\?{1,2}\]|\(\?{2,}\)"), "a mark of doubt"),
    (
        re.compile(r"</?(?i:p|b|i|u|em|strong|br|hr|div|span|center|font|h[1-6]|blockquote)(?:\s[^<>\n]*)?/?>"),
        "a mark of HTML",
    ),
    (
        re.compile(rf"{_START}(?:POV|Setting|Scene goal)\s?:\W{{0,3}}(?:\s+[^\s.!?]+){{1,12}}\.?[*_]*$"),
        "a planning line",
    ),
    (re.compile(r"^[\W_]*(?:todo|fixme)(?:[\W_]*$|\s+(?:later|here|this|next)\b)"), "an editing mark"),
)
# A quotation that begins with a mark, or is one: what somebody reads out. `TK was a town` stands in for a name.
READ_OUT = re.compile(r"[\s*_#/(\[-]{0,4}[A-Za-z]+\s?(?:[,.:;!?\u2026\u2014\u2013)\]-]|$)")
COMMENT = re.compile(r"^//+\s*(?P<all>\S.*)$|\s//\s+(?P<rest>\S.*)$")
BARE_TK = re.compile(r"(?<=[a-z,] )TK\b(?![-'\u2019\w])|^\W{0,4}(?:(?:CHAPTER|PART|BOOK) )?TK(?:\W{1,3}TK)*\W{0,4}$")
# Who is spoken of as TK is a character.
TK_IS_NAME = re.compile(
    r"\bTK['\u2019]s|(?:^|[.!?\u201d\"] )TK [a-z]|\bTK (?:said|asked|was|is|had)\b|[\"\u201c]TK[,.!?]", re.MULTILINE
)
# Neighbours of chapter XXX: where they stand, XXX can be a number.
NEAR_THIRTY = ("XXVIII", "XXIX", "XXXI", "xxviii", "xxix", "xxxi")
_NUMBERED = "".join(
    rf"(?<!(?i:\b{word}) )"
    for word in (
        "chapter",
        "part",
        "book",
        "canto",
        "psalm",
        "page",
        "section",
        "volume",
        "letter",
        r"vol\.",
        r"p\.",
        r"pp\.",
    )
)
# At the end of a line, a sentence or a speech `xxx` is kisses.
XXX_IN_WORDS = re.compile(
    rf"(?<![\w.@/'\u2019-]){_NUMBERED}(?:(?<=\w )(?![Xx]+(?:!|\s+[A-Z]))|(?<!\w ))[Xx]xx+(?![\w@/'\u2019-]|\.\w)"
    r"(?![\s!*_)\"\u201d\u2019']*$|[,.!?]*[\"\u201d\u2019*_])"
)
XXX_MARK = re.compile(
    rf"^[^\w\"\u201c]{{0,4}}(?P<alone>(?i:xxx+))[^\w\"\u201d]{{0,4}}$|{_NUMBERED}\b(?P<colon>XXX+)\s?:|\((?P<round>XXX+)\)"
)
# A paragraph that begins in lower case and does not end as a sentence: a note, where its words are one's.
LONE = re.compile(r"^[*_>!^~\s-]{0,6}(?P<said>[a-z][^.!?\"\u201c\u201d]{2,60}?)\.?[*_<!^~\s-]{0,6}$")
# Kisses, where a letter's signature stands above them.
KISSES = re.compile(r"[*_]?x{3,8}[*_]?")
SIGNATURE = re.compile(r"(?:\A|\n)[*_]?[A-Z\u00c0-\u00dc][\w'\u2019-]*,?(?: [\w'\u2019-]+,?){0,3}[*_]?\s*\Z")
NOTE_TO_SELF = re.compile(
    rf"{_START}note to (?:self|me|myself)(?:\s?[:\u2013\u2014]|\s-\s)\W*(?P<rest>.*)$", re.IGNORECASE
)
# What stands behind `Note:` is the author's where it is an order or is about the writing.
NOTE_LINE = re.compile(r"^[^\w\"\u201c\u2018']{0,3}(?:(?:NOTE|Note|note)s?|NB|N\.B\.)\s?:[*_]{0,3}\s+(?P<rest>\S.*)$")
SIGNED_AS = re.compile(r"(?i:(?:copy\s?)?editor|beta(?:\sreader)?|proof\s?reader|author)\s?:\s+\S")
# A cast or an imprint names its editor with a capital.
SIGNED_LINE = re.compile(
    rf"{_START}(?i:(?:copy\s?)?editor|ed|beta(?:\sreader)?|proof\s?reader|author)\s?:\W{{1,3}}(?P<rest>[a-z].*)$"
)
REMARK = re.compile(r"\s*(?:note|nb|n\.b\.|reminder)\s?:(?:\s+\S+){1,20}\s*$", re.IGNORECASE)
STRUCK_OUT = re.compile(r"~~(?!\s)[^~\n]{2,}?(?<!\s)~~")
# Not what is painted on a jug; a story of teletypes ends its messages so.
XXX_IN_PROSE = re.compile(
    r"\b(?!(?:chapter|part|book|marked|branded|letter|canto|psalm|labelled|stamped|page|section|volume|vol)\b)"
    r"[a-z]+ XXX+(?=[ ,.;])(?! (?:rum|whisk|ale|beer|gin|brandy|rated))|^XXX+ (?=[a-z])"
)
INITIALS = re.compile(
    rf"(?!{_STATS}\b)"
    r"(?:[A-Z]{2,3}|[A-Z]\. ?[A-Z]\.):\s+(?P<rest>\S.*)"
)
# A transcript's, a translator's or a play's.
TRANSCRIPT = re.compile(
    r"(?:sic|solus|sola|aside|exit|exeunt|omi(?:ssion|tted)|static|crackl\w+|inaudible|unintelligible|illegible|indistinct"
    r"|redacted|laugh\w*|applause|cheer\w*|pause|silence|sigh\w*|gap|blank|torn|blotted|erased|crossed out|missing"
    r"|end (?:of )?(?:recording|transcript|transmission|tape|message)|beat|music|gun(?:fire|shots?)"
    r"|(?:signal|line) lost|doors? (?:opens?|closes?|slams?)"
    r"|(?:translated )?(?:in|from) (?:the )?[A-Z]\w+.*)\W*"
)
# A system asks its player so: `[choose a name for your pet]`, `[delete this item?]`.
COMMAND = re.compile(r"(?:delete|find|pick|choose|confirm|verify)\s", re.IGNORECASE)
TRANSCRIBER = re.compile(r"\[(?:Illustration|Footnote|Sidenote|Pg|Page|p)\b", re.IGNORECASE)
PARENTHESIS = re.compile(
    r"\((?![^()\n]*\b(?:I|[Hh]e|[Ss]he|[Tt]hey|[Ww]e|[Yy]ou)\b)"
    r"(?i:(?:add|insert|check|describe|expand|fix|rewrite|todo)\b:?(?!\s+(?:to|or|in)\b)(?:\s+[^\s()!]+){0,5}"
    r"|maybe\s+(?:cut|move|delete|rewrite|expand|remove)\b(?:\s+[^\s()!]+){0,5}"
    r"|needs?\s+(?:(?:a|an|more|better|some|another)\s+){1,3}(?:description|dialogue|details?|transition|research|scene"
    r"|ending|name|word|backstory)\b(?:\s+[^\s()!]+){0,3}"
    r"|(?:nb|n\.b\.):?(?:\s+[^\s()!]+){1,12}"
    r"|more (?:here|later)|(?:pick|choose) one|scene here|(?:tbd|tbc|wip|nts)\b:?(?:\s+[^\s()!]+){0,5}"
    r"|re-?phrase|re-?word|rework|tighten|make (?:this|it) (?:better|clearer|shorter|longer|stronger|funnier|darker)"
    r"|(?:name|year|date|age|city|town|street|place|title|cut|keep|sp|spelling)\s?\?+"
    r"|(?:research|verify|look up) (?:this|that|the)\b(?:\s+[^\s()!]+){0,4}"
    r"|is this (?:too|right|clear|good|ok(?:ay)?|needed|necessary|accurate|plausible|cheesy)\b(?:\s+[^\s()!]+){0,3})"
    r"[?.\u2026]*\)"
)
ARROWS = re.compile(r"(?:>{2,}|<{2,})\s*(?P<said>[^<>\n]{1,200}?)\s*(?:<{2,}|>{2,})")

# Every rule needs one of these marks in the line, or one of these words at its start.
MARKS = (
    *("[", "{", "(", ">>", "//", "/*", "~~", "??", "__", "<", "%%", "%s", "%d", "\u3010"),
    *("TODO", "FIXME", "TBD", "XX", "TK", "WIP:", "NTS:", "ipsum", "Comment", "Error!", "xx", "tktk", "Tktk"),
)
OPENING = re.compile(
    r"\W{0,4}(?:author|a/n|beta|note|chapter|synopsis|scene|word|to[ -]?do|things|plot|revision|last"
    r"|draft|\w+ draft|editor|ed ?:|copy ?editor|proof ?reader|placeholder"
    r"|description|dialogue|backstory|flashback|paragraph|transition|fixme"
    r"|version|rev|v ?\d|\d|wip|n\.?b\.? ?:|a[uq]:|edit|proof-?read|line-?edit"
    r"|rewr|rework|reword|rephrase|expand|awkward|fix|check|verify|describe|need|cut "
    r"|move |more |come up|find |research"
    r"|formatted|deleted|inserted|insert|add|write|pov|setting|(?-i:[A-Z]{2,} [A-Z]{2})"
    r"|sure|certainly|absolutely|of course|definitely|great|gladly|ok|got it|understood|here|below is|i hope"
    r"|i am|i['\u2019]m|as an? (?:ai|art|large)|if you|let me know|please let|would you|feel free|chatgpt)",
    re.IGNORECASE,
)
