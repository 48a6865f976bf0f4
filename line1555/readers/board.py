"""The terminal board: what a snapshot of the line (``metrics.view``) looks like. Pure: a dictionary in, text out.

Every state has a letter and every alarm a word, so the board reads the same without colour. Nothing is cut: what is too
long for the terminal goes on in the next line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from rich import box
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from line1555.screen import WIDEST

Language = Literal["el", "en"]
Snapshot = Mapping[str, Any]

NOTICES_SHOWN = 5
ROOMY = 48
"""Up to so many logged-in agents each has its time in the state beside it."""


STATES: dict[str, tuple[str, str]] = {
    "ready": ("R", "green"),
    "ringing": ("!", "bold yellow"),
    "talking": ("T", "cyan"),
    "wrap_up": ("W", "blue"),
    "not_ready": ("N", "red"),
    "logged_out": ("-", "dim"),
}
"""Letter and colour of an agent's state, in the order shown."""

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Line 1555",
        "link_up": "link up", "banner": "BANNER", "link_down": "LINK DOWN", "link": "link",
        "journal_ok": "journal ok",
        "journal_bad": "JOURNAL FAULT", "journal_kept": "damaged, kept as", "journal_none": "journal -",
        "calls": "Calls", "menu": "in menus", "waiting": "waiting", "connecting": "connecting", "talking": "talking",
        "transferring": "in transfer", "longest": "longest wait",
        "callbacks": "Callbacks", "promised": "promised", "dialling": "being called", "called_back": "called back",
        "unreached": "not reached", "to_call": "callb.",
        "queue": "Queue", "offered": "offered", "handled": "handled", "abandoned": "aband.", "overflowed": "overfl.",
        "asa": "ASA", "sl": "SL", "aht": "AHT", "agents_in": "agents",
        "today": "Today", "service_level": "service level", "within": "within", "occupancy": "occupancy",
        "agents": "Agents", "a_ready": "ready", "a_ringing": "ringing", "a_talking": "talking",
        "a_wrap_up": "wrap-up", "a_not_ready": "not ready", "a_logged_out": "logged out", "more": "more",
        "notices": "Last events", "none": "none", "rona": "no answer (RONA)", "offer_failed": "offer failed",
        "line_fault": "the line could not ring",
        "away": "Not let in", "away_full": "for want of room", "away_caller": "one number's",
        "away_rate": "too many a second",
        "lost_media_agent": "agent's phone gone", "lost_media_caller": "caller's phone gone",
        "discrepancy": "discrepancy", "command_lost": "command lost", "prompt_lost": "sound missing",
        "unexpected": "unexpected", "order": "order", "trunk": "trunk", "clock": "clock", "set": "set",
        "up": "up", "down": "DOWN", "since": "since",
        "formula": "handled within T / (offered - abandoned within T)",
    },
    "el": {
        "title": "Γραμμή 1555",
        "link_up": "σύνδεση εντάξει", "banner": "ΕΚΤΑΚΤΗ ΑΝΑΚΟΙΝΩΣΗ", "link_down": "ΧΩΡΙΣ ΣΥΝΔΕΣΗ", "link": "σύνδεση",
        "journal_ok": "ημερολόγιο εντάξει",
        "journal_bad": "ΒΛΑΒΗ ΗΜΕΡΟΛΟΓΙΟΥ", "journal_kept": "χαλασμένο, κρατήθηκε ως", "journal_none": "ημερολόγιο -",
        "calls": "Κλήσεις", "menu": "στα μενού", "waiting": "αναμονή", "connecting": "συνδέονται", "talking": "μιλούν",
        "transferring": "σε μεταφορά", "longest": "μέγιστη αναμονή",
        "callbacks": "Επανακλήσεις", "promised": "σε σειρά", "dialling": "καλούνται", "called_back": "έγιναν",
        "unreached": "χωρίς απάντηση", "to_call": "επαν.",
        "queue": "Ουρά", "offered": "προσφ.", "handled": "εξυπηρ.", "abandoned": "εγκατ.", "overflowed": "υπερχ.",
        "asa": "μ.αναμ.", "sl": "Ε.Ε.", "aht": "μ.χειρ.", "agents_in": "εκπρ.",
        "today": "Σήμερα", "service_level": "επίπεδο εξυπηρέτησης", "within": "εντός", "occupancy": "απασχόληση",
        "agents": "Εκπρόσωποι", "a_ready": "έτοιμοι", "a_ringing": "χτυπά", "a_talking": "μιλούν",
        "a_wrap_up": "ολοκλήρωση", "a_not_ready": "μη έτοιμοι", "a_logged_out": "εκτός", "more": "ακόμη",
        "notices": "Τελευταία συμβάντα", "none": "κανένα", "rona": "δεν απάντησε (RONA)",
        "offer_failed": "αποτυχία προσφοράς", "line_fault": "η γραμμή δεν μπόρεσε να καλέσει",
        "away": "Δεν δέχθηκε", "away_full": "λόγω πληρότητας", "away_caller": "του ίδιου αριθμού",
        "away_rate": "πάρα πολλές ανά δευτερόλεπτο",
        "lost_media_agent": "χάθηκε συσκευή εκπροσώπου", "lost_media_caller": "χάθηκε συσκευή πολίτη",
        "discrepancy": "ασυμφωνία", "command_lost": "εντολή χάθηκε", "prompt_lost": "λείπει ήχος",
        "unexpected": "απρόσμενο", "order": "εντολή", "trunk": "γραμμή παρόχου",
        "clock": "ρολόι", "set": "ρυθμίστηκε", "up": "εντάξει", "down": "ΕΚΤΟΣ", "since": "από",
        "formula": "εξυπηρ. εντός T / (προσφ. - εγκατ. εντός T)",
    },
}  # fmt: skip


