"""Show ``explain`` and ``eligible`` in a terminal. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table

from calls import facts as f
from calls import parse, skills_in
from line1555.readers.eligible import EligibilityAnswer, Moment
from line1555.readers.explain import Attempt, OverflowStep, Story, Wait
from line1555.screen import Screen

Words = Mapping[str, str]

_ENGLISH: Words = {
    "call": "call {call}: from {ani} to {dnis}, {at}; {outcome}, {total} s in all",
    "callback": "callback {call}: to {ani}, promised{by} {at}{due}; {outcome}, {total} s in all",
    "place_of": "in the place of {call}",
    "due_at": ", for {at}",
    "as": "called back as {call}",
    "missed": "{at}  {agent} did not reach them: {result}{detail}; {again}",
    "again": "again after {seconds} s",
    "given_up": "given up",
    "none": "it has not waited for an agent",
    "wait": "wait {n}: {queue}, from {at}, at position {position}; {ended}{agent} after {wait} s",
    "asks": "asks for   {requires}   (logged in and able: {agents})",
    "key": "key        {key}",
    "relaxes": "relaxes    {step}",
    "changed": "at {waited} s    {why}: {requires}   ({queue}, {priority} points)",
    "kept": "kept for   {agent}",
    "turn": "{at}  {queue}: {limit} {found}-> {goes}",
    "by": " by {by}",
    "due": "due",
    "score": "score",
    "columns": "waited s|agent|rule|key|eligible, in order|excluded|ended",
    "of": "of",
}
_GREEK: Words = {
    "call": "κλήση {call}: από {ani} προς {dnis}, {at}· {outcome}, συνολικά {total} δευτ.",
    "callback": "επανάκληση {call}: προς {ani}, υποσχέθηκε{by} {at}{due}· {outcome}, συνολικά {total} δευτ.",
    "place_of": "στη θέση της {call}",
    "due_at": ", για {at}",
    "as": "επανάκληση ως {call}",
    "missed": "{at}  {agent} δεν τον βρήκε: {result}{detail}· {again}",
    "again": "ξανά μετά από {seconds} δευτ.",
    "given_up": "τελευταία προσπάθεια",
    "none": "δεν περίμενε για εκπρόσωπο",
    "wait": "αναμονή {n}: {queue}, από {at}, στη θέση {position}· {ended}{agent} μετά από {wait} δευτ.",
    "asks": "ζητά       {requires}   (συνδεδεμένοι που μπορούν: {agents})",
    "key": "σειρά      {key}",
    "relaxes": "χαλαρώνει  {step}",
    "changed": "στα {waited} δευτ.  {why}: {requires}   ({queue}, {priority} μονάδες)",
    "kept": "κρατείται για  {agent}",
    "turn": "{at}  {queue}: {limit} {found}-> {goes}",
    "by": " από {by}",
    "due": "έληξε",
    "score": "βαθμός",
    "columns": "αναμονή|εκπρόσωπος|κανόνας|σειρά|κατάλληλοι, κατά σειρά|αποκλείστηκαν|κατάληξη",
    "of": "από",
}
LANGUAGES: Mapping[str, Words] = {"el": _GREEK, "en": _ENGLISH}

_TERMS: Words = {
    "handled": "εξυπηρετήθηκε",
    "abandoned": "εγκατέλειψε",
    "left_in_menu": "έφυγε από τα μενού",
    "informed": "ενημερώθηκε",
    "transferred": "προωθήθηκε",
    "overflowed": "υπερχείλισε",
    "refused": "απορρίφθηκε",
    "survived": "χωρίς τη μηχανή",
    "lost": "χάθηκε",
    "unreached": "δεν βρέθηκε",
    "not over": "δεν έληξε",
    "still waiting": "περιμένει ακόμα",
    "connected": "συνδέθηκε με",
    "open": "σε εξέλιξη",
    "answered": "απαντήθηκε",
    "no_answer": "δεν απάντησε",
    "busy": "κατειλημμένο",
    "rejected": "αρνήθηκε",
    "unreachable": "δεν βρέθηκε",
    "redirected": "εκτροπή",
    "failed": "απέτυχε",
    "withdrawn": "ανακλήθηκε",
    "skill": "δεξιότητα",
}
"""Outcomes, results and rules, which facts name in English; what is not here stays as it is."""


def _term(name: str, words: Words) -> str:
    return _TERMS.get(name, name) if words is _GREEK else name


def tell_story(console: Screen, story: Story, language: str) -> None:
    """One call."""
    words = LANGUAGES[language]
    said = {"call": story.call, "ani": story.ani or "?", "dnis": story.dnis or "?", "at": story.started_at or "?"}
    due, by = words["due_at"].format(at=story.due_at) if story.due_at else "", _by(story.promised_by, words)
    first = words["callback" if story.callback else "call"]
    _say(
        console, first.format(**said, due=due, by=by, outcome=_term(story.outcome, words), total=_number(story.total_s))
    )
    for line in _before(story, words):
        _say(console, "  " + line)
    for number, wait in enumerate(story.waits, 1):
        _tell_wait(console, number, wait, words)
    if not story.waits:
        _say(console, words["none"])


def _before(story: Story, words: Words) -> Iterable[str]:
    """Tell what became of the call apart from its waits."""
    if story.callback_of:
        yield words["place_of"].format(call=story.callback_of)
    for turn in story.turns:
        yield _turn(turn, words)
    if story.called_back_as:
        yield words["as"].format(call=story.called_back_as)
    for missed in story.missed:
        again = words["given_up"] if missed.again_s is None else words["again"].format(seconds=_number(missed.again_s))
        detail = f" {missed.detail}" if missed.detail else ""
        said = {"result": _term(missed.result, words), "detail": detail, "again": again}
        yield words["missed"].format(at=missed.at, agent=missed.agent, **said)


def _by(name: str, words: Words) -> str:
    """Say who ordered it; nothing if nobody did."""
    return words["by"].format(by=name) if name else ""


def _turn(turn: OverflowStep, words: Words) -> str:
    found = "" if turn.found is None else f"({turn.found:g}) "
    return words["turn"].format(at=turn.at, queue=turn.queue, limit=turn.limit, found=found, goes=turn.goes)


def _tell_wait(console: Screen, number: int, wait: Wait, words: Words) -> None:
    agent = f" {wait.agent}" if wait.agent else ""
    ended = _term(wait.ended, words) + _by(wait.ended_by, words)
    said = {"queue": wait.queue, "at": wait.entered_at, "position": wait.position, "ended": ended}
    _say(console, "\n" + words["wait"].format(n=number, agent=agent, wait=_number(wait.wait_s), **said))
    for line in _asked(wait, words):
        _say(console, "  " + line)
    if wait.offers:
        console.print(_offers(wait.offers, words))


def _asked(wait: Wait, words: Words) -> Iterable[str]:
    yield words["asks"].format(requires=wait.requires, agents=wait.agents_in)
    yield words["key"].format(key=_key(wait.key, words))
    if wait.kept_for:
        yield words["kept"].format(agent=wait.kept_for)
    for step in wait.relaxes:
        yield words["relaxes"].format(step=step)
    for change in wait.changes:
        yield words["changed"].format(
            waited=_number(change.waited_s),
            why=change.why + _by(change.by, words),
            requires=change.requires,
            queue=change.queue,
            priority=_number(change.priority),
        )


def _offers(offers: Iterable[Attempt], words: Words) -> Table:
    table = Table(*words["columns"].split("|"))
    for offer in offers:
        result = _term(offer.result, words)
        ended = result if offer.ring_s is None else f"{result}, {_number(offer.ring_s)} s"
        table.add_row(
            _number(offer.waited_s),
            offer.agent,
            offer.rule,
            _key(offer.key, words),
            _eligible(offer, words),
            "\n".join(_excluded(each, words) for each in offer.excluded),
            f"{ended} {offer.detail}".rstrip(),
        )
    return table


def _eligible(offer: Attempt, words: Words) -> str:
    more = f" ... ({words['of']} {offer.eligible_count})" if offer.eligible_count > len(offer.eligible) else ""
    return " ".join(offer.eligible) + more


def _excluded(each: f.Excluded, words: Words) -> str:
    more = " ..." if each.count > len(each.agents) else ""
    return f"{_term(each.rule, words)} {each.count}: {' '.join(each.agents)}{more}"


def _key(key: tuple[float, float], words: Words) -> str:
    """The tier and value, and what they mean: a score before the call is due, the order of due times after."""
    tier, value = key
    meant = f"{words['score']} {_number(-value)}" if tier else words["due"]
    return f"({tier:g}, {_number(value)}) {meant}"


def tell_survey(console: Screen, found: EligibilityAnswer) -> None:
    """One hypothetical call."""
    _say(
        console, f"queue {found.queue}, policy {found.policy}; all {found.agents} agents counted as logged in and ready"
    )
    _say(
        console,
        f"score = {_number(found.points)} + {_number(found.ageing)} x seconds waited; "
        f"due after {_number(found.due_after_s)} s: before all that are not",
    )
    for step in found.relaxes:
        _say(console, f"relaxes at {step}")
    before = ""
    for moment in found.moments:
        _tell_moment(console, moment, found.agents, again=moment.requires == before)
        before = moment.requires


def _tell_moment(console: Screen, moment: Moment, agents: int, *, again: bool) -> None:
    standing = "due" if moment.due else f"score {_number(moment.score)}"
    told = "as before" if again else f"asks for {moment.requires}"
    _say(console, f"\nafter {_number(moment.waited_s)} s: {moment.eligible} of {agents} agents, {standing}; {told}")
    if again:
        return
    if moment.groups:
        console.print(_groups(moment))
    if moment.missing:
        lacking = ", ".join(f"{missing.need} ({missing.count})" for missing in moment.missing)
        _say(console, f"  the others lack {lacking}")


def _groups(moment: Moment) -> Table:
    """Groups with those of their skills that are asked for."""
    asked = skills_in(parse(moment.requires))
    table = Table("agents", "first of them", "with", show_edge=False)
    for group in moment.groups:
        more = " ..." if group.count > len(group.agents) else ""
        skills = " ".join(f"{skill} {level}" for skill, level in group.skills.items() if skill in asked)
        table.add_row(str(group.count), " ".join(group.agents) + more, skills)
    return table


def _number(value: float | None) -> str:
    # + 0.0: a score of minus nothing is nothing.
    return "-" if value is None else f"{value + 0.0:.1f}".rstrip("0").rstrip(".")


def _say(console: Screen, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
