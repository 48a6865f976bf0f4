"""Hints for repair: one sentence for each kind of problem, in the admin's words.

A problem says what was found and what was expected; the hint says what to do. By the first of the patterns below that
fits ``key: found ..., expected ...``; a kind of problem without one of its own gets ``GENERAL``.
"""

from __future__ import annotations

import re

from calls import Problem

from .nodes import TYPES

GENERAL = "see the reference of this file in docs/dialplans.md"

_HINTS = (
    # the file as such
    (r"found an anchor or alias|found a merge key",
     "repeat the value wherever it is needed; a text that begins with & or * needs quotes"),
    (r"found a tag", "leave out the word with !; a text that begins with ! needs quotes"),
    (r"found the same key again", "delete one of the two, or give it another name"),
    (r"found a tab", "let the editor indent with spaces"),
    (r"found a second document", "delete the line of dashes and what follows, or move that into the first part"),
    (r"found an empty file",
     "is this the right folder? every site has line, menus, prompts, queues, agents and site.yaml"),
    (r"found byte 0x", "save the file as UTF-8"),
    (r"found a non-breaking space", "type an ordinary space there: this one most likely was pasted"),
    (r"\(letter \d+, '.', is (Greek|Latin)\)", "type that letter again, with the keyboard in the other language"),
    (r"found character '", "delete it: it cannot be seen, and most likely was pasted with a text"),
    (r"found a huge file|too many values|very deep nesting", "nothing on this line is so big: is this the right file?"),
    (r"expected the first ones put right", "put the first ones right and check again: one mistake often makes many"),
    (r"No such file|expected a file that can be read", "is this the right folder, and may you read what is in it?"),
    (r"mapping values are not allowed",
     'a text with ": " in it needs quotes around it; or the line above lacks its colon'),
    (r"unexpected end of stream", "a quote or a bracket is opened and never closed"),
    (r"expected ',' or", "a bracket is opened and never closed, or a comma is missing"),
    (r"could not find expected ':'",
     "every key needs a colon and a space behind it; a text with quotes inside needs others around it"),
    (r"cannot start any token", "a text that begins with @, ` or % needs quotes"),
    (r"did not find expected key|block (end|mapping|collection)", "indent the line exactly as its neighbours"),
    (r"well-formed YAML", "look at this line and the one above: indentation, colons, quotes, brackets"),
    (r"a key that is not plain text", "a key is one word in front of a colon"),
    # advice
    (r"outside its like", "put it into the range, or correct its number; a person of their own needs no range"),
    (r"which nothing leads to|which nobody hears", "name it where it belongs, or delete it"),
    (r"no key in Asterisk's own menu", "put the topics that matter most first in line.yaml"),
    (r"\d+ choices, expected", "move the rarest choices into a menu of their own"),
    (r"question \d+ of a caller", "ask less on the way, or let an agent ask"),
    # shapes and ranges
    (r"found an unknown key", "misspelt, or indented so that it belongs to something else"),
    (r"expected a key type:", "add type: with what the node does"),
    (r"found nothing, expected this key", "add the key that is missing"),
    (r"expected text \(numbers need quotes", 'put it in quotes, e.g. "15900"'),
    (r"expected (a mapping|a list)",
     "a list is [a, b] or lines with -; a mapping is {a: b} or indented lines with a colon"),
    (r"expected (a number|a whole number|true or false|at least|at most|more than|less than)",
     "write a value within these limits"),
    (r"in quotes", "a key of the telephone or a number needs quotes, and nothing else in them"),
    (r"found '?\{|expected .*\{n", "the forms of a number are listed in docs/dialplans.md"),
    (r"characters, (without|braces)", "shorten the text, or write it without these characters"),
    (r"letters, figures", "a phone's display is small: a few plain letters"),
    # what refers to what
    (r"found unknown (node|queue|prompt|role|topic|language|number|skill|policy)",
     "correct the name, or add what it names"),
    (r"a node no caller can reach", "let a choice, next or otherwise lead to it, or delete it"),
    (r"a loop without exit", "let one of these nodes lead to a menu that asks again, a queue, or a goodbye"),
    *(hint for part in TYPES.values() for hint in part.HINTS),
    (r"a key of its own|each language once|each agent in one range", "delete one of the two"),
    (r"external_numbers in site.yaml", "add the number to external_numbers in site.yaml; nothing else may be dialled"),
    (r"which needs a number", "nodes say prompts without numbers only: write one under prompts"),
    (r"found no translation", "add the text in this language, below the others"),
    (r"the line needs it|a callback needs it",
     "add this prompt, with a text in every language: the line says it on its own"),
    (r"expected a number up to", "raise upto, or delete this text"),
    (r"nobody who could serve it", "give an agent these skills, or let a relax step ask for less"),
    (r"which no agent has", "give the skill to an agent, or correct its name"),
    (r"the queue itself", "name another queue, or take another way"),
    (r"expected exactly one of", "keep one of these keys and delete the others"),
    (r"a range that makes no sense", "both ends with the same letters and as many digits, the lower one first"),
    (r"expected ('|true$)", "write one of these words"),
    (r"expected at: a number with", "add at: with the limit, or delete it where the rule has none"),
    (r"expected (a|an|one of|names|each|the|another|no|digits|more)\b|e\.g\. ", "write it as shown"),
)  # fmt: skip

_TABLE = tuple((re.compile(pattern), said) for pattern, said in _HINTS)


def hint(problem: Problem) -> str:
    """Give the hint for a problem."""
    said = f"{problem.key}: found {problem.found}, expected {problem.expected}"
    return next((text for pattern, text in _TABLE if pattern.search(said)), GENERAL)