def render(snapshot: Snapshot, language: Language = "el") -> RenderableType:
    """The whole board; 140 agents fit a terminal of 100 columns and 40 lines.

    ``snapshot["journal"]`` (``{"ok": bool, "detail": str}``) is the journal's health, where the caller adds it.
    """
    words = WORDS[language]
    return Group(
        _header(snapshot, words),
        _calls(snapshot, words),
        *_callbacks(snapshot, words),
        *_turned_away(snapshot, words),
        _queues(snapshot, words),
        _today(snapshot, words),
        _agents(snapshot, words),
        _notices(snapshot, words),
    )


def plain(snapshot: Snapshot, language: Language = "en") -> str:
    """One line for a log, and one more for every queue where somebody waits."""
    words, calls, today = WORDS[language], snapshot["calls"], snapshot["today"]
    parts = [
        snapshot["time"],
        words["link_up"] if snapshot["link"]["up"] else words["link_down"],
        _journal(snapshot, words)[0],
        f"{words['calls']}: " + _counts(calls, words),
        f"{words['longest']} {_clock(snapshot['longest_wait_s'])}",
        *(text.plain for text in (*_callbacks(snapshot, words), *_turned_away(snapshot, words))),
        f"{words['agents']}: " + (", ".join(f"{n} {words['a_' + s]}" for s, n in _by_state(snapshot) if n) or "-"),
        f"{words['today']}: {today['handled']}/{today['offered']} {words['handled']}, {_level(snapshot, words)}",
    ]
    waiting = [
        f"  {name}: {queue['waiting']} {words['waiting']}, {words['longest']} {_clock(queue['longest_wait_s'])}"
        for name, queue in snapshot["queues"].items()
        if queue["waiting"]
    ]
    return "\n".join([" | ".join(parts), *waiting])


def _header(snapshot: Snapshot, words: Mapping[str, str]) -> Text:
    time = snapshot["time"]
    link = snapshot["link"]
    text = Text(f"{words['title']}  {time[:10]} {time[11:19]}  {snapshot['node']}  ", style="bold")
    text.append(words["link_up"] if link["up"] else words["link_down"], "green" if link["up"] else "bold white on red")
    if not link["up"] and link["since"]:
        text.append(f" {words['since']} {link['since'][11:19]} {link['reason']}")
    text.append("  ")
    text.append(*_journal(snapshot, words))
    if snapshot["banner"]:
        text.append(f"  {words['banner']}: {snapshot['banner']}", "bold white on red")
    return text


