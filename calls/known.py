"""What is known of a citizen, kept in one place: a walk through the menus adds to it, a wait and a callback read it."""

from __future__ import annotations

from typing import final

from .words import Attribute


@final
class Known:
    """What a citizen said or services told of them. ``variables``: the site's own values; the language is always there.

    It outlives the walk that filled it.
    """

    attributes: dict[Attribute, str]
    variables: dict[str, str]

    def __init__(self, attributes: dict[Attribute, str], variables: dict[str, str] | None = None) -> None:
        self.attributes = attributes
        self.variables = {} if variables is None else variables

    @classmethod
    def speaking(cls, language: str) -> Known:
        """Begin with nothing but the language."""
        return cls({Attribute.LANGUAGE: language})

    def copy(self) -> Known:
        """Give what is known now to a call of its own."""
        return Known(dict(self.attributes), dict(self.variables))

    @property
    def language(self) -> str:
        return self.attributes[Attribute.LANGUAGE]

    @property
    def topic(self) -> str | None:
        return self.attributes.get(Attribute.TOPIC)

    @property
    def role(self) -> str | None:
        return self.attributes.get(Attribute.ROLE)
