"""A row of the result table."""

from dataclasses import dataclass, field


@dataclass
class Row:
    """One attack and its result."""

    name: str
    expected: str
    got: list = field(default_factory=list)
    milliseconds: float = 0.0
    is_well: bool = True

    def note(self, text, is_well, milliseconds=0.0):
        if text not in self.got:
            self.got.append(text)
        self.is_well &= is_well
        self.milliseconds = max(self.milliseconds, milliseconds)
