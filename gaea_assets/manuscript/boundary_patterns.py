"""Words and patterns that open, close and carry a scene, which the boundary score looks at."""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
SPEECH = re.compile(
    r"\"[^\"]*(?:\"|$)|\u201c[^\u201d]*(?:\u201d|$)|(?<![\w.,!?])['\u2018](?=[A-Z]).+?(?:[.,!?\u2014-]['\u2019](?!\w)|$)",
    re.DOTALL,
)
SENTENCE_END = re.compile(r"[.!?\u2026][\"'\u201d\u2019*_)]*(?=\s+[\"'\u201c\u2018*_(]*[A-Z])")
CAPITALISED = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+(?:['\u2019][A-Z]?[a-z]+)?")
_UNIT = r"(?:second|minute|hour|day|night|evening|morning|week|fortnight|month|year|winter|summer|season)s?"
_DAYTIME = (
    r"(?:morning|evening|night|nightfall|noon|midday|midnight|dawn|dusk|twilight|daybreak|daylight|sunrise|sunset|"
    r"sundown|afternoon|forenoon|eve)"
)
_DATE = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|winter|christmas|easter)"
)
_NUMBER = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|several|some|many|few|half|couple|\d+)"
)
STARTS = {
    "elapsed": rf"(?:\w+\s){{0,4}}{_UNIT},?\s"
    r"(?:later|after|afterwards?|before|on|passed|went|had|elapsed|earlier|ago)\b"
    rf"|(?:after|for|in|within|during)\s(?:\w+\s){{0,3}}{_UNIT}\b|{_NUMBER}\s(?:\w+\s){{0,2}}{_UNIT}\b",
    "next_time": r"(?:on\s|by\s|early\s|late\s)*(?:the\s)?"
    r"(?:next|following|same|second|third|fourth|other|last|first)\s"
    rf"(?:{_UNIT}|{_DAYTIME}|time)\b",
    "absolute": rf"(?:it\s(?:was|is)\s)?(?:\w+\s){{0,3}}(?:{_DAYTIME}|{_DATE}|o'clock)\b",
    "clock": r"(?:\w+\s){0,3}(?:o'clock|half\spast|quarter\s(?:past|to)|\d{1,2}:\d\d)\b|(?:at|by|towards?|about)\s"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight)\b",
    "it_was": r"(?:it|that|this|there)\s(?:was|is|were|are|had\sbeen)\b",
    "when": r"(?:when|as\ssoon|by\sthe\stime|once|while|long\s(?:before|after)|since|until|before|after)\b",
    "meanwhile": r"(?:meanwhile|meantime|in\sthe\smean|elsewhere|afterwards?|later|soon\safter|some\stime|now\b)",
    "place": r"(?:at|in|on|inside|outside|behind|beyond|beneath|above|below|near|across|down|up|along|upon|beside|"
    r"over|under|back)\s(?:the|a|an|his|her|their|your|my|our|that|this|[A-Z])",
    "the_noun": r"(?:the|a|an)\s\w+",
    "the_noun_place": r"(?:the|a|an)\s(?:\w+\s){1,3}(?:of|in|at|on|from|where|which|was|stood|lay|ran|had)\b",
    "arrival": r"(?:\w+\s){1,6}(?:arrived|reached|came\sto|returned|entered|landed|awoke|woke|rode|drove|walked|went|"
    r"set\sout|started|found\s\w+self|sat|stood|lay)\b",
    "pluperfect": r"(?:\w+\s){1,5}(?:had|hadn't)\s\w+",
    "light": r"(?:\w+\s){0,5}(?:sun|moon|rain|wind|snow|fog|mist|storm|sky|light|dark|darkness|stars|weather|clouds?|"
    r"frost|heat|cold)\b",
    "continuation": r"(?:and|but|so|yet|then|for|or|nor|still|at\sthis|at\sthat|thus|however|therefore|thereupon|"
    r"with\s(?:this|that|these)|here|such|this|that|these|those)\b",
    "pronoun": r"(?:he|she|it|they|him|her|his|their)\b",
    "dated": r"(?:\d|[*_])",
}
ENDS = {
    "sleep": r"\b(?:sleep|slept|asleep|dream\w*|bed|awake|woke|good\s?night|pillow|dead|died|death|grave)\b",
    "departure": r"\b(?:left|went|gone|away|departed?|disappeared|vanished|home|farewell|good-?bye|adieu|out|door|"
    r"closed|shut|behind|rode|drove|walked|off)\b",
    "finality": r"\b(?:end|ended|last|never|forever|for\sever|at\slast|no\smore|over|done|finished|nothing|always|"
    r"again|until|till|alone|silence|silent|darkness)\b",
    "tomorrow": r"\b(?:to-?morrow|to-?night|next\sday|morning|evening|night|day)\b",
}
ENDINGS = {"question": "?", "exclamation": "!", "dash": "-\u2014", "colon": ":,;", "dots": "\u2026"}
START = {name: re.compile(rf"[*_\"'\u201c\u2018(]*(?:{pattern})", re.IGNORECASE) for name, pattern in STARTS.items()}
END = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in ENDS.items()}
TIME = re.compile(rf"\b(?:{_UNIT}|{_DAYTIME}|{_DATE}|o'clock)\b", re.IGNORECASE)

CLASSES: dict[str, str] = {
    "first": "i me my mine myself we us our ours i'm i'd i've i'll",
    "second": "you your yours yourself you'd you're you've you'll thou thee thy",
    "he": "he him his himself he'd he's he'll",
    "she": "she her hers herself she'd she's she'll",
    "they": "they them their theirs themselves they'd they're",
    "past": "was were had did said went came took made saw knew thought looked felt stood could would",
    "present": "is are has does says goes comes takes makes sees knows thinks looks feels stands can will am",
    "perfect": "had hadn't he'd she'd they'd you'd i'd been",
}
MEMBERS = tuple(frozenset(words.split()) for words in CLASSES.values())
_FUNCTION_WORDS = """
a about above after again against all almost alone along already also although always am among an and another any
anything are as at away back be became because been before behind being below between both but by came can cannot come
could did do does doing done down during each either else even ever every everything far few first for found from gave
get give go going gone good got great had has have having he he'd her here hers herself him himself his how however i
i'd i'll i'm i've if in indeed into is it its itself just knew know last least left less let like little long look
looked made make man many may me might mine more most much must my myself never no nor not nothing now of off often
old on once one only or other others ought our out over own perhaps put quite rather said same saw say says see seem
seemed seen shall she should so some something soon still such take than that the their them themselves then there
these they thing things think this those though thought through thus till time to together told too took two under
until up upon us used very was way we well went were what when where whether which while who whole whom whose why will
with within without would yes yet you you'd you'll you're your yours yourself don't didn't couldn't wouldn't it's
that's can't won't wasn't
"""
STOP = frozenset(_FUNCTION_WORDS.split())