def _journal(snapshot: Snapshot, words: Mapping[str, str]) -> tuple[str, str]:
    journal = snapshot.get("journal")
    if journal is None:
        return words["journal_none"], "dim"
    if not journal["ok"]:
        waiting = f" ({journal['buffered']} / -{journal['dropped']})" if "buffered" in journal else ""
        return f"{words['journal_bad']}{waiting} {journal.get('detail', '')}".rstrip(), "bold white on red"
    if journal.get("set_aside"):
        return f"{words['journal_ok']} ({words['journal_kept']} {journal['set_aside']})", "yellow"
    return words["journal_ok"], "green"


def _calls(snapshot: Snapshot, words: Mapping[str, str]) -> Text:
    text = Text("\n").append(f"{words['calls']}: ", "bold")
    text.append(_counts(snapshot["calls"], words))
    text.append(f"   {words['longest']} ")
    text.append(_clock(snapshot["longest_wait_s"]), _urgency(snapshot["longest_wait_s"], snapshot))
    return text


def _callbacks(snapshot: Snapshot, words: Mapping[str, str]) -> list[Text]:
    """A line of their own, where there are any now or were today."""
    calls, today = snapshot["calls"], snapshot["today"]
    if not (calls["promised"] or calls["dialling"] or today["callbacks"]):
        return []
    text = Text(f"{words['callbacks']}: ", "bold")
    text.append(", ".join(f"{calls[stage]} {words[stage]}" for stage in ("promised", "dialling")), "not bold")
    done = ", ".join(f"{today[figure]} {words[figure]}" for figure in ("called_back", "unreached"))
    return [text.append(f"; {words['today'].lower()}: {done}", "not bold")]


def _turned_away(snapshot: Snapshot, words: Mapping[str, str]) -> list[Text]:
    """Calls that were not let in since the start, where there are any."""
    away = snapshot.get("turned_away")
    if not away:
        return []
    told = ", ".join(f"{count} {words['away_' + why]}" for why, count in away.items())
    return [Text(f"{words['away']}: ", "bold").append(told, "bold red")]


def _counts(calls: Mapping[str, int], words: Mapping[str, str]) -> str:
    stages = ("menu", "waiting", "connecting", "talking", "transferring")
    return ", ".join(f"{calls[stage]} {words[stage]}" for stage in stages)


class _Queues(Table):
    """The table where all its figures fit, else a line for each queue, which a narrow terminal folds."""

    def __init__(self, *columns: str) -> None:
        super().__init__(box=box.SIMPLE_HEAD, padding=0, pad_edge=False)
        self._names = columns[1:]
        self._lines = Text("\n")
        self.add_column(columns[0])
        for name in self._names:
            self.add_column(name, justify="right", no_wrap=True)

    def enter(self, label: str, *figures: Text) -> None:
        """Add the row of a queue; ``figures`` in the order of the columns."""
        self.add_row(label, *figures)
        told = [Text(f"{name} ").append(figure) for name, figure in zip(self._names, figures, strict=True)]
        self._lines.append(f"{label}: ", "bold").append(Text(", ").join(told)).append("\n")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.update(width=WIDEST, max_width=WIDEST)
        if self.__rich_measure__(console, room).minimum <= options.max_width:
            yield from super().__rich_console__(console, options)
        else:
            yield self._lines


def _queues(snapshot: Snapshot, words: Mapping[str, str]) -> Table:
    figures = ("to_call", "agents_in", "offered", "handled", "abandoned", "overflowed", "asa", "aht", "sl")
    table = _Queues(words["queue"], words["waiting"], "max", *(words[figure] for figure in figures))
    for name, queue in snapshot["queues"].items():
        today = queue["today"]
        table.enter(
            queue.get("label", name),
            Text(str(queue["waiting"]), "bold" if queue["waiting"] else "dim"),
            Text(_clock(queue["longest_wait_s"]), _urgency(queue["longest_wait_s"], snapshot)),
            Text(str(queue["promised"] + queue["dialling"])),
            Text(str(queue["agents_in"])),
            *(Text(str(today[figure])) for figure in ("offered", "handled", "abandoned", "overflowed")),
            Text(_clock(today["asa_s"])),
            Text(_clock(today["aht_s"])),
            Text(_percent(today["service_level"])),
        )
    return table


def _today(snapshot: Snapshot, words: Mapping[str, str]) -> Text:
    today = snapshot["today"]
    text = Text().append(f"{words['today']}: ", "bold")
    text.append(", ".join(f"{today[figure]} {words[figure]}" for figure in ("offered", "handled", "abandoned")))
    text.append(f", {words['asa']} {_clock(today['asa_s'])}, {words['aht']} {_clock(today['aht_s'])}")
    text.append(f", {words['occupancy']} {_percent(today['occupancy'])}\n")
    text.append(_level(snapshot, words), "bold").append(f"  = {words['formula']}\n", "dim")
    return text


def _level(snapshot: Snapshot, words: Mapping[str, str]) -> str:
    t_s = snapshot["service_level"]["t_s"]
    return f"{words['service_level']} {_percent(snapshot['today']['service_level'])} {words['within']} T={t_s:g} s"


def _by_state(snapshot: Snapshot) -> list[tuple[str, int]]:
    return [(state, snapshot["agents_by_state"][state]) for state in STATES]


def _agents(snapshot: Snapshot, words: Mapping[str, str]) -> Group:
    """Count the agents by state, then show all who are logged in: those who serve in columns, the others by reason."""
    order = list(STATES)
    inside = [(name, one) for name, one in snapshot["agents"].items() if one["state"] != "logged_out"]
    inside.sort(key=lambda item: (order.index(item[1]["state"]), item[0]))
    roomy = len(inside) <= ROOMY
    title = Text(f"{words['agents']}: ", "bold")
    for state, count in _by_state(snapshot):
        letter, style = STATES[state]
        title.append(f"{letter} ", style).append(f"{words['a_' + state]} {count}  ", "not bold")
    serving = [(name, one) for name, one in inside if one["state"] != "not_ready"]
    cells = [_letter(one).append(_cell(name, one, roomy=roomy)) for name, one in serving]
    away = [(name, one) for name, one in inside if one["state"] == "not_ready"]
    shown = [Columns(_aligned(cells), padding=(0, 1))] if cells else []
    return Group(title, *shown, *_not_ready(away, roomy=roomy), Text())


def _letter(one: Mapping[str, Any]) -> Text:
    letter, style = STATES[one["state"]]
    return Text(f"{letter} ", style)


def _not_ready(away: list[tuple[str, Mapping[str, Any]]], *, roomy: bool) -> Iterator[Text]:
    """A line for each reason: the whole reason, how many, and who."""
    for reason in sorted({one["reason"] for _, one in away}):
        found = [(name, one) for name, one in away if one["reason"] == reason]
        cells = Text(", ").join(_cell(name, one, roomy=roomy) for name, one in found)
        yield _letter(found[0][1]).append(f"{reason or '-'} {len(found)}: ", "bold").append(cells)


def _aligned(cells: list[Text]) -> list[Text]:
    width = max((cell.cell_len for cell in cells), default=0)
    for cell in cells:
        cell.pad_right(width - cell.cell_len)
    return cells


def _cell(name: str, one: Mapping[str, Any], *, roomy: bool) -> Text:
    """``a17``, or ``a17 03:12`` where there is room; ``?`` follows an agent whose phone cannot be reached."""
    cell = Text(name, STATES[one["state"]][1])
    if one["reachable"] is False:
        cell.append("?", "bold red")
    if roomy:
        cell.append(f" {_clock(one['in_state_s'])}", "dim")
    return cell


def _notices(snapshot: Snapshot, words: Mapping[str, str]) -> Text:
    text = Text().append(f"{words['notices']}: ", "bold")
    last = list(snapshot["notices"])[-NOTICES_SHOWN:]
    if not last:
        text.append(words["none"], "dim")
    for notice in reversed(last):
        text.append(f"\n  {notice['time'][11:19]}  ").append(words.get(notice["kind"], notice["kind"]), "yellow")
        text.append(f"  {words.get(notice['subject'], notice['subject'])}  {notice['detail']}")
    return text


def _urgency(wait_s: float, snapshot: Snapshot) -> str:
    t_s = snapshot["service_level"]["t_s"]
    return "bold red" if wait_s > 5 * t_s else "yellow" if wait_s > t_s else ""


def _clock(seconds: float | None) -> str:
    """``3:07``, ``1:02:09``; ``-`` where it is not defined."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f} %"
